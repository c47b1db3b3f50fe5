#include "protocol/reader.h"

#include <gtest/gtest.h>

#include "protocol/message_bytes.h"
#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/produce_request.h"

namespace barnabas::protocol {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  for (const int value : values) {
    result.push_back(static_cast<std::byte>(value));
  }
  return result;
}

template <class Message>
std::string error_of(const std::vector<std::byte>& input, std::int16_t version) {
  const auto read = from_bytes<Message>(input, version);
  return read ? "" : read.error().message;
}

TEST(reader, refuses_an_array_longer_than_the_bytes_that_are_left) {
  EXPECT_EQ(error_of<metadata_request>(bytes({0x7f, 0xff, 0xff, 0xff, 0, 0}), 0),
            "field topics at byte 4: 2147483647 elements do not fit into the bytes that are left "
            "(2 left)");
  EXPECT_EQ(error_of<metadata_request>(bytes({0xff, 0xff, 0xff, 0xff, 0x0f, 0}), 9),
            "field topics at byte 5: 4294967294 elements do not fit into the bytes that are left "
            "(1 left)");
}

TEST(reader, refuses_negative_lengths) {
  EXPECT_EQ(error_of<metadata_request>(bytes({0x80, 0, 0, 0}), 0),
            "field topics at byte 4: a negative length");
  EXPECT_EQ(error_of<metadata_request>(bytes({0, 0, 0, 1, 0xff, 0xfe}), 0),
            "field name at byte 6: a negative length");
}

TEST(reader, refuses_null_where_the_version_has_none) {
  EXPECT_EQ(error_of<metadata_request>(bytes({0xff, 0xff, 0xff, 0xff}), 0),
            "field topics at byte 4: null where a value must be");
  EXPECT_EQ(error_of<metadata_request>(bytes({0xff, 0xff, 0xff, 0xff}), 1), "");
}

TEST(reader, refuses_varints_that_never_end_or_are_too_large) {
  EXPECT_NE(error_of<metadata_request>(bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), 9), "");
  EXPECT_NE(error_of<metadata_request>(bytes({0xff, 0xff, 0xff, 0xff, 0x1f, 0, 0}), 9), "");
}

TEST(reader, refuses_elements_beyond_its_memory_limit) {
  std::vector<std::byte> input = bytes({0, 1, 0, 0});
  input.resize(4 + 65536 * 2);
  metadata_request message;
  reader in(input, 1 << 20);
  EXPECT_FALSE(message.read(in, 0));
  EXPECT_EQ(in.error_text(),
            "field topics at byte 4: 65536 elements exceed the memory limit of the message (131072 "
            "left)");
}

TEST(reader, refuses_bytes_behind_the_message) {
  EXPECT_EQ(error_of<metadata_request>(bytes({0, 0, 0, 0, 7}), 0), "1 bytes behind the last field");
}

TEST(reader, skips_tagged_fields_it_does_not_know) {
  const auto input = bytes({1, 1, 2, 9, 2, 0xaa, 0xbb, 200, 1, 0});
  EXPECT_EQ(error_of<api_versions_request>(input, 3), "");
}

TEST(reader, refuses_a_tagged_field_of_another_size_than_announced) {
  auto written = to_bytes(fetch_request{.cluster_id = "c"}, 12);
  ASSERT_TRUE(written);
  EXPECT_EQ(error_of<fetch_request>(*written, 12), "");
  // The message ends with tag 0, size 2, compact "c".
  (*written)[written->size() - 3] = std::byte{3};
  written->push_back(std::byte{0});
  EXPECT_TRUE(error_of<fetch_request>(*written, 12)
                  .ends_with("the tagged field's size is not what it takes"));
}

TEST(reader, gives_views_into_the_buffer) {
  const auto input = bytes({0xff, 0xff, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0, 1, 't',
                            0,    0,    0, 1, 0, 0, 0, 5, 0, 0, 0, 2, 7, 8});
  const auto request = from_bytes<produce_request>(input, 7);
  ASSERT_TRUE(request) << request.error().message;
  const auto& partition = request->topic_data.at(0).partition_data.at(0);
  EXPECT_EQ(partition.records.bytes().data(), input.data() + input.size() - 2);
  EXPECT_EQ(partition.records.size_bytes(), 2u);
  EXPECT_EQ(request->topic_data[0].name.data(), reinterpret_cast<const char*>(input.data() + 14));
}

}  // namespace
}  // namespace barnabas::protocol
