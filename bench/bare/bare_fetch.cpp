// The least that a server can do with Fetch requests (version 12): answer each with as many bytes
// of a file as it asks for, by sendfile. The limit that the broker is measured against.
//   bare_fetch PORT FILE
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>

#include "bench/bare/frame_server.h"
#include "bench/wire.h"

namespace barnabas::bench {
namespace {

class fetch_peer final : public frame_peer {
 public:
  fetch_peer(int descriptor, int file, std::int64_t file_bytes)
      : descriptor_(descriptor), file_(file), file_bytes_(file_bytes) {}

  void on_frames(const std::vector<mutable_bytes>& frames) override {
    for (const mutable_bytes frame : frames) {
      begin_answer(frame);
    }
    on_writable();
  }

  void on_writable() override {
    while (left_ > 0) {
      const ssize_t sent =
          sendfile(descriptor_, file_, &position_, static_cast<std::size_t>(left_));
      if (sent <= 0) {
        return;
      }
      left_ -= sent;
      if (left_ == 0) {
        constexpr std::byte no_tags[3] = {};
        send_all(descriptor_, no_tags);
      }
    }
  }

 private:
  // The client asks for one thing at a time.
  void begin_answer(bytes_view frame) {
    wire_reader request(frame);
    request.int32();  // key and version
    const std::int32_t correlation = request.int32();
    request.string();  // client id
    request.skip_tags();
    request.take(12);  // replica, longest wait, least bytes
    left_ = request.int32();
    if (position_ + left_ > file_bytes_) {
      position_ = 0;
    }
    head_.clear();
    head_.int32(0).int32(correlation).unsigned_varint(0).int32(0).int16(0).int32(0);
    head_.unsigned_varint(2).compact_string("bare").unsigned_varint(2).int32(0).int16(0);
    head_.int64(file_bytes_).int64(file_bytes_).int64(0).unsigned_varint(0).int32(-1);
    head_.unsigned_varint(static_cast<std::uint32_t>(left_) + 1);
    const auto size = static_cast<std::int64_t>(head_.size()) - 4 + left_ + 3;
    store_big_endian(head_.at(0), static_cast<std::int32_t>(size));
    send_all(descriptor_, head_.view(), true);
  }

  int descriptor_;
  int file_;
  std::int64_t file_bytes_;
  off_t position_ = 0;
  std::int64_t left_ = 0;
  wire_writer head_;
};

}  // namespace
}  // namespace barnabas::bench

int main(int count, char** arguments) {
  using namespace barnabas::bench;
  if (count < 3) {
    die("usage: bare_fetch PORT FILE");
  }
  const int file = open(arguments[2], O_RDONLY | O_CLOEXEC);
  struct stat status{};
  if (file < 0 || fstat(file, &status) != 0) {
    die_of_errno(std::string("opening ") + arguments[2]);
  }
  serve_frames(std::stoi(arguments[1]), [&](int descriptor) {
    return std::make_unique<fetch_peer>(descriptor, file, status.st_size);
  });
}
