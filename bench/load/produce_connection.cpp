#include "bench/load/produce_connection.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/endian.h"

namespace barnabas::bench {

produce_connection::produce_connection(int descriptor, produce_run& run,
                                       std::vector<produce_request> requests,
                                       std::int64_t producer_id)
    : descriptor_(descriptor),
      run_(run),
      requests_(std::move(requests)),
      producer_id_(producer_id),
      incoming_(64 * 1024) {
  fcntl(descriptor_, F_SETFL, O_NONBLOCK);
}

produce_connection::~produce_connection() {
  close(descriptor_);
}

void produce_connection::pump() {
  while (in_flight_.size() < run_.depth) {
    if (!waiting_.empty()) {
      send(waiting_.front());
      waiting_.pop_front();
    } else if (run_.unclaimed > 0) {
      --run_.unclaimed;
      send(now_ns());
    } else {
      break;
    }
  }
  outgoing_.flush(descriptor_);
}

void produce_connection::send(std::int64_t intended_ns) {
  produce_request& request = requests_[next_request_];
  next_request_ = (next_request_ + 1) % requests_.size();
  const mutable_bytes head = outgoing_.add(request.head_bytes, request.tail());
  std::memcpy(head.data(), request.bytes.data(), head.size());
  store_big_endian(head.data() + produce_request::correlation_at, next_correlation_);
  if (producer_id_ >= 0) {
    stamp_producer(head, request, producer_id_);
    request.sequence += load_big_endian<std::int32_t>(request.bytes.data() + request.batch_at + 57);
  }
  in_flight_.push_back({next_correlation_++, intended_ns});
  for (std::int32_t i = 0; run_.times != nullptr && i < request.partitions; ++i) {
    run_.times->sent(request.first_partition + i, intended_ns);
  }
}

void produce_connection::on_ready() {
  while (true) {
    const ssize_t count =
        recv(descriptor_, incoming_.data() + received_, incoming_.size() - received_, 0);
    if (count < 0 && errno == EAGAIN) {
      break;
    }
    if (count <= 0) {
      die("the server closed a producer's connection");
    }
    received_ += static_cast<std::size_t>(count);
    take_answers();
  }
  pump();
}

void produce_connection::take_answers() {
  const std::int64_t now = now_ns();
  std::size_t begin = 0;
  while (received_ - begin >= 4) {
    const auto size =
        static_cast<std::size_t>(load_big_endian<std::int32_t>(incoming_.data() + begin));
    if (received_ - begin < size + 4) {
      incoming_.resize(std::max(incoming_.size(), size + 4));
      break;
    }
    take_answer(bytes_view(incoming_).subspan(begin + 4, size), now);
    begin += size + 4;
  }
  std::memmove(incoming_.data(), incoming_.data() + begin, received_ - begin);
  received_ -= begin;
}

void produce_connection::take_answer(bytes_view answer, std::int64_t now) {
  const std::int16_t error = run_.error_in(answer);
  if (error != 0) {
    die(fmt::format("the server answered a request with error {}", error));
  }
  if (in_flight_.empty() ||
      load_big_endian<std::int32_t>(answer.data()) != in_flight_.front().correlation) {
    die("the server answered out of order");
  }
  if (in_flight_.front().intended_ns >= run_.measured_from_ns) {
    run_.latency.record(now - in_flight_.front().intended_ns);
  }
  in_flight_.pop_front();
  ++run_.answered;
}

}  // namespace barnabas::bench
