#include "log_environment.h"
#include "storage/log_file_names.h"
#include "storage/offset_index.h"

namespace barnabas::storage::log_tests {
namespace {

TEST(log_read, every_offset_is_found_in_every_segment) {
  log_environment world;
  world.open();
  world.append_records(300);
  for (int round = 0; round < 3; ++round) {
    for (std::int64_t offset = 0; offset < 300; ++offset) {
      const auto found = world.log->read({.start_offset = offset, .max_bytes = 1});
      ASSERT_TRUE(found);
      const auto records = records_of(bytes_of(found->slice));
      ASSERT_EQ(records.size(), 1U) << "one batch, though it is larger than max_bytes";
      EXPECT_EQ(records[0].offset, offset);
    }
    if (round == 0) {
      world.log->release_idle();
    } else {
      world.close_and_open();
    }
  }
}

TEST(log_read, only_whole_batches_below_the_upper_bound) {
  log_environment world;
  world.open();
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(world.append(batch_of(5)));
  }
  for (std::int64_t start = 0; start < 300; start += 7) {
    for (const std::int64_t bound : {start, start + 1, start + 4, start + 40}) {
      const auto found =
          world.log->read({.start_offset = start, .max_bytes = 1 << 20, .max_offset = bound});
      ASSERT_TRUE(found);
      const auto records = records_of(bytes_of(found->slice));
      const std::int64_t first = start / 5 * 5;
      const std::int64_t whole_end = std::min<std::int64_t>(bound, 300) / 5 * 5;
      if (whole_end <= first || bound <= start) {
        EXPECT_TRUE(found->empty()) << start << " to " << bound;
        continue;
      }
      ASSERT_FALSE(records.empty()) << start << " to " << bound;
      EXPECT_EQ(records.front().offset, first);
      EXPECT_LT(records.back().offset, whole_end);
    }
  }
}

TEST(log_read, limits) {
  log_environment world;
  world.open();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(world.append(large_batch(1000)));
  }
  const auto too_small =
      world.log->read({.start_offset = 0, .max_bytes = 100, .min_one_batch = false});
  ASSERT_TRUE(too_small);
  EXPECT_TRUE(too_small->empty()) << "part of a batch is of no use";
  const auto some = world.log->read({.start_offset = 0, .max_bytes = 1500});
  ASSERT_TRUE(some);
  EXPECT_EQ(some->slice.length, 1500);
  EXPECT_TRUE(world.log->read({.start_offset = 3, .max_bytes = 10})->empty());
  for (const std::int64_t outside : {-1, 4}) {
    const auto refused = world.log->read({.start_offset = outside, .max_bytes = 10});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, error_code::offset_out_of_range);
  }
}

