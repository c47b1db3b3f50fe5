#include "protocol/writer.h"

#include <gtest/gtest.h>

#include "protocol/api_keys.h"
#include "protocol/json.h"
#include "protocol/message_bytes.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "protocol/messages/metadata_response.h"
#include "protocol/messages/request_header.h"

namespace barnabas::protocol {
namespace {

fetch_response answer_with(records payload) {
  fetch_response answer;
  fetch_response::fetchable_topic_response topic{.topic = "t"};
  topic.partitions.push_back({.partition_index = 1, .high_watermark = 5, .records = payload});
  topic.partitions.push_back({.partition_index = 2, .records = records::empty()});
  answer.responses.push_back(topic);
  return answer;
}

TEST(writer, leaves_external_records_out_and_says_where_they_go) {
  const std::string payload = "records that are in a file";
  const auto in_memory = to_bytes(answer_with(records(as_bytes(payload))), 12);
  ASSERT_TRUE(in_memory);
  const auto outside = answer_with(records::external(payload.size(), 42));
  EXPECT_EQ(outside.encoded_size(12), in_memory->size());
  EXPECT_EQ(outside.external_size(), payload.size());
  std::vector<std::byte> buffer(outside.encoded_size(12) - outside.external_size());
  writer out(buffer);
  ASSERT_TRUE(outside.write(out, 12));
  EXPECT_TRUE(out.is_full());
  ASSERT_EQ(out.splices().size(), 1u);
  EXPECT_EQ(out.splices()[0].slot, 42u);
  EXPECT_EQ(out.splices()[0].size_bytes, payload.size());
  const auto text = as_bytes(payload);
  buffer.insert(buffer.begin() + static_cast<std::ptrdiff_t>(out.splices()[0].position),
                text.begin(), text.end());
  EXPECT_EQ(buffer, *in_memory);
}

TEST(writer, refuses_to_lose_a_value_that_the_version_lacks) {
  fetch_request request;
  request.forgotten_topics_data.emplace_back();
  const auto written = to_bytes(request, 6);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, error_code::unsupported_version);
  EXPECT_EQ(written.error().message,
            "field forgottenTopicsData has a value, but version 6 of the message does not have the "
            "field");
  EXPECT_TRUE(to_bytes(request, 7));
}

TEST(writer, leaves_out_what_may_be_ignored) {
  fetch_request request;
  request.rack_id = "r";
  EXPECT_TRUE(to_bytes(request, 4));
}

TEST(writer, refuses_null_where_the_version_has_none) {
  metadata_response response;
  response.topics.push_back({.name = std::nullopt});
  const auto written = to_bytes(response, 9);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message,
            "field name is null, which this version of the message does not allow");
  EXPECT_TRUE(to_bytes(response, 12));
}

TEST(writer, refuses_strings_beyond_their_length_field) {
  const std::string text(32768, 'x');
  EXPECT_FALSE(to_bytes(request_header{.client_id = text}, 1));
  EXPECT_TRUE(to_bytes(request_header{.client_id = std::string_view(text).substr(1)}, 1));
}

TEST(apis, know_the_versions_of_headers) {
  const api& fetch = api_of(api_key::fetch);
  EXPECT_EQ(fetch.name, "Fetch");
  EXPECT_EQ(fetch.request_header_version(11), 1);
  EXPECT_EQ(fetch.request_header_version(12), 2);
  EXPECT_EQ(fetch.response_header_version(11), 0);
  EXPECT_EQ(fetch.response_header_version(12), 1);
  EXPECT_EQ(api_of(api_key::api_versions).request_header_version(3), 2);
  EXPECT_EQ(api_of(api_key::api_versions).response_header_version(3), 0);
  EXPECT_EQ(api_of(api_key::controlled_shutdown).request_header_version(0), 0);
  EXPECT_EQ(api_of(api_key::controlled_shutdown).request_header_version(1), 1);
}

TEST(apis, are_found_by_their_keys) {
  for (const api& it : apis()) {
    EXPECT_EQ(find_api(static_cast<std::int16_t>(it.key)), &it);
  }
  EXPECT_EQ(find_api(-1), nullptr);
  EXPECT_EQ(find_api(93), nullptr);
  EXPECT_EQ(find_api(32767), nullptr);
}

}  // namespace
}  // namespace barnabas::protocol
