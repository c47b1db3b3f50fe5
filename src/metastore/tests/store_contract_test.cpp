// What every implementation of the store promises.
#include <gmock/gmock.h>

#include "metastore/tests/store_fixture.h"
#include "runtime/shard.h"
#include "runtime/task_group.h"

namespace barnabas::metastore {
namespace {

using runtime::task;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

template <class T>
void expect_fails(const store_result<T>& outcome, store_error code, std::string_view what = "") {
  EXPECT_FALSE(outcome.has_value()) << what;
  if (!outcome) {
    EXPECT_EQ(outcome.error().code, code) << what << ' ' << outcome.error().message;
  }
}

class store_contract : public testing::TestWithParam<std::string> {};

task<> nodes_have_versions(store& store) {
  auto s = co_await connected(store);
  auto made = co_await s->create({"/a", "one"});
  EXPECT_EQ(made->path, "/a");
  EXPECT_EQ(made->stat.version, 0);
  EXPECT_EQ(made->stat.created_zxid, made->stat.modified_zxid);
  auto set = co_await s->set({"/a", "two", 0});
  EXPECT_EQ(set->version, 1);
  EXPECT_GT(set->modified_zxid, set->created_zxid);
  expect_fails(co_await s->set({"/a", "three", 0}), store_error::bad_version);
  const auto value = co_await s->get("/a");
  EXPECT_EQ(value->data, "two");
  EXPECT_EQ(value->stat, *set);
  EXPECT_TRUE((co_await s->set({"/a", ""})).has_value());
  EXPECT_EQ((co_await s->get("/a"))->data, "");
}
TEST_P(store_contract, nodes_have_versions) {
  with_store(GetParam(), nodes_have_versions);
}

task<> creation_needs_a_parent_and_a_free_name(store& store) {
  auto s = co_await connected(store);
  expect_fails(co_await s->create({"/a/b", ""}), store_error::no_node);
  (void)co_await s->create({"/a", ""});
  expect_fails(co_await s->create({"/a", ""}), store_error::node_exists);
  expect_fails(co_await s->create({"/", ""}), store_error::node_exists);
  for (const char* path : {"", "a", "/a/", "//", "/a//b", "/..", "/a/.", "/a/../b", "/a\n"}) {
    expect_fails(co_await s->create({path, ""}), store_error::bad_arguments, path);
    expect_fails(co_await s->get(path), store_error::no_node, path);
  }
}
TEST_P(store_contract, creation_needs_a_parent_and_a_free_name) {
  with_store(GetParam(), creation_needs_a_parent_and_a_free_name);
}

task<> removal_needs_an_empty_node(store& store) {
  auto s = co_await connected(store);
  (void)co_await s->create({"/a", ""});
  (void)co_await s->create({"/a/b", ""});
  expect_fails(co_await s->remove({"/a"}), store_error::not_empty);
  expect_fails(co_await s->remove({"/a/b", 1}), store_error::bad_version);
  expect_fails(co_await s->remove({"/"}), store_error::bad_arguments);
  EXPECT_TRUE((co_await s->remove({"/a/b", 0})).has_value());
  EXPECT_TRUE((co_await s->remove({"/a"})).has_value());
  expect_fails(co_await s->remove({"/a"}), store_error::no_node);
  EXPECT_FALSE((co_await s->exists("/a"))->has_value());
}
TEST_P(store_contract, removal_needs_an_empty_node) {
  with_store(GetParam(), removal_needs_an_empty_node);
}

task<> children_are_counted(store& store) {
  auto s = co_await connected(store);
  (void)co_await s->create({"/a", ""});
  (void)co_await s->create({"/a/x", ""});
  (void)co_await s->create({"/a/y", ""});
  EXPECT_THAT(*co_await s->children("/a"), UnorderedElementsAre("x", "y"));
  (void)co_await s->remove({"/a/x"});
  EXPECT_THAT(*co_await s->children("/a"), ElementsAre("y"));
  EXPECT_EQ((co_await s->get("/a"))->stat.children_version, 3);
  EXPECT_EQ((co_await s->get("/a"))->stat.version, 0);
  expect_fails(co_await s->children("/b"), store_error::no_node);
}
TEST_P(store_contract, children_are_counted) {
  with_store(GetParam(), children_are_counted);
}

task<> sequential_numbers_are_not_used_again(store& store) {
  auto s = co_await connected(store);
  (void)co_await s->create({"/q", ""});
  const auto kind = node_kind::persistent_sequential;
  EXPECT_EQ((co_await s->create({"/q/n_", "", kind}))->path, "/q/n_0000000000");
  EXPECT_EQ((co_await s->create({"/q/n_", "", kind}))->path, "/q/n_0000000001");
  (void)co_await s->remove({"/q/n_0000000000"});
  (void)co_await s->remove({"/q/n_0000000001"});
  EXPECT_EQ((co_await s->create({"/q/m_", "", kind}))->path, "/q/m_0000000002");
  EXPECT_EQ((co_await s->create({"/q/", "", kind}))->path, "/q/0000000003");
}
TEST_P(store_contract, sequential_numbers_are_not_used_again) {
  with_store(GetParam(), sequential_numbers_are_not_used_again);
}

task<> ephemeral_nodes_go_with_their_session(store& store) {
  auto watcher = co_await connected(store);
  auto s = co_await connected(store);
  (void)co_await s->create({"/live", "", node_kind::ephemeral});
  EXPECT_EQ((*co_await watcher->exists("/live", watch::yes))->ephemeral_owner, s->id());
  expect_fails(co_await s->create({"/live/x", ""}), store_error::no_children_for_ephemerals);
  co_await s->close();
  EXPECT_FALSE((co_await watcher->exists("/live"))->has_value());
  EXPECT_EQ((co_await watcher->next_event()).kind, event_kind::node_removed);
  expect_fails(co_await s->get("/"), store_error::session_expired);
  expect_fails(co_await s->create({"/x", ""}), store_error::session_expired);
  EXPECT_EQ((co_await s->next_event()).kind, event_kind::session_expired);
  EXPECT_EQ((co_await s->next_event()).kind, event_kind::session_expired);
}
TEST_P(store_contract, ephemeral_nodes_go_with_their_session) {
  with_store(GetParam(), ephemeral_nodes_go_with_their_session);
}

task<> multi_is_all_or_nothing(store& store) {
  auto s = co_await connected(store);
  (void)co_await s->create({"/a", "old"});
  std::vector<operation> bad = {create_operation{"/b", ""}, set_operation{"/a", "new"},
                                remove_operation{"/b"}, check_operation{"/a", 0}};
  expect_fails(co_await s->multi(bad), store_error::bad_version);
  const auto value = co_await s->get("/a");
  EXPECT_EQ(value->data, "old");
  EXPECT_EQ(value->stat.version, 0);
  EXPECT_EQ((co_await s->get("/"))->stat.children_version, 1);
  std::vector<operation> good = {check_operation{"/a", 0}, create_operation{"/a/b", "x"},
                                 set_operation{"/a", "new", 0}, remove_operation{"/a/b"}};
  const auto done = co_await s->multi(good);
  EXPECT_EQ(done->size(), 4);
  EXPECT_EQ((*done)[1].path, "/a/b");
  EXPECT_EQ((*done)[2].stat.version, 1);
  EXPECT_FALSE((co_await s->exists("/a/b"))->has_value());
}
TEST_P(store_contract, multi_is_all_or_nothing) {
  with_store(GetParam(), multi_is_all_or_nothing);
}

task<> watches_fire_once(store& store) {
  auto s = co_await connected(store);
  (void)co_await s->create({"/a", ""});
  (void)co_await s->get("/a", watch::yes);
  (void)co_await s->get("/a", watch::yes);
  (void)co_await s->children("/a", watch::yes);
  (void)co_await s->exists("/a/b", watch::yes);
  expect_fails(co_await s->get("/none", watch::yes), store_error::no_node);
  (void)co_await s->create({"/none", ""});
  (void)co_await s->create({"/a/b", ""});
  (void)co_await s->create({"/a/c", ""});
  (void)co_await s->set({"/a", "1"});
  (void)co_await s->set({"/a", "2"});
  std::vector<std::pair<event_kind, std::string>> seen;
  for (int i = 0; i < 3; ++i) {
    const auto event = co_await s->next_event();
    seen.emplace_back(event.kind, event.path);
  }
  EXPECT_THAT(seen, ElementsAre(std::pair(event_kind::node_created, "/a/b"),
                                std::pair(event_kind::children_changed, "/a"),
                                std::pair(event_kind::node_data_changed, "/a")));
  co_await s->close();
  EXPECT_EQ((co_await s->next_event()).kind, event_kind::session_expired);
}
TEST_P(store_contract, watches_fire_once) {
  with_store(GetParam(), watches_fire_once);
}

task<> create_numbered(session& s, int number) {
  (void)co_await s.create({"/n/" + std::to_string(number), std::to_string(number)});
}
task<> many_writers_at_once(store& store) {
  auto s = co_await connected(store);
  (void)co_await s->create({"/n", ""});
  runtime::task_group group("writers");
  std::vector<std::string> paths;
  for (int i = 0; i < 500; ++i) {
    group.spawn(create_numbered(*s, i));
    paths.push_back("/n/" + std::to_string(i));
  }
  // A read that starts now sees all or waits for it.
  EXPECT_EQ((co_await s->children("/n"))->size(), 500);
  co_await group.join();
  const auto values = co_await s->get_many(paths);
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i]->data, std::to_string(i));
  }
}
TEST_P(store_contract, many_writers_at_once) {
  with_store(GetParam(), many_writers_at_once);
}

INSTANTIATE_TEST_SUITE_P(stores, store_contract, testing::Values("memory", "embedded"),
                         [](const auto& info) { return info.param; });

task<> use_expired_session(memory_store& store) {
  auto s = co_await connected(store);
  (void)co_await s->create({"/live", "", node_kind::ephemeral});
  store.expire(s->id());
  expect_fails(co_await s->get("/live"), store_error::session_expired);
  EXPECT_EQ((co_await s->next_event()).kind, event_kind::session_expired);
  auto other = co_await connected(store);
  EXPECT_THAT(*co_await other->children("/"), IsEmpty());
}
TEST(memory_store, a_session_can_expire) {
  memory_store store;
  in_world([&] { return use_expired_session(store); });
}

}  // namespace
}  // namespace barnabas::metastore
