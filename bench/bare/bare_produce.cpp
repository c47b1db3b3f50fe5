// The least that a server can do with Produce requests (version 9) and still be one: read frames,
// find each record batch, check its CRC, number it, append it to a file, answer. The limit that the
// broker is measured against.
//   bare_produce PORT FILE [sync]
#include <string>

#include "base/crc32c.h"
#include "bench/bare/append_file.h"
#include "bench/bare/frame_server.h"
#include "bench/wire.h"

namespace barnabas::bench {
namespace {

// Where a batch's checksum is, and where the bytes begin that it covers.
constexpr std::size_t crc_at = 17;
constexpr std::size_t crc_from = 21;

class produce_peer final : public frame_peer {
 public:
  produce_peer(int descriptor, append_file& file) : descriptor_(descriptor), file_(file) {}

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
    request.int32();  // key and version
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
    answers_.compact_string(as_text(request.compact_bytes()));
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
  wire_writer answers_;
  std::int64_t next_offset_ = 0;
};

}  // namespace
}  // namespace barnabas::bench

int main(int count, char** arguments) {
  using namespace barnabas::bench;
  if (count < 3) {
    die("usage: bare_produce PORT FILE [sync]");
  }
  append_file file(arguments[2], count > 3 && std::string(arguments[3]) == "sync");
  serve_frames(std::stoi(arguments[1]),
               [&](int descriptor) { return std::make_unique<produce_peer>(descriptor, file); });
}