TEST(log_read, large_batches_are_found_by_the_index_alone_and_also_by_one_that_is_wrong) {
  log_environment world;
  world.config.segment_bytes = 1 << 20;
  world.open();
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(world.append(large_batch(20'000)));
  }
  const auto expect_every_batch = [&] {
    for (std::int64_t offset = 0; offset < 40; ++offset) {
      const auto found = world.log->read({.start_offset = offset, .max_bytes = 1});
      ASSERT_TRUE(found);
      const auto records = records_of(bytes_of(found->slice));
      ASSERT_EQ(records.size(), 1U);
      EXPECT_EQ(records[0].offset, offset);
    }
  };
  expect_every_batch();
  ASSERT_TRUE(world.log->close());
  const auto index = world.files.open(log_file_path(world.folder, 0, suffix::offset_index),
                                      runtime::open_mode::read_write);
  ASSERT_TRUE(index);
  std::vector<std::byte> bytes(static_cast<std::size_t>(*(*index)->size()));
  ASSERT_GE(bytes.size(), 30 * offset_index_entry::encoded_bytes);
  ASSERT_TRUE((*index)->read_at(bytes, 0));
  for (std::size_t at = 0; at < bytes.size(); at += offset_index_entry::encoded_bytes) {
    auto entry = offset_index_entry::decode(&bytes[at]);
    entry.position = at % 3 == 0 ? entry.position + 7 : at % 5 == 0 ? -1 : entry.position;
    entry.encode(&bytes[at]);
  }
  ASSERT_TRUE((*index)->write_at(bytes, 0));
  world.open();
  expect_every_batch();
}

TEST(log_read, the_beginning_of_a_large_batch_is_held_back) {
  log_environment world;
  const auto large = static_cast<std::int64_t>(large_batch(20'000).size());
  const auto small = static_cast<std::int64_t>(large_batch(300).size());
  world.config.segment_bytes = static_cast<std::int32_t>(5 * large + 40 * small);
  world.open();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(world.append(large_batch(20'000)));
  }
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(world.append(large_batch(300)));
  }
  const auto read = [&](std::int64_t from, std::int64_t most) {
    const auto found = world.log->read({.start_offset = from, .max_bytes = most});
    return std::pair(found->slice.length, found->held_back_bytes);
  };
  const auto expect_it = [&] {
    EXPECT_EQ(read(0, 3 * large + 999), std::pair(3 * large, std::int64_t{999}));
    EXPECT_EQ(read(1, 3 * large), std::pair(3 * large, std::int64_t{0}));
    EXPECT_EQ(read(0, 2 * large - 1), std::pair(large, large - 1));
    EXPECT_EQ(read(0, 5), std::pair(large, std::int64_t{0})) << "the first batch whole";
    EXPECT_EQ(read(3, 2 * large + 40 * small), std::pair(2 * large + 40 * small, std::int64_t{0}));
    EXPECT_EQ(read(6, 20 * small + 99), std::pair(20 * small + 99, std::int64_t{0}));
  };
  expect_it();
  ASSERT_TRUE(world.append(large_batch(1)));  // in a segment of its own
  expect_it();
}

TEST(log_read, what_a_search_has_read_goes_with_the_slice) {
  log_environment world;
  world.config.segment_bytes = 200'000;
  world.open();
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(world.append(large_batch(i % 8 < 4 ? 20'000 : 300)));
  }
  int heads = 0;
  for (std::int64_t offset = 0; offset < 40; ++offset) {
    const auto found = world.log->read({.start_offset = offset, .max_bytes = 1 << 20});
    ASSERT_TRUE(found);
    const runtime::file_slice& slice = found->slice;
    const std::size_t known = std::min(slice.head.size(), static_cast<std::size_t>(slice.length));
    heads += known > 0 ? 1 : 0;
    EXPECT_EQ(as_text(bytes_view(bytes_of(slice)).first(known)),
              as_text(slice.head.view().first(known)));
  }
  EXPECT_GT(heads, 30);
}

TEST(log_read, what_is_not_in_the_page_cache_is_read_elsewhere) {
  for (const double cold : {1.0, 0.5}) {
    log_environment world({.cold_probability = cold});
    world.open();
    world.append_records(200);
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(world.append(large_batch(20'000)));
    }
    world.append_records(3);
    int waits = 0;
    for (std::int64_t offset = 0; offset < 223; ++offset) {
      for (const std::int64_t bound : {std::int64_t{223}, offset + 1}) {
        const read_request request{.start_offset = offset,
                                   .max_bytes = 100,
                                   .max_offset = bound,
                                   .how = reads::only_cached};
        auto found = [&] {
          const auto opens_files = world.log->cold_read_for(request);
          return opens_files ? result<read_result>({.would_wait = true}) : world.log->read(request);
        }();
        ASSERT_TRUE(found);
        if (found->would_wait) {
          ++waits;
          EXPECT_TRUE(found->empty());
          auto elsewhere = world.log->waiting_read_for(request);
          found = elsewhere.run();
          ASSERT_TRUE(found);
          EXPECT_TRUE(world.log->keep(elsewhere));
        }
        EXPECT_EQ(records_of(bytes_of(found->slice)).front().offset, offset);
      }
    }
    EXPECT_GT(waits, 200);
  }
}

TEST(log_read, a_cold_segment_is_read_elsewhere_and_then_warm) {
  log_environment world;
  world.open();
  world.append_records(200);
  const read_request request{.start_offset = 3, .max_bytes = 1 << 20};
  auto cold = world.log->cold_read_for(request);
  ASSERT_TRUE(cold);
  const auto found = cold->run();
  ASSERT_TRUE(found);
  EXPECT_EQ(records_of(bytes_of(found->slice)).front().offset, 3);
  EXPECT_TRUE(world.log->keep(*cold));
  EXPECT_FALSE(world.log->cold_read_for(request));
  EXPECT_FALSE(world.log->cold_read_for({.start_offset = 199, .max_bytes = 1}))
      << "the active segment is warm";
  EXPECT_EQ(bytes_of(world.log->read(request)->slice), bytes_of(found->slice));
}

TEST(log_read, a_damaged_index_costs_time_and_no_records) {
  log_environment world;
  world.open();
  world.append_records(200);
  ASSERT_TRUE(world.log->close());
  for (const segment& one : world.log->segments()) {
    const auto index =
        world.files.open(log_file_path(world.folder, one.base_offset, suffix::offset_index),
                         runtime::open_mode::read_write);
    ASSERT_TRUE(index);
    const auto size = static_cast<std::size_t>(*(*index)->size());
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i + 8 <= size; i += 8) {
      offset_index_entry{static_cast<std::int32_t>(i / 8 + 1), static_cast<std::int32_t>(100 + i)}
          .encode(&bytes[i]);
    }
    ASSERT_TRUE((*index)->write_at(bytes, 0));
  }
  world.open();
  world.expect_records(0, 200);
}

TEST(log_read, timestamps_are_found_in_every_segment) {
  log_environment world;
  world.open();
  world.append_records(300);
  for (int round = 0; round < 2; ++round) {
    for (std::int64_t offset = 0; offset < 300; offset += 3) {
      for (const std::int64_t before : {0, 999}) {
        const auto found = world.log->search_timestamp(start_ms + offset * 1000 - before).run();
        ASSERT_TRUE(found && *found);
        EXPECT_EQ((*found)->offset, offset);
        EXPECT_EQ((*found)->timestamp, start_ms + offset * 1000);
        EXPECT_EQ((*found)->leader_epoch, 0);
      }
    }
    EXPECT_FALSE(*world.log->search_timestamp(start_ms + 300'000).run());
    world.close_and_open();
  }
}

TEST(log_read, a_timestamp_inside_of_a_batch_and_above_the_log_start) {
  log_environment world;
  world.open();
  ASSERT_TRUE(world.append(batch_of(10, start_ms)));
  ASSERT_TRUE(world.append(batch_of(10, start_ms - 100)));
  ASSERT_TRUE(world.append(batch_of(10, start_ms + 50)));
  EXPECT_EQ((*world.log->search_timestamp(start_ms + 4).run())->offset, 4);
  EXPECT_EQ((*world.log->search_timestamp(start_ms + 20).run())->offset, 20);
  EXPECT_EQ((*world.log->search_max_timestamp().run())->offset, 29);
  EXPECT_EQ((*world.log->search_max_timestamp().run())->timestamp, start_ms + 59);
  ASSERT_TRUE(world.log->advance_log_start_offset(7));
  EXPECT_EQ((*world.log->search_timestamp(start_ms).run())->offset, 7);
}

TEST(log_read, an_empty_log_has_no_timestamps) {
  log_environment world;
  world.open();
  EXPECT_FALSE(*world.log->search_timestamp(0).run());
  EXPECT_FALSE(*world.log->search_max_timestamp().run());
}

TEST(log_read, aborted_transactions_are_told_to_those_who_need_them) {
  log_environment world;
  world.open();
  const producer one{.id = 1, .epoch = 0, .sequence = 0, .is_transactional = true};
  producer two{.id = 2, .epoch = 0, .sequence = 0, .is_transactional = true};
  ASSERT_TRUE(world.append(batch_of(1, start_ms, "a", one)));  // 0
  ASSERT_TRUE(world.append(batch_of(1, start_ms, "b", two)));  // 1
  EXPECT_EQ(world.log->last_stable_offset(2), 0);
  ASSERT_TRUE(world.end_transaction(one, record::control_type::abort));  // 2
  world.log->advance_high_watermark(3);
  EXPECT_EQ(world.log->last_stable_offset(3), 1);
  ASSERT_TRUE(world.end_transaction(two, record::control_type::commit));  // 3
  EXPECT_EQ(world.log->last_stable_offset(3), 1)
      << "the marker is not below the high watermark yet";
  world.log->advance_high_watermark(4);
  EXPECT_EQ(world.log->last_stable_offset(4), 4);
  const std::vector<aborted_transaction> expected{{1, 0}};
  const read_request request{
      .start_offset = 0, .max_bytes = 1 << 20, .max_offset = 4, .with_aborted_transactions = true};
  EXPECT_EQ(world.log->read(request)->aborted, expected);
  world.crash_and_open();
  EXPECT_EQ(world.log->read(request)->aborted, expected);
  world.close_and_open();
  EXPECT_EQ(world.log->read(request)->aborted, expected);
  read_request later = request;
  later.start_offset = 3;
  EXPECT_TRUE(world.log->read(later)->aborted.empty());
}

TEST(log_read, aborted_transactions_that_end_in_a_later_segment) {
  log_environment world;
  world.open();
  const producer one{.id = 1, .epoch = 0, .sequence = 0, .is_transactional = true};
  ASSERT_TRUE(world.append(batch_of(1, start_ms, "a", one)));
  world.append_records(150);
  ASSERT_TRUE(world.end_transaction(one, record::control_type::abort));
  const auto expected = std::vector<aborted_transaction>{{1, 0}};
  for (int round = 0; round < 2; ++round) {
    const read_request request{
        .start_offset = 0, .max_bytes = 500, .with_aborted_transactions = true};
    auto cold = world.log->cold_read_for(request);
    EXPECT_EQ(cold.has_value(), round == 0);
    if (cold) {
      EXPECT_EQ(cold->run()->aborted, expected);
    }
    EXPECT_EQ(world.log->read(request)->aborted, expected);
    world.append_records(150);
  }
}

}  // namespace
}  // namespace barnabas::storage::log_tests
