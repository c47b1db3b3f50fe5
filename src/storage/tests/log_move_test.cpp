// Moves of logs from one directory to another: while they are written to, interrupted at every
// step, and given up.
#include "storage/log_move.h"

#include <gmock/gmock.h>

#include "runtime/shard.h"
#include "runtime/task_group.h"
#include "storage/log_directory_name.h"
#include "storage/tests/directory_environment.h"

namespace barnabas::storage {
namespace {

using runtime::task;
using std::chrono::milliseconds;
using testing::append;
using testing::batch_of;
using testing::environment;
using testing::in_real_world;
using testing::must;
using testing::new_log;
using testing::started;
using testing::text_of;

const topic_partition moved{"t", 0};

std::vector<std::string> folders_in(environment& in, std::size_t directory) {
  std::vector<std::string> names;
  for (const auto& entry : must(in.world.files().list(in.options.directories[directory]))) {
    if (entry.is_directory) {
      names.push_back(entry.name);
    }
  }
  return names;
}

task<> wait_for_end(managed_log& log) {
  const auto patience = runtime::shard::current().now() + std::chrono::seconds(20);
  while (log.move && runtime::shard::current().now() < patience) {
    co_await runtime::sleep_for(milliseconds(1));
  }
  EXPECT_FALSE(log.move);
}

// As replica::partition does.
task<> keep_appending(managed_log& log, int& count, const bool& is_enough) {
  while (!is_enough) {
    while (log.is_paused) {
      co_await log.resumed.wait_until(runtime::no_deadline);
    }
    must(append(log, batch_of(1)));
    ++count;
    co_await runtime::yield();
  }
}

task<> move_while_written(environment& in) {
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, moved);
  for (int i = 0; i < 500; ++i) {
    must(append(*log, batch_of(3)));
  }
  int appended = 0;
  bool is_enough = false;
  runtime::task_group group("writer");
  group.spawn(keep_appending(*log, appended, is_enough));
  must(co_await manager->move_log(moved, 1));
  EXPECT_TRUE(log->move);
  co_await wait_for_end(*log);
  is_enough = true;
  co_await group.join();
  EXPECT_GT(appended, 0);
  EXPECT_EQ(log->directory, 1);
  EXPECT_EQ(log->log->log_end_offset(), 1500 + appended);
  EXPECT_EQ(log->log->folder(), in.options.directories[1] + "/t-0");
  must(co_await manager->here().flusher().wait_durable(*log, log->log->log_end_offset(),
                                                       runtime::no_deadline));
  const std::string text = text_of(*log->log);
  const auto status = co_await manager->status();
  EXPECT_EQ(status[0].partitions, 0u);
  EXPECT_EQ(status[1].partitions, 1u);
  co_await manager->stop();

  manager = co_await started(in);
  log = manager->here().find(moved);
  EXPECT_EQ(log->directory, 1);
  EXPECT_EQ(log->log->log_end_offset(), 1500 + appended);
  EXPECT_EQ(text_of(*log->log), text);
  co_await manager->stop();
}
TEST(log_move, a_log_moves_while_it_is_written_to) {
  in_real_world(move_while_written, 1, 2);
}

task<> go_on_after_a_restart(environment& in) {
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, moved);
  must(append(*log, batch_of(10)));
  manager->set_move_rate(1);
  must(append(*log, batch_of(10)));
  must(co_await manager->move_log(moved, 1));
  while (log->move->end_offset() == 0) {
    co_await runtime::sleep_for(milliseconds(1));
  }
  co_await manager->stop();
  manager.reset();
  EXPECT_EQ(folders_in(in, 0), std::vector<std::string>{"t-0"});
  EXPECT_THAT(folders_in(in, 1), ::testing::ElementsAre(::testing::EndsWith("-future")));

