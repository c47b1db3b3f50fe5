// The least that a server can do with Produce requests (versions 9 to 13) and still be one: read
// frames, find each record batch, check its CRC, number it, append it to a file, answer. The limit
// that the broker is measured against. Other requests, which only real clients send, are asked of a
// broker, whose advertised address is this server's.
//   bare_produce PORT FILE [sync] [BROKER'S PORT]
#include <string>

#include "base/crc32c.h"
#include "bench/bare/append_file.h"
#include "bench/bare/broker_behind.h"
#include "bench/bare/frame_server.h"
#include "bench/wire.h"

namespace barnabas::bench {
namespace {

// Where a batch's checksum is, and where the bytes begin that it covers.
constexpr std::size_t crc_at = 17;
constexpr std::size_t crc_from = 21;
// From this version on a topic is named by its id.
constexpr int version_with_ids = 13;

class produce_peer final : public frame_peer {
 public:
  produce_peer(int descriptor, append_file& file, broker_behind* broker)
      : descriptor_(descriptor), file_(file), broker_(broker) {}

  void on_frames(const std::vector<mutable_bytes>& frames) override {
    answers_.clear();
    for (const mutable_bytes frame : frames) {
      take(frame);
    }
    file_.flush();
    send_all(descriptor_, answers_.view());
  }

 private:
  void take(mutable_bytes frame) {
    wire_reader request(frame);
    if (const std::int16_t key = request.int16(); key != 0 && broker_ != nullptr) {
      answers_.raw(broker_->ask(frame));
      return;
    }
    version_ = request.int16();
    const std::size_t start = answers_.size();
    answers_.int32(0).int32(request.int32()).unsigned_varint(0);
    request.string();  // client id
    request.skip_tags();
    request.compact_bytes();  // transactional id
    request.int16();          // acks
    request.int32();          // timeout
    const std::uint32_t topics = request.compact_length();
    answers_.unsigned_varint(topics + 1);
    for (std::uint32_t topic = 0; topic < topics && !request.bad(); ++topic) {
      take_topic(request);
    }
    answers_.int32(0).unsigned_varint(0);
    answers_.seal_frame(start);
    if (request.bad()) {
      die("a Produce request ends too early");
    }
  }

  void take_topic(wire_reader& request) {
    if (version_ >= version_with_ids) {
      answers_.raw(request.take(16));
    } else {
      answers_.compact_string(as_text(request.compact_bytes()));
    }
    const std::uint32_t partitions = request.compact_length();
    answers_.unsigned_varint(partitions + 1);
    for (std::uint32_t i = 0; i < partitions && !request.bad(); ++i) {
      answers_.int32(request.int32()).int16(0).int64(append(request.compact_bytes()));
      answers_.int64(-1).int64(0).unsigned_varint(1).unsigned_varint(0).unsigned_varint(0);
      request.skip_tags();
    }
    answers_.unsigned_varint(0);
    request.skip_tags();
  }

  std::int64_t append(bytes_view batch) {
    if (batch.size() < 61 ||
        crc32c(batch.subspan(crc_from)) != load_big_endian<std::uint32_t>(batch.data() + crc_at)) {
      die("a batch's checksum is wrong");
    }
    const std::int64_t offset = next_offset_;
    next_offset_ += load_big_endian<std::int32_t>(batch.data() + 23) + 1;
    store_big_endian(const_cast<std::byte*>(batch.data()), offset);
    file_.add(batch);
    return offset;
  }

  int descriptor_;
  append_file& file_;
  broker_behind* broker_;
  int version_ = 0;
  wire_writer answers_;
  std::int64_t next_offset_ = 0;
};

}  // namespace
}  // namespace barnabas::bench

int main(int count, char** arguments) {
  using namespace barnabas::bench;
  std::vector<std::string> words(arguments + 1, arguments + count);
  if (words.size() < 2) {
    die("usage: bare_produce PORT FILE [sync] [BROKER'S PORT]");
  }
  const bool is_durable = words.size() > 2 && words[2] == "sync";
  append_file file(words[1], is_durable);
  std::unique_ptr<broker_behind> broker;
  if (words.size() > (is_durable ? 3 : 2)) {
    broker = std::make_unique<broker_behind>(std::stoi(words.back()));
  }
  serve_frames(std::stoi(words[0]), [&](int descriptor) {
    return std::make_unique<produce_peer>(descriptor, file, broker.get());
  });
}
