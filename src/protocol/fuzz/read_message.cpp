// Any bytes as any message in any version: reading ends with a message or an error, never allocates
// more than its limit, and a message that was read is written and measured without error, and reads
// back the same.
//
//   input: message 2 bytes, version 1 byte, body
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

void round_trip(const any_message& message, std::int16_t version) {
  const message_type& type = message.type();
  const std::string json = to_json(*type.description, message.get(), version);
  std::vector<std::byte> written(message.encoded_size(version));
  writer out(written);
  must(message.write(out, version) && out.is_full());
  any_message again(type);
  reader in(written, written.size() * 1024 + 4096);
  must(again.read(in, version) && in.remaining() == 0);
  must(to_json(*type.description, again.get(), version) == json);
}

void run(bytes_view input) {
  if (input.size() < 3) {
    return;
  }
  const auto types = message_types();
  const message_type& type = *types[load_big_endian<std::uint16_t>(input.data()) % types.size()];
  const int count = type.highest_version - type.lowest_version + 1;
  const auto version =
      static_cast<std::int16_t>(type.lowest_version + std::to_integer<int>(input[2]) % count);
  any_message message(type);
  reader in(input.subspan(3));
  if (message.read(in, version)) {
    round_trip(message, version);
  } else {
    must(!in.error_text().empty());
  }
}

}  // namespace
}  // namespace barnabas::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  barnabas::protocol::run({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
