#include <gtest/gtest.h>

#include "storage/index_bytes.h"
#include "storage/leader_epoch_cache.h"
#include "storage/log_file_names.h"
#include "storage/offset_index.h"
#include "storage/time_index.h"
#include "storage/transaction_index.h"

namespace barnabas::storage {
namespace {

template <class Entry>
std::vector<std::byte> encoded(const std::vector<Entry>& entries, std::size_t blank = 0) {
  std::vector<std::byte> bytes((entries.size() + blank) * Entry::encoded_bytes);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].encode(&bytes[i * Entry::encoded_bytes]);
  }
  return bytes;
}

TEST(offset_index, the_entry_at_or_below_an_offset) {
  const auto bytes = encoded<offset_index_entry>({{10, 100}, {20, 200}, {30, 300}}, 1000);
  using pair = std::pair<std::int64_t, std::int64_t>;
  const auto bounds = [&](std::int64_t offset) {
    const batch_bounds found = find_offset(bytes, offset);
    return pair(found.first, found.last);
  };
  EXPECT_EQ(bounds(9), pair(0, 100));
  EXPECT_EQ(bounds(10), pair(100, 200));
  EXPECT_EQ(bounds(29), pair(200, 300));
  EXPECT_EQ(bounds(3'000'000'000), pair(300, -1));
  EXPECT_EQ(find_position(bytes, 101)->relative_offset, 20);
  EXPECT_EQ(find_position(bytes, 300)->relative_offset, 30);
  EXPECT_FALSE(find_position(bytes, 301));
  EXPECT_EQ(count_entries<offset_index_entry>(bytes), 3U);
  EXPECT_EQ(find_offset({}, 5).last, -1);
}

TEST(time_index, the_entry_at_or_below_a_timestamp) {
  const auto bytes = encoded<time_index_entry>({{1000, 0}, {2000, 7}}, 5);
  EXPECT_FALSE(find_time(bytes, 999));
  EXPECT_EQ(find_time(bytes, 1999)->relative_offset, 0);
  EXPECT_EQ(find_time(bytes, 2000)->relative_offset, 7);
}

TEST(transaction_index, overlapping_transactions_until_the_stable_offset) {
  const std::vector<transaction_index_entry> entries{
      {.producer_id = 1, .first_offset = 0, .last_offset = 9, .last_stable_offset = 10},
      {.producer_id = 2, .first_offset = 20, .last_offset = 29, .last_stable_offset = 30},
      {.producer_id = 3, .first_offset = 40, .last_offset = 49, .last_stable_offset = 50}};
  const auto bytes = encoded(entries);
  EXPECT_EQ(transaction_index_entry::decode(&bytes[34]), entries[1]);
  aborted_transaction_collector collector{.start_offset = 10, .upper_offset = 30, .found = {}};
  EXPECT_TRUE(collector.take_all(bytes));
  EXPECT_EQ(collector.found, (std::vector<aborted_transaction>{{2, 20}}));
}

TEST(leader_epoch_cache, epochs_and_their_ends) {
  leader_epoch_cache cache;
  EXPECT_TRUE(cache.assign(2, 0));
  EXPECT_TRUE(cache.assign(5, 100));
  EXPECT_FALSE(cache.assign(5, 150));
  EXPECT_FALSE(cache.assign(4, 150));
  EXPECT_TRUE(cache.assign(7, 200));
  EXPECT_EQ(cache.end_offset_for(7, 300), (epoch_end_offset{7, 300}));
  EXPECT_EQ(cache.end_offset_for(6, 300), (epoch_end_offset{5, 200}));
  EXPECT_EQ(cache.end_offset_for(2, 300), (epoch_end_offset{2, 100}));
  EXPECT_EQ(cache.end_offset_for(1, 300), (epoch_end_offset{1, 0}));
  EXPECT_EQ(cache.end_offset_for(8, 300), epoch_end_offset{});
  EXPECT_EQ(cache.epoch_of(199), 5);
  EXPECT_EQ(cache.to_text(), "0\n3\n2 0\n5 100\n7 200\n");
  const auto back = leader_epoch_cache::parse(cache.to_text(), "f");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->entries(), cache.entries());
  EXPECT_TRUE(cache.truncate_from_start(150));
  EXPECT_EQ(cache.entries(), (std::vector<leader_epoch_entry>{{5, 150}, {7, 200}}));
  EXPECT_TRUE(cache.truncate_from_end(200));
  EXPECT_EQ(cache.latest_epoch(), 5);
  EXPECT_TRUE(cache.assign(9, 150)) << "an epoch without records gives way";
  EXPECT_EQ(cache.entries(), (std::vector<leader_epoch_entry>{{9, 150}}));
}

TEST(leader_epoch_cache, damaged_text_is_an_error) {
  for (const std::string_view text :
       {"", "0\n1\n", "1\n0\n", "0\n1\n5\n", "0\n1\nx 5\n", "0\n2\n1 1\n"}) {
    EXPECT_FALSE(leader_epoch_cache::parse(text, "f")) << text;
  }
}

TEST(log_file_names, are_kafkas) {
  EXPECT_EQ(log_file_path("/d/t-0", 814, suffix::log), "/d/t-0/00000000000000000814.log");
  EXPECT_EQ(parse_log_file_name("00000000000000000814.index.deleted")->suffix, ".index.deleted");
  EXPECT_EQ(parse_log_file_name("00000000000000000814.log")->offset, 814);
  for (const std::string_view name : {"814.log", "0000000000000000081x.log", "00000000000000000814",
                                      "-0000000000000000814.log", "99999999999999999999.log", ""}) {
    EXPECT_FALSE(parse_log_file_name(name)) << name;
  }
}

}  // namespace
}  // namespace barnabas::storage
