// What the embedded store promises beyond the contract: it survives, it is held by one process, it
// says what is wrong.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "base/log.h"
#include "metastore/detail/tree_server.h"
#include "metastore/tests/store_fixture.h"
#include "runtime/shard.h"
#include "runtime/task_group.h"

namespace barnabas::metastore {
namespace {

using runtime::task;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

task<> leave_a_tree(store& store, std::unique_ptr<session>& s) {
  s = co_await connected(store);
  (void)co_await s->create({"/kept", "one"});
  (void)co_await s->set({"/kept", std::string("t\0wo", 4)});
  (void)co_await s->create({"/kept-2", ""});
  (void)co_await s->create({"/kept/child", ""});
  (void)co_await s->create({"/gone", ""});
  (void)co_await s->remove({"/gone"});
  (void)co_await s->create({"/live", "", node_kind::ephemeral});
}
task<> find_the_tree(store& store) {
  auto s = co_await connected(store);
  EXPECT_THAT(*co_await s->children("/"), UnorderedElementsAre("kept", "kept-2"));
  const auto kept = co_await s->get("/kept");
  EXPECT_EQ(kept->data, std::string("t\0wo", 4));
  EXPECT_EQ(kept->stat.version, 1);
  EXPECT_EQ(kept->stat.children_version, 1);
  // zxids go on where they were.
  const auto next = co_await s->create({"/next", ""});
  EXPECT_GT(next->stat.created_zxid, kept->stat.children_modified_zxid);
  (void)co_await s->remove({"/next"});
}
TEST(embedded_store, content_survives_and_ephemeral_nodes_do_not) {
  const temporary_folder folder;
  // The session never ends, as that of a process that is killed.
  std::unique_ptr<session> endless;
  in_world([&] {
    return with_embedded(folder.path(), [&](store& store) { return leave_a_tree(store, endless); });
  });
  in_world([&] { return with_embedded(folder.path(), find_the_tree); });
  in_world([&] { return with_embedded(folder.path(), find_the_tree); });
}

task<> expect_refusal(std::string folder, std::string words) {
  const auto opened = co_await embedded_store::open(folder);
  EXPECT_FALSE(opened.has_value());
  if (!opened) {
    EXPECT_THAT(opened.error().message, HasSubstr(words));
    EXPECT_THAT(opened.error().message, HasSubstr("metadata.db"));
  }
}
task<> open_twice(std::string folder) {
  const auto first = co_await embedded_store::open(folder);
  EXPECT_TRUE(first.has_value());
  co_await expect_refusal(folder, "another process holds it");
}
TEST(embedded_store, refuses_a_second_owner) {
  const temporary_folder folder;
  in_world([&] { return open_twice(folder.path()); });
}

TEST(embedded_store, names_what_is_wrong_with_the_file) {
  const temporary_folder folder;
  in_world([&] { return expect_refusal(folder.path() + "/none", "unable to open"); });
  std::ofstream(folder.path() + "/metadata.db") << std::string(8192, 'x');
  in_world([&] { return expect_refusal(folder.path(), "not a database"); });
}

// Writes node after node, four at a time, and tells the pipe which were acknowledged.
task<> write_numbers(session& s, int pipe, int first) {
  for (int number = first;; number += 4) {
    if (co_await s.create({"/" + std::to_string(number), std::string(300, 'x')})) {
      (void)!::write(pipe, &number, sizeof(number));
    }
  }
}
task<> write_until_killed(store& store, int pipe) {
  auto s = co_await connected(store);
  runtime::task_group group("writers");
  for (int first = 0; first < 4; ++first) {
    group.spawn(write_numbers(*s, pipe, first));
  }
  co_await group.join();
}
[[noreturn]] void be_killed(const std::string& folder, int pipe) {
  in_world([&] {
    return with_embedded(folder, [&](store& store) { return write_until_killed(store, pipe); });
  });
  ::_exit(1);
}

task<> expect_numbers(store& store, std::vector<int> numbers) {
  auto s = co_await connected(store);
  for (const int number : numbers) {
    EXPECT_TRUE((co_await s->get("/" + std::to_string(number))).has_value()) << number;
  }
}
std::vector<int> acknowledged_before_kill(const std::string& folder, std::size_t round) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    be_killed(folder, ends[1]);
  }
  ::close(ends[1]);
  std::vector<int> numbers;
  for (int number = 0; ::read(ends[0], &number, sizeof(number)) == sizeof(number);) {
    numbers.push_back(number);
    if (numbers.size() == 5 + 11 * round) {
      ::kill(child, SIGKILL);
    }
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return numbers;
}
TEST(embedded_store, acknowledged_writes_survive_kill_9) {
  std::size_t acknowledged = 0;
  for (std::size_t round = 0; round < 8; ++round) {
    const temporary_folder folder;
    const auto numbers = acknowledged_before_kill(folder.path(), round);
    acknowledged += numbers.size();
    in_world([&] {
      return with_embedded(folder.path(),
                           [&](store& store) { return expect_numbers(store, numbers); });
    });
  }
  EXPECT_GT(acknowledged, 0);
}

// A journal that fails when told to.
struct failing_journal final : detail::journal {
  explicit failing_journal(const bool& fails) : fails_(fails) {}
  result<> write(const std::vector<detail::node_change>& /*changes*/) override {
    return fails_ ? result<>(fail(error_code::kafka_storage_error, "the disk is full"))
                  : result<>{};
  }
  const bool& fails_;
};
task<> take_back_failed_writes(bool& fails) {
  auto server = std::make_shared<detail::tree_server>(detail::tree(),
                                                      std::make_unique<failing_journal>(fails));
  detail::tree_session made(server);
  session& s = made;
  (void)co_await s.create({"/a", "kept"});
  fails = true;
  auto both = co_await runtime::when_all([&] {
    std::vector<task<store_result<operation_outcome>>> tasks;
    tasks.push_back(s.create({"/a/b", ""}));
    tasks.push_back(s.create({"/a/b/c", ""}));
    return tasks;
  }());
  for (const auto& one : both) {
    EXPECT_EQ(one.error().code, store_error::storage_failed);
    EXPECT_EQ(one.error().message, "the disk is full");
  }
  EXPECT_EQ((co_await s.set({"/a", "lost"})).error().code, store_error::storage_failed);
  fails = false;
  const auto value = co_await s.get("/a");
  EXPECT_EQ(value->data, "kept");
  EXPECT_EQ(value->stat.version, 0);
  EXPECT_EQ(value->stat.children_version, 0);
  EXPECT_TRUE((co_await s.create({"/a/b", ""})).has_value());
  co_await server->close();
}
TEST(embedded_store, a_failed_commit_leaves_no_trace) {
  set_log_to_stderr(false);
  bool fails = false;
  in_world([&] { return take_back_failed_writes(fails); });
  set_log_to_stderr(true);
}

}  // namespace
}  // namespace barnabas::metastore
