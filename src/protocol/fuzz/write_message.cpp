// Any message, made by reading one version, written in any other: either an error that names a
// field that this version lacks, or exactly encoded_size bytes that read back and print the same.
//
//   input: message 2 bytes, version to read 1 byte, version to write 1 byte, body
#include <cstdint>
#include <cstdlib>

#include "base/endian.h"
#include "protocol/json.h"
#include "protocol/message_type.h"

namespace barnabas::protocol {
namespace {

void must(bool is_true) {
  if (!is_true) {
    std::abort();
  }
}

std::int16_t version_of(const message_type& type, std::byte choice) {
  const int count = type.highest_version - type.lowest_version + 1;
  return static_cast<std::int16_t>(type.lowest_version + std::to_integer<int>(choice) % count);
}

void write_as(const any_message& message, std::int16_t version) {
  const message_type& type = message.type();
  std::vector<std::byte> written(message.encoded_size(version));
  writer out(written);
  if (!message.write(out, version)) {
    must(!out.error_text().empty());
    return;
  }
  must(out.is_full());
  any_message again(type);
  reader in(written, written.size() * 1024 + 4096);
  must(again.read(in, version) && in.remaining() == 0);
  must(to_json(*type.description, again.get(), version) ==
       to_json(*type.description, message.get(), version));
}

void run(bytes_view input) {
  if (input.size() < 4) {
    return;
  }
  const auto types = message_types();
  const message_type& type = *types[load_big_endian<std::uint16_t>(input.data()) % types.size()];
  any_message message(type);
  reader in(input.subspan(4));
  if (message.read(in, version_of(type, input[2]))) {
    write_as(message, version_of(type, input[3]));
  }
}

}  // namespace
}  // namespace barnabas::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  barnabas::protocol::run({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
