#include "bench/load/fetch_connection.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace barnabas::bench {
namespace {

constexpr std::size_t head_room = 4096;

}  // namespace

fetch_connection::fetch_connection(int descriptor, fetch_run& run, std::int32_t partition,
                                   std::int64_t stop_after)
    : descriptor_(descriptor),
      run_(run),
      partition_(partition),
      stop_after_(stop_after),
      head_(head_room) {
  fcntl(descriptor_, F_SETFL, O_NONBLOCK);
}

fetch_connection::~fetch_connection() {
  close(descriptor_);
}

void fetch_connection::ask() {
  request_.clear();
  request_.int32(0).int16(1).int16(12).int32(9).string("bench").unsigned_varint(0);
  request_.int32(-1).int32(500).int32(1).int32(run_.most_bytes).int8(0);
  request_.int32(session_id_).int32(session_epoch_);
  request_.unsigned_varint(2).compact_string(run_.topic).unsigned_varint(2);
  request_.int32(partition_).int32(-1).int64(batches_ * run_.batch_records).int32(-1).int64(-1);
  request_.int32(run_.most_bytes).unsigned_varint(0).unsigned_varint(0);
  request_.unsigned_varint(1).unsigned_varint(1).unsigned_varint(0);
  request_.seal_frame();
  const ssize_t sent = send(descriptor_, request_.view().data(), request_.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(request_.size())) {
    die_of_errno("sending a Fetch request");
  }
}

void fetch_connection::on_ready() {
  while (!is_done_) {
    // With no buffer and MSG_TRUNC the kernel throws the bytes away uncopied (tcp(7)).
    const ssize_t count =
        to_drop_ > 0 ? recv(descriptor_, nullptr, static_cast<std::size_t>(to_drop_), MSG_TRUNC)
                     : recv(descriptor_, head_.data() + received_, head_.size() - received_, 0);
    if (count < 0 && errno == EAGAIN) {
      return;
    }
    if (count <= 0) {
      die("the server closed a reader's connection");
    }
    if (to_drop_ > 0) {
      to_drop_ -= count;
    } else {
      received_ += static_cast<std::size_t>(count);
      if (!take_head()) {
        continue;
      }
    }
    if (to_drop_ == 0) {
      finish_answer();
    }
  }
}

bool fetch_connection::take_head() {
  const bytes_view here = bytes_view(head_).first(received_);
  wire_reader reader(here);
  const std::int32_t size = reader.int32();
  const bool is_whole = received_ >= static_cast<std::size_t>(size) + 4;
  reader.int32();  // correlation
  reader.skip_tags();
  reader.int32();  // throttle time
  const std::int16_t error = reader.int16();
  const std::int32_t session = reader.int32();
  records_bytes_ = 0;
  base_offset_ = -1;
  if (reader.compact_length() > 0) {
    reader.compact_bytes();  // topic
    reader.compact_length();
    take_partition(reader);
  }
  if (reader.bad() && !is_whole) {
    return false;
  }
  if (error != 0 || reader.bad()) {
    die(fmt::format("the server answered a Fetch request with error {}", error));
  }
  session_epoch_ = session == 0 ? 0 : session_epoch_ + 1;
  session_id_ = session;
  to_drop_ = size + 4 - static_cast<std::int64_t>(received_);
  received_ = 0;
  return true;
}

void fetch_connection::take_partition(wire_reader& reader) {
  reader.int32();
  const std::int16_t error = reader.int16();
  reader.take(24);  // high watermark, last stable offset, log start
  for (std::uint32_t aborted = reader.compact_length(); aborted > 0; --aborted) {
    reader.take(16);
    reader.skip_tags();
  }
  reader.int32();  // preferred replica
  records_bytes_ = reader.compact_length();
  if (records_bytes_ > 0) {
    base_offset_ = reader.int64();
  }
  if (error != 0 && !reader.bad()) {
    die(fmt::format("partition {} is answered with error {}", partition_, error));
  }
}

void fetch_connection::count_batches() {
  const std::int64_t whole = records_bytes_ / run_.batch_bytes;
  if (whole == 0 || base_offset_ != batches_ * run_.batch_records) {
    die(fmt::format("partition {}: asked for offset {}, got {} bytes from offset {}", partition_,
                    batches_ * run_.batch_records, records_bytes_, base_offset_));
  }
  const std::int64_t now = now_ns();
  for (std::int64_t i = 0; run_.times != nullptr && i < whole; ++i) {
    const std::int64_t intended = run_.times->intended_ns(partition_, batches_ + i);
    if (intended >= run_.measured_from_ns) {
      run_.delivery.record(now - intended);
    }
  }
  batches_ += whole;
}

void fetch_connection::finish_answer() {
  if (records_bytes_ > 0 && run_.batch_records > 0) {
    count_batches();
  }
  run_.bytes += records_bytes_;
  bytes_read_ += records_bytes_;
  ++run_.answers;
  is_done_ = stop_after_ > 0 && bytes_read_ >= stop_after_;
  if (!is_done_) {
    ask();
  }
}

}  // namespace barnabas::bench
