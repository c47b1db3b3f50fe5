// What a compaction leaves of a log.
#include <cerrno>

#include "compaction_environment.h"
#include "storage/log_file_names.h"

namespace barnabas::storage::log_tests {
namespace {

using values = std::vector<std::string>;
constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

std::vector<std::string> names_in(const log_environment& world) {
  std::vector<std::string> names;
  for (const auto& entry : *world.files.list(world.folder)) {
    names.push_back(entry.name);
  }
  return names;
}

TEST(compaction, the_newest_value_of_each_key_stays_at_its_offset) {
  compaction_environment world;
  world.open();
  for (int i = 0; i < 100; ++i) {
    world.put("k" + std::to_string(i % 7), "v" + std::to_string(i));
  }
  const std::int64_t bytes = world.log->size_bytes();
  world.compact();
  EXPECT_EQ(world.log->log_end_offset(), 100);
  EXPECT_EQ(world.log->log_start_offset(), 0);
  EXPECT_LT(world.log->size_bytes(), bytes);
  for (const record::batch_view batch : world.batches()) {
    EXPECT_GE(batch.base_offset(), 93) << "only the last seven are the newest of their keys";
  }
  EXPECT_EQ(world.values().size(), 7U);
  EXPECT_EQ(world.values_of("k1"), values{"v99"});
  EXPECT_EQ(world.log->cleaned_offset(), 100);
}

TEST(compaction, the_active_segment_is_not_touched) {
  compaction_environment world;
  world.open();
  world.put("k", "old");
  world.put("k", "older than the next only");
  world.flush();
  ASSERT_TRUE(world.try_compact());
  EXPECT_EQ(world.values_of("k").size(), 2U);
  world.compact();
  world.put("k", "new");
  world.put("k", "newest");
  ASSERT_TRUE(world.try_compact());
  EXPECT_EQ(world.values_of("k"), (values{"older than the next only", "new", "newest"}));
}

TEST(compaction, readers_between_the_offsets_go_on_with_the_next_record) {
  compaction_environment world;
  world.open();
  for (int i = 0; i < 200; ++i) {
    world.put(i % 50 == 7 ? "rare" + std::to_string(i) : "often", "v");
  }
  world.compact();
  world.put("last", "v");
  std::vector<std::int64_t> offsets;
  for (const record::batch_view batch : world.batches()) {
    offsets.push_back(batch.base_offset());
  }
  EXPECT_EQ(offsets, (std::vector<std::int64_t>{7, 57, 107, 157, 199, 200}));
  for (std::int64_t from = 0; from <= 200; ++from) {
    const auto expected = std::ranges::lower_bound(offsets, from);
    EXPECT_EQ(read_from(*world.log, from).front().offset, *expected) << from;
  }
}

TEST(compaction, a_batch_that_loses_nothing_keeps_its_bytes) {
  compaction_environment world;
  world.open();
  const record::batch_settings settings{.compression = {.type = record::compression_type::zstd}};
  ASSERT_TRUE(world.append(keyed_batch({{"a", "1"}, {"b", "2"}}, settings)));
  ASSERT_TRUE(world.append(keyed_batch({{"c", "1"}, {"c", "2"}}, settings)));
  const auto before = world.batches();
  const std::vector<std::byte> bytes(before[0].bytes().begin(), before[0].bytes().end());
  world.compact();
  const auto after = world.batches();
  ASSERT_EQ(after.size(), 2U);
  EXPECT_TRUE(std::ranges::equal(after[0].bytes(), bytes));
  EXPECT_EQ(after[1].record_count(), 1);
  EXPECT_EQ(after[1].base_offset(), 2);
  EXPECT_EQ(after[1].last_offset(), 3);
  EXPECT_EQ(after[1].compression(), record::compression_type::zstd);
}

TEST(compaction, what_stays_of_a_batch_keeps_times_headers_and_sequence) {
  compaction_environment world;
  world.open();
  record::batch_builder builder({.compression = {.type = record::compression_type::lz4},
                                 .producer_id = 5,
                                 .producer_epoch = 2,
                                 .base_sequence = 0});
  const record::record_header header{"name", as_bytes("content")};
  builder.append({.timestamp = start_ms + 5, .key = as_bytes("a"), .value = as_bytes("1")});
  builder.append({.timestamp = start_ms + 3,
                  .key = as_bytes("b"),
                  .value = as_bytes("2"),
                  .headers = std::span(&header, 1)});
  builder.append({.timestamp = start_ms + 9, .key = as_bytes("a"), .value = as_bytes("3")});
  builder.append({.timestamp = start_ms + 1, .key = as_bytes("c"), .value = as_bytes("4")});
  ASSERT_TRUE(world.append(builder.build(), 7));
  world.put("a", "5");
  world.compact();
  const record::batch_view batch = world.batches().front();
  EXPECT_EQ(batch.base_offset(), 0);
  EXPECT_EQ(batch.last_offset(), 3);
  EXPECT_EQ(batch.producer_id(), 5);
  EXPECT_EQ(batch.producer_epoch(), 2);
  EXPECT_EQ(batch.last_sequence(), 3);
  EXPECT_EQ(batch.partition_leader_epoch(), 7);
  EXPECT_EQ(batch.max_timestamp(), start_ms + 3);
  record::record_reader reader(batch);
  const auto first = *reader.next();
  EXPECT_EQ(first->offset, 1);
  EXPECT_EQ(first->timestamp, start_ms + 3);
  ASSERT_EQ(first->headers.size(), 1);
  EXPECT_EQ(first->headers.begin()->key, "name");
  EXPECT_EQ((*reader.next())->timestamp, start_ms + 1);
}

TEST(compaction, a_record_without_a_key_goes) {
  compaction_environment world;
  world.open();
  ASSERT_TRUE(world.append(batch_of(3)));
  world.put("k", "v");
  world.compact();
  EXPECT_EQ(world.batches().size(), 1U);
  EXPECT_EQ(world.values_of("k"), values{"v"});
}

TEST(compaction, a_tombstone_stays_until_its_delete_horizon) {
  compaction_environment world;
  world.config.delete_retention_ms = day_ms;
  world.open();
  world.put("k", "v");
  world.put("k", std::nullopt);
  world.put("other", "v");
  world.compact();
  EXPECT_EQ(world.values_of("k"), values{"-"});
  EXPECT_EQ(world.batches().front().delete_horizon_ms(), world.now_ms + day_ms);
  EXPECT_EQ(read_from(*world.log, 0).front().timestamp, start_ms);
  world.now_ms += day_ms - 1;
  world.put("other", "w");
  world.compact();
  EXPECT_EQ(world.values_of("k"), values{"-"});
  world.now_ms += 1;
  world.put("other", "x");
  world.compact();
  EXPECT_EQ(world.values_of("k"), values{});
  EXPECT_EQ(world.log->log_end_offset(), 5);
}

TEST(compaction, a_key_that_comes_again_survives_its_tombstone) {
  compaction_environment world;
  world.open();
  world.put("k", std::nullopt);
  world.put("k", "again");
  world.compact();
  EXPECT_EQ(world.values_of("k"), values{"again"});
}

TEST(compaction, the_last_batch_stays_so_that_the_log_knows_its_end) {
  compaction_environment world;
  world.config.delete_retention_ms = 0;
  world.open();
  world.put("k", "v");
  world.put("k", std::nullopt);
  world.compact();
  world.now_ms += 1;
  world.put("l", std::nullopt);
  world.compact();
  world.now_ms += 1;
  world.log->set_cleaned_offset(0);
  ASSERT_TRUE(world.try_compact());
  EXPECT_EQ(world.values_of("k"), values{});
  ASSERT_EQ(world.batches().size(), 1U);
  EXPECT_EQ(world.batches().back().record_count(), 0);
  EXPECT_EQ(world.batches().back().last_offset(), 2);
  world.crash_and_open();
  EXPECT_EQ(world.log->log_end_offset(), 3);
}

TEST(compaction, the_last_batch_of_a_producer_stays_for_its_sequence) {
  compaction_environment world;
  world.open();
  const record::batch_settings from{.producer_id = 9, .producer_epoch = 1, .base_sequence = 0};
  auto next = from;
  ASSERT_TRUE(world.append(keyed_batch({{"k", "1"}, {"k", "2"}}, from)));
  next.base_sequence = 2;
  ASSERT_TRUE(world.append(keyed_batch({{"k", "3"}}, next)));
  world.put("k", "of somebody else");
  world.compact();
  const auto batches = world.batches();
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[0].record_count(), 0);
  EXPECT_EQ(batches[0].base_sequence(), 2);
  // Without snapshots what the batches say is all there is.
  for (const std::string& name : names_in(world)) {
    if (name.ends_with(".snapshot")) {
      ASSERT_TRUE(world.files.remove(world.folder + '/' + name));
    }
  }
  world.open(false, 0);
  next.base_sequence = 3;
  EXPECT_TRUE(world.append(keyed_batch({{"k", "4"}}, next)));
  next.base_sequence = 7;
  EXPECT_FALSE(world.append(keyed_batch({{"k", "5"}}, next)));
}

TEST(compaction, the_last_batch_on_disk_of_a_producer_stays_when_many_behind_it_are_not) {
  compaction_environment world;
  world.open();
  record::batch_settings next{.producer_id = 9, .producer_epoch = 1, .base_sequence = 0};
  for (; next.base_sequence < 3; ++next.base_sequence) {
    ASSERT_TRUE(world.append(keyed_batch({{"k", "on disk"}}, next)));
  }
  world.put("k", "of somebody else");
  world.seal();
  for (; next.base_sequence < 10; ++next.base_sequence) {
    ASSERT_TRUE(world.append(keyed_batch({{"k", "in memory"}}, next)));
  }
  ASSERT_TRUE(world.try_compact());
  world.lose_all_of(4);
  // Without snapshots what the batches say is all there is.
  for (const std::string& name : names_in(world)) {
    if (name.ends_with(".snapshot")) {
      ASSERT_TRUE(world.files.remove(world.folder + '/' + name));
    }
  }
  world.open(false, 0);
  EXPECT_EQ(world.log->log_end_offset(), 4);
  EXPECT_EQ(world.batches().size(), 2U);
  EXPECT_FALSE(world.append(keyed_batch({{"k", "out of order"}}, next)));
  next.base_sequence = 3;
  EXPECT_TRUE(world.append(keyed_batch({{"k", "again"}}, next)));
}

TEST(compaction, a_round_without_room_for_all_keys_goes_as_far_as_it_can) {
  compaction_environment world;
  world.limits.map_bytes = 24 * 11;
  world.open();
  for (int i = 0; i < 60; ++i) {
    world.put("k" + std::to_string(i % 30), "v" + std::to_string(i));
  }
  world.seal();
  std::int64_t cleaned_to = 0;
  for (int round = 0; round < 20 && cleaned_to < 60; ++round) {
    const auto done = world.try_compact();
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_GT(*done, cleaned_to);
    cleaned_to = *done;
    for (int key = 0; key < 30; ++key) {
      EXPECT_EQ(world.values_of("k" + std::to_string(key)).back(), "v" + std::to_string(30 + key));
    }
  }
  for (int key = 0; key < 30; ++key) {
    EXPECT_EQ(world.values_of("k" + std::to_string(key)).size(), 1U);
  }
}

TEST(compaction, segments_are_merged_up_to_segment_bytes) {
  compaction_environment world;
  world.open();
  for (int i = 0; i < 400; ++i) {
    world.put("k" + std::to_string(i), "a value that nobody replaces");
  }
  world.compact();
  for (const segment& one : world.log->segments()) {
    EXPECT_LE(one.size_bytes, world.config.segment_bytes);
  }
  const std::size_t segments = world.log->segments().size();
  for (int i = 0; i < 390; ++i) {
    world.put("k" + std::to_string(i), "and now it is replaced");
  }
  for (int i = 0; i < 390; ++i) {
    world.put("k" + std::to_string(i), "x");
  }
  world.compact();
  // Groups are made by the sizes before; what has become small is merged by the next round.
  world.put("k0", "y");
  world.compact();
  EXPECT_LT(world.log->segments().size(), segments);
  EXPECT_EQ(world.values().size(), 400U);
}

TEST(compaction, segments_too_far_apart_for_an_index_are_not_merged) {
  compaction_environment world;
  world.open();
  constexpr std::int64_t far = std::int64_t{1} << 31;
  const auto follow = [&](std::int64_t offset, const std::string& value) {
    auto bytes = keyed_batch({{"k" + value, value}});
    record::assign_offsets(bytes, offset, 0);
    ASSERT_TRUE(world.log->append_as_follower(bytes, start_ms));
    ASSERT_TRUE(world.log->roll(start_ms));
  };
  follow(0, "a");
  follow(far - 2, "b");
  follow(far + 5, "c");
  world.flush();
  ASSERT_TRUE(world.try_compact());
  ASSERT_EQ(world.log->segments().size(), 3U);
  EXPECT_EQ(world.log->segments()[1].base_offset, far - 1);
  EXPECT_EQ(world.values().size(), 3U);
}

TEST(compaction, records_younger_than_the_lag_are_left_alone) {
  compaction_environment world;
  world.config.min_compaction_lag_ms = 1000;
  world.open();
  world.put("k", "1");
  world.put("k", "2");
  world.seal();
  world.now_ms += 500;
  world.put("k", "3");
  world.put("k", "4");
  world.seal();
  EXPECT_EQ(world.log->find_cleanable(world.now_ms, 4).dirty_bytes, 0);
  world.now_ms += 501;
  ASSERT_TRUE(world.try_compact());
  EXPECT_EQ(world.values_of("k"), (values{"2", "3", "4"}));
  world.now_ms += 501;
  ASSERT_TRUE(world.try_compact());
  EXPECT_EQ(world.values_of("k"), values{"4"});
}

TEST(compaction, an_active_segment_older_than_the_longest_lag_is_rolled) {
  compaction_environment world;
  world.config.max_compaction_lag_ms = 1000;
  world.open();
  EXPECT_FALSE(*world.log->roll_for_compaction(world.now_ms + 5000)) << "there is nothing in it";
  world.put("k", "1");
  EXPECT_FALSE(*world.log->roll_for_compaction(world.now_ms + 1000));
  EXPECT_TRUE(*world.log->roll_for_compaction(world.now_ms + 1001));
  EXPECT_EQ(world.log->segments().size(), 2U);
  world.put("k", "2");
  world.now_ms += 1001;
  world.put("k", "3");
  EXPECT_EQ(world.log->segments().size(), 3U) << "an append rolls it, too";
}

TEST(compaction, a_slice_that_was_given_out_stays_as_it_was) {
  compaction_environment world;
  world.open();
  for (int i = 0; i < 20; ++i) {
    world.put("k", "v" + std::to_string(i));
  }
  world.seal();
  const auto read = world.log->read({.start_offset = 3, .max_bytes = 10 << 20});
  ASSERT_TRUE(read);
  const auto before = records_of(bytes_of(read->slice));
  ASSERT_TRUE(world.try_compact());
  const auto after = records_of(bytes_of(read->slice));
  ASSERT_EQ(after.size(), before.size());
  EXPECT_EQ(after.front().value, "v3");
}

TEST(compaction, a_cold_read_across_a_swap_is_to_be_asked_again) {
  compaction_environment world;
  world.open();
  for (int i = 0; i < 20; ++i) {
    world.put("k", "v");
  }
  world.seal();
  auto cold = world.log->cold_read_for({.start_offset = 0, .max_bytes = 1000});
  ASSERT_TRUE(cold);
  const auto search = world.log->search_timestamp(start_ms);
  ASSERT_TRUE(world.try_compact());
  std::ignore = cold->run();
  EXPECT_FALSE(world.log->keep(*cold));
  EXPECT_FALSE(world.log->is_current(search));
  EXPECT_TRUE(world.log->is_current(world.log->search_timestamp(start_ms)));
}

TEST(compaction, times_are_searched_in_what_is_left) {
  compaction_environment world;
  world.open();
  for (int i = 0; i < 90; ++i) {
    world.put("k" + std::to_string(i % 30), "v");
    world.now_ms += 1000;
  }
  world.compact();
  const auto found = world.log->search_timestamp(start_ms + 10'000).run();
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->offset, 60);
  EXPECT_EQ((**world.log->search_max_timestamp().run()).offset, 89);
}

TEST(compaction, a_log_that_was_cut_or_lost_segments_meanwhile_keeps_what_it_has) {
  for (const bool is_cut : {true, false}) {
    compaction_environment world;
    world.config.is_cleanup_delete = true;
    world.config.retention_bytes = 100;
    world.open();
    for (int i = 0; i < 60; ++i) {
      world.put("k", "v" + std::to_string(i));
    }
    world.seal();
    auto input =
        world.log->take_compaction_input(world.log->find_cleanable(start_ms, 60), start_ms);
    const auto truncations = input.truncations;
    if (is_cut) {
      ASSERT_TRUE(world.log->truncate_to(59));
    }
    compaction round(world.files, std::move(input), {});
    auto state = round.step();
    while (state && *state == compaction::state::working) {
      state = round.step();
    }
    ASSERT_EQ(state.has_value(), !is_cut);
    if (!is_cut) {
      ASSERT_TRUE(world.log->delete_old_segments(world.now_ms, 60));
      const auto replaced = world.log->replace_segments(round.ready(), truncations);
      ASSERT_TRUE(replaced);
      EXPECT_FALSE(*replaced);
      round.discard();
    }
    for (const std::string& name : names_in(world)) {
      EXPECT_FALSE(name.ends_with(".swap") || name.ends_with(".cleaned")) << name;
    }
    const std::int64_t start = world.log->log_start_offset();
    world.crash_and_open();
    EXPECT_EQ(world.log->log_start_offset(), start);
    EXPECT_EQ(world.log->log_end_offset(), is_cut ? 59 : 60);
  }
}

TEST(compaction, a_log_that_is_cut_inside_a_hole_knows_its_end_again) {
  compaction_environment world;
  world.open();
  world.put("a", "1");
  for (int i = 0; i < 40; ++i) {
    world.put("k", "v");
  }
  world.compact();
  ASSERT_TRUE(world.log->truncate_to(20));
  EXPECT_EQ(world.log->log_end_offset(), 20);
  world.files.lose_power();
  world.crash_and_open();
  EXPECT_EQ(world.log->log_end_offset(), 20);
  world.put("b", "2");
  EXPECT_EQ(world.values().size(), 2U);
}

TEST(compaction, a_damaged_batch_ends_the_round_and_changes_nothing) {
  compaction_environment world;
  world.open();
  for (int i = 0; i < 5; ++i) {
    world.put("k", "v");
  }
  world.seal();
  const std::int64_t bytes = world.log->size_bytes();
  const std::string path = log_file_path(world.folder, 0, suffix::log);
  const auto file = world.files.open(path, runtime::open_mode::read_write);
  ASSERT_TRUE((*file)->write_at(as_bytes("!"), *(*file)->size() - 3));
  const auto done = world.try_compact();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, error_code::corrupt_message);
  EXPECT_EQ(world.log->size_bytes(), bytes);
  EXPECT_EQ(world.log->cleaned_offset(), -1);
}

