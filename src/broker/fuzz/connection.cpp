// The input's first byte says how its bytes are put on the connection: as they are, or each part
// between two 0xff 0x00 as a frame with its true length, which gets further than a length that is
// made up.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/endian.h"
#include "base/ensure.h"
#include "broker/tests/whole_connection.h"

namespace {

using barnabas::bytes_view;

std::vector<std::vector<std::byte>> framed(bytes_view input) {
  constexpr std::array mark{std::byte{0xff}, std::byte{0}};
  std::vector<std::vector<std::byte>> frames;
  while (!input.empty()) {
    const auto end = std::search(input.begin(), input.end(), mark.begin(), mark.end());
    const bytes_view part(input.begin(), end);
    std::vector<std::byte> frame(4);
    barnabas::store_big_endian(frame.data(), static_cast<std::int32_t>(part.size()));
    frame.insert(frame.end(), part.begin(), part.end());
    frames.push_back(std::move(frame));
    input = input.subspan(std::min(input.size(), part.size() + mark.size()));
  }
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const bytes_view input(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  std::vector<std::vector<std::byte>> frames;
  if (data[0] % 4 == 0) {
    frames.emplace_back(input.begin(), input.end());
  } else {
    frames = framed(input);
  }
  const std::vector<bytes_view> pieces(frames.begin(), frames.end());
  const std::string problem = barnabas::broker::send_to_a_broker(1, pieces);
  barnabas::ensure(problem.empty(), problem.c_str());
  return 0;
}