  manager = co_await started(in);
  log = manager->here().find(moved);
  co_await wait_for_end(*log);
  EXPECT_EQ(log->directory, 1);
  EXPECT_EQ(log->log->log_end_offset(), 20);
  EXPECT_EQ(folders_in(in, 1), std::vector<std::string>{"t-0"});
  co_await manager->stop();
}
TEST(log_move, a_start_goes_on_with_what_a_stop_interrupted) {
  in_real_world(go_on_after_a_restart, 1, 2);
}

// Between the two renames there is no folder of the partition's name.
task<> finish_the_last_step(environment& in) {
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, moved);
  must(append(*log, batch_of(10)));
  co_await manager->stop();
  manager.reset();
  auto& files = in.world.files();
  const std::string future = future_folder_name(moved, uuid::from_random(1, 2));
  const std::string from = in.options.directories[0] + "/";
  std::filesystem::copy(from + "t-0", in.options.directories[1] + "/" + future);
  must(files.rename(from + "t-0", from + deleted_folder_of(future)));

  manager = co_await started(in);
  log = manager->here().find(moved);
  EXPECT_NE(log, nullptr);
  EXPECT_EQ(log->directory, 1);
  EXPECT_EQ(log->log->log_end_offset(), 10);
  EXPECT_EQ(folders_in(in, 1), std::vector<std::string>{"t-0"});
  co_await manager->stop();
}
TEST(log_move, a_start_finishes_a_move_between_its_two_renames) {
  in_real_world(finish_the_last_step, 1, 2);
}

task<> change_of_mind(environment& in) {
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, moved);
  must(append(*log, batch_of(10)));
  must(append(*log, batch_of(10)));
  manager->set_move_rate(1);
  must(co_await manager->move_log(moved, 1));
  must(co_await manager->move_log(moved, 1));
  EXPECT_TRUE(log->move);
  must(co_await manager->move_log(moved, 0));
  EXPECT_FALSE(log->move);
  EXPECT_EQ(log->directory, 0);
  EXPECT_TRUE(folders_in(in, 1).empty());
  must(co_await manager->move_log(moved, 1));
  must(co_await manager->delete_log(moved));
  EXPECT_TRUE(folders_in(in, 1).empty());
  EXPECT_EQ((co_await manager->move_log(moved, 1)).error().code,
            error_code::unknown_topic_or_partition);
  const auto status = co_await manager->status();
  EXPECT_EQ(status[0].partitions + status[1].partitions, 0u);
  co_await manager->stop();
}
TEST(log_move, ends_when_the_log_shall_stay_or_is_deleted) {
  in_real_world(change_of_mind, 1, 2);
}

task<> begin_inside_a_batch(environment& in) {
  auto manager = co_await started(in);
  auto* log = co_await new_log(in, *manager, moved);
  must(append(*log, batch_of(5)));
  must(append(*log, batch_of(5)));
  log->high_watermark = 10;
  log->log->advance_log_start_offset(7);
  must(co_await manager->move_log(moved, 1));
  co_await wait_for_end(*log);
  EXPECT_EQ(log->directory, 1);
  EXPECT_EQ(log->log->log_start_offset(), 7);
  EXPECT_EQ(log->log->log_end_offset(), 10);
  EXPECT_FALSE(must(log->log->read({.start_offset = 7, .max_bytes = 1000})).empty());
  co_await manager->stop();
}
TEST(log_move, keeps_a_log_start_inside_a_batch) {
  in_real_world(begin_inside_a_batch, 1, 2);
}

TEST(log_move, names_that_would_be_cut_are_none) {
  const uuid id = uuid::from_random(1, 2);
  const std::string name = future_folder_name({"t", 7}, id);
  EXPECT_EQ(parse_folder_name(name)->kind, folder_kind::future);
  EXPECT_EQ(parse_folder_name(deleted_folder_of(name))->kind, folder_kind::deleted);
  EXPECT_EQ(future_folder_name({std::string(249, 't'), 7}, id), "");
}

}  // namespace
}  // namespace barnabas::storage