TEST(compaction, a_hole_below_the_recovery_point_is_no_damage_when_the_policy_is_delete) {
  compaction_environment world;
  world.open();
  world.put("a", "kept");
  for (int i = 0; i < 100; ++i) {
    world.put("k", "a value to be replaced by the next one");
  }
  world.put("b", "kept");
  world.compact();
  world.put("c", "after");
  world.config.is_cleanup_compact = false;
  world.config.is_cleanup_delete = true;
  world.open(false, world.log->recovery_point());
  EXPECT_EQ(world.log->log_end_offset(), 103);
  EXPECT_EQ(world.values().size(), 4U);
}

TEST(compaction, a_segment_in_which_nothing_changes_is_left_as_it_is) {
  compaction_environment world;
  world.open();
  world.put("a", "1");
  world.put("b", "1");
  world.compact();
  bool has_swapped = false;
  world.log->set_cleaned_offset(0);
  ASSERT_TRUE(compact_log(world.files, *world.log, world.now_ms, world.limits,
                          [&] { has_swapped = true; }));
  EXPECT_FALSE(has_swapped);
  EXPECT_EQ(world.log->cleaned_offset(), 2);
}

// Such a file tells a start that the .swap files behind it are unfinished.
TEST(compaction, goes_no_further_when_files_of_a_group_cannot_be_removed) {
  compaction_environment world;
  world.open();
  world.put("a", "kept");
  world.seal();
  world.put("b", "old");
  world.put("b", "new");
  world.seal();
  world.config.segment_bytes = 100;  // no merging
  world.open(false, world.log->recovery_point());
  for (const char* name : {"00000000000000000000.log.cleaned", "00000000000000000001.log.swap"}) {
    world.files.inject({.operation = runtime::simulated::disk_operation::change_name,
                        .prefix = world.folder + '/' + name,
                        .error_number = EIO,
                        .times = -1});
  }
  EXPECT_FALSE(world.try_compact());
  EXPECT_FALSE(world.try_compact());
  world.files.clear_faults();
  world.crash_and_open();
  EXPECT_EQ(world.values_of("a").size(), 1U);
  ASSERT_FALSE(world.values_of("b").empty());
  EXPECT_EQ(world.values_of("b").back(), "new");
  EXPECT_TRUE(world.try_compact());
}

}  // namespace
}  // namespace barnabas::storage::log_tests
