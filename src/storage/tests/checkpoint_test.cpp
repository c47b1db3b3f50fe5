// Kafka's text files beside the logs: what is accepted, what is written, what a malformed one says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/checkpoint_file.h"
#include "storage/log_directory_name.h"
#include "storage/meta_properties.h"
#include "storage/offset_checkpoint.h"
#include "storage/partition_metadata.h"

namespace barnabas::storage {
namespace {

using testing::HasSubstr;

std::string error_of(const auto& outcome) {
  return outcome ? "no error" : outcome.error().message;
}

TEST(checkpoint, reads_what_kafka_wrote) {
  const auto offsets =
      parse_offsets("0\n3\n__transaction_state 42 0\ng-lz4 0 865\ng-txn 1 321\n", "f");
  ASSERT_TRUE(offsets) << error_of(offsets);
  EXPECT_EQ(offsets->size(), 3U);
  EXPECT_EQ(offsets->at({"g-lz4", 0}), 865);
}

TEST(checkpoint, writes_what_it_reads) {
  offset_lines lines;
  lines.add({"a", 0}, 17);
  offset_lines more;
  more.add({"b.c_d", 12}, 9'223'372'036'854'775'807);
  lines.append(more);
  const auto text = format_checkpoint(lines.count, lines.text);
  EXPECT_EQ(text, "0\n2\na 0 17\nb.c_d 12 9223372036854775807\n");
  const auto offsets = parse_offsets(text, "f");
  ASSERT_TRUE(offsets);
  EXPECT_EQ(offsets->at({"b.c_d", 12}), 9'223'372'036'854'775'807);
  EXPECT_EQ(format_checkpoint(0, ""), "0\n0\n");
}

TEST(checkpoint, last_line_may_lack_its_line_feed) {
  EXPECT_TRUE(parse_offsets("0\n1\na 0 17", "f"));
  EXPECT_TRUE(parse_offsets("0\n0", "f"));
}

TEST(checkpoint, malformed_one_names_file_and_line) {
  EXPECT_EQ(error_of(parse_offsets("", "dir/f")), "dir/f line 1: the version is missing");
  EXPECT_EQ(error_of(parse_offsets("1\n0\n", "f")), "f line 1: version 1 is unknown, expected 0");
  EXPECT_EQ(error_of(parse_offsets("0\n", "f")), "f line 2: the number of entries is missing");
  EXPECT_EQ(error_of(parse_offsets("0\nx\n", "f")), "f line 2: 'x' is not a whole number");
  EXPECT_EQ(error_of(parse_offsets("0\n2\na 0 1\n", "f")),
            "f line 2: announces 2 entries, but there are 1");
  EXPECT_EQ(error_of(parse_offsets("0\n1\na 0 1\nb 0 1\n", "f")),
            "f line 2: announces 1 entries, but there are 2");
  EXPECT_EQ(error_of(parse_offsets("0\n1\na 0\n", "f")),
            "f line 3: 2 fields where 3 belong: 'a 0'");
  EXPECT_EQ(error_of(parse_offsets("0\n1\na 0 1 2\n", "f")),
            "f line 3: 4 fields where 3 belong: 'a 0 1 2'");
  EXPECT_EQ(error_of(parse_offsets("0\n1\na 0 -1\n", "f")),
            "f line 3: -1 is not between 0 and 9223372036854775807");
  EXPECT_EQ(error_of(parse_offsets("0\n1\na 99999999999 1\n", "f")),
            "f line 3: 99999999999 is not between 0 and 2147483647");
  EXPECT_EQ(error_of(parse_offsets("0\n1\na 0 99999999999999999999\n", "f")),
            "f line 3: '99999999999999999999' is not a whole number");
}

TEST(checkpoint, announced_count_allocates_nothing) {
  EXPECT_THAT(error_of(parse_offsets("0\n2147483647\na 0 1\n", "f")),
              HasSubstr("announces 2147483647"));
}

TEST(checkpoint, zeros_of_a_lost_write_are_an_error) {
  EXPECT_FALSE(parse_offsets(std::string(40, '\0'), "f"));
}

TEST(partition_metadata, round_trip_in_kafkas_form) {
  const auto id = uuid::parse("_O6TVEiNQH-46WsPYOhkSQ");
  ASSERT_TRUE(id);
  EXPECT_EQ(format_partition_metadata(*id), "version: 0\ntopic_id: _O6TVEiNQH-46WsPYOhkSQ\n");
  const auto read = parse_partition_metadata("version: 0\ntopic_id: _O6TVEiNQH-46WsPYOhkSQ", "f");
  ASSERT_TRUE(read) << error_of(read);
  EXPECT_EQ(*read, *id);
}

TEST(partition_metadata, malformed_one_names_file_and_line) {
  EXPECT_EQ(error_of(parse_partition_metadata("", "f")), "f line 1: expected version: 0: ''");
  EXPECT_EQ(error_of(parse_partition_metadata("version: 1\n", "f")),
            "f line 1: expected version: 0: 'version: 1'");
  EXPECT_EQ(error_of(parse_partition_metadata("version: 0\ntopic_id: short\n", "f")),
            "f line 2: expected topic_id: and an id: 'topic_id: short'");
  EXPECT_FALSE(parse_partition_metadata("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA\n", "f"));
  EXPECT_FALSE(
      parse_partition_metadata("version: 0\ntopic_id: _O6TVEiNQH-46WsPYOhkSQ\nmore\n", "f"));
}

TEST(meta_properties, reads_both_versions) {
  const auto zookeeper = parse_meta_properties(
      "#\n#Mon Nov 23 03:01:22 UTC 2026\nbroker.id=1\nversion=0\ncluster.id=dCem\n", "f");
  ASSERT_TRUE(zookeeper) << error_of(zookeeper);
  EXPECT_EQ(*zookeeper, (meta_properties{0, "dCem", 1, std::nullopt, {}}));

  const auto kraft = parse_meta_properties(
      "#\r\nversion=1\r\n\nnode.id : "
      "7\ncluster.id=a\\=b\ndirectory.id=_O6TVEiNQH-46WsPYOhkSQ\nfuture.key=x y\n",
      "f");
  ASSERT_TRUE(kraft) << error_of(kraft);
  EXPECT_EQ(kraft->version, 1);
  EXPECT_EQ(kraft->broker_id, 7);
  EXPECT_EQ(kraft->cluster_id, "a=b");
  EXPECT_EQ(kraft->directory_id, uuid::parse("_O6TVEiNQH-46WsPYOhkSQ"));
  EXPECT_EQ(kraft->others.at("future.key"), "x y");
  EXPECT_EQ(parse_meta_properties(format_meta_properties(*kraft), "f"), *kraft);
}

TEST(meta_properties, broker_of_a_zookeeper_cluster_may_have_no_ids_yet) {
  EXPECT_TRUE(parse_meta_properties("version=0\n", "f"));
  EXPECT_EQ(error_of(parse_meta_properties("version=1\ncluster.id=x\n", "f")),
            "f line 2: node.id is missing");
  EXPECT_EQ(error_of(parse_meta_properties("version=1\nnode.id=1\n", "f")),
            "f line 2: cluster.id is missing");
}

TEST(meta_properties, malformed_one_names_file_and_line) {
  EXPECT_EQ(error_of(parse_meta_properties("broker.id=1\n", "f")), "f line 1: version is missing");
  EXPECT_EQ(error_of(parse_meta_properties("version=2\n", "f")),
            "f line 1: version '2' is unknown, expected 0 or 1");
  EXPECT_EQ(error_of(parse_meta_properties("version=0\nbroker.id=one\n", "f")),
            "f line 2: broker.id 'one' is not a number from 0 on");
  EXPECT_EQ(error_of(parse_meta_properties("version=0\ncluster.id=\n", "f")),
            "f line 2: cluster.id is empty");
  EXPECT_EQ(error_of(parse_meta_properties("version=0\ndirectory.id=no\n", "f")),
            "f line 2: directory.id 'no' is not an id of 22 characters");
}

TEST(folder_name, forms_of_kafka_are_told_apart) {
  const auto kind_of = [](std::string_view name) {
    const auto parsed = parse_folder_name(name);
    return parsed ? static_cast<int>(parsed->kind) : -1;
  };
  EXPECT_EQ(kind_of("orders-3"), static_cast<int>(folder_kind::partition));
  EXPECT_EQ(kind_of("a-b.c-3"), static_cast<int>(folder_kind::partition));
  EXPECT_EQ(kind_of("orders-3.0123456789abcdef0123456789abcdef-delete"),
            static_cast<int>(folder_kind::deleted));
  EXPECT_EQ(kind_of("orders-3.0123456789abcdef0123456789abcdef-future"),
            static_cast<int>(folder_kind::future));
  EXPECT_EQ(kind_of("orders-3.0123456789abcdef0123456789abcdef-stray"),
            static_cast<int>(folder_kind::stray));
  for (const auto* other :
       {"lost+found", "orders", "orders-", "-3", "orders-x", "orders--", "orders-99999999999",
        "orders-03", "", ".x-delete", "orders-3.-delete"}) {
    EXPECT_EQ(kind_of(other), -1) << other;
  }
  EXPECT_EQ(parse_folder_name("a-1-2")->partition, (topic_partition{"a-1", 2}));
}

TEST(folder_name, set_aside_has_at_most_255_characters) {
  const auto id = uuid::from_random(1, 2);
  const auto name = aside_folder_name({std::string(249, 't'), 1234}, folder_kind::deleted, id);
  EXPECT_EQ(name.size(), 255U);
  EXPECT_EQ(parse_folder_name(name)->kind, folder_kind::deleted);
  EXPECT_EQ(parse_folder_name(name)->partition.partition, 1234);
  const auto short_name = aside_folder_name({"t", 0}, folder_kind::stray, id);
  EXPECT_EQ(short_name.size(), std::string_view("t-0.-stray").size() + 32);
  EXPECT_EQ(parse_folder_name(short_name)->kind, folder_kind::stray);
}

}  // namespace
}  // namespace barnabas::storage
