// Requests that are almost right, by the thousand: every served API and version with bytes changed,
// cut off or added.
#include <gtest/gtest.h>

#include <random>

#include "base/endian.h"
#include "broker/api_table.h"
#include "broker/tests/whole_connection.h"
#include "protocol/message_type.h"

namespace barnabas::broker {
namespace {

using bytes = std::vector<std::byte>;

// A request with all fields at their defaults, as a frame.
bytes plain_request(const api& row, std::int16_t version) {
  const protocol::api& known = protocol::api_of(row.key);
  const auto* type = protocol::find_message_type(std::string(known.name) + "Request");
  const protocol::any_message message(*type);
  const int header_version = known.request_header_version(version);
  const std::size_t header_bytes = 10 + (header_version == 2 ? 1 : 0);
  bytes out(4 + header_bytes + message.encoded_size(version));
  store_big_endian(out.data(), static_cast<std::int32_t>(out.size() - 4));
  store_big_endian(out.data() + 4, static_cast<std::int16_t>(row.key));
  store_big_endian(out.data() + 6, version);
  store_big_endian(out.data() + 12, std::int16_t{-1});
  protocol::writer writer(mutable_bytes(out).subspan(4 + header_bytes));
  EXPECT_TRUE(message.write(writer, version)) << writer.error_text();
  return out;
}

// Changes the body, and mostly keeps the length of the frame true.
void damage(bytes& request, std::mt19937& random) {
  constexpr std::size_t head_bytes = 12;
  for (unsigned changes = random() % 4; changes != 0; --changes) {
    const std::size_t at = head_bytes + random() % (request.size() - head_bytes + 1);
    switch (random() % 4) {
      case 0:
        request.resize(std::max(at, head_bytes + 1));
        break;
      case 1:
        request.insert(request.begin() + static_cast<std::ptrdiff_t>(at), 1 + random() % 20,
                       static_cast<std::byte>(random()));
        break;
      default:
        request[std::min(at, request.size() - 1)] =
            static_cast<std::byte>(random() % 2 == 0 ? 0xff : random());
    }
  }
  if (random() % 16 != 0) {
    store_big_endian(request.data(), static_cast<std::int32_t>(request.size() - 4));
  }
}

TEST(bad_input, damaged_requests_of_every_api_leave_the_broker_serving) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<bytes> requests;
    for (int i = 0; i < 6; ++i) {
      const auto rows = all_apis().rows();
      const api& row = rows[random() % rows.size()];
      const auto versions = static_cast<unsigned>(row.highest_version - row.lowest_version + 1);
      requests.push_back(
          plain_request(row, static_cast<std::int16_t>(row.lowest_version + random() % versions)));
      damage(requests.back(), random);
    }
    const std::vector<bytes_view> pieces(requests.begin(), requests.end());
    EXPECT_EQ(send_to_a_broker(seed, pieces), "") << "seed " << seed;
  }
}

TEST(bad_input, noise_leaves_the_broker_serving) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    bytes noise(1 + random() % 5000);
    for (std::byte& byte : noise) {
      byte = static_cast<std::byte>(random() % 3 == 0 ? random() : 0);
    }
    const bytes_view pieces[] = {noise};
    EXPECT_EQ(send_to_a_broker(seed, pieces), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace barnabas::broker
