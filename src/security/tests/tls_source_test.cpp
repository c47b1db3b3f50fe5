#include "security/tls_source.h"

#include "base/log.h"
#include "runtime/simulated/simulation.h"
#include "test_stores.h"

// The data: BARNABAS_TEST_DATA.
namespace barnabas::security {
namespace {

using runtime::task;

// One call after each change of the files; which context it gave, by its place in `seen`.
task<> ask(tls_source& source, std::vector<std::shared_ptr<detail::tls_state>>& seen,
           std::vector<std::string>& said) {
  const auto now = co_await source.current();
  if (!now) {
    said.push_back(now.error().message);
    co_return;
  }
  const auto found = std::ranges::find(seen, now->state());
  said.push_back("context " + std::to_string(found - seen.begin()));
  if (found == seen.end()) {
    seen.push_back(now->state());
  }
}

task<> change_files(runtime::world& world, std::vector<std::string>& said) {
  runtime::file_system& files = world.files();
  const auto put = [&](const std::string& as, const std::string& name) {
    EXPECT_TRUE(files.replace_text(as, test_file(name)));
  };
  tls_source source(files, tls_role::server,
                    {.certificate = {.setting = "ssl.keystore.location", .location = "/chain.pem"},
                     .key = {.setting = "ssl.keystore.key", .location = "/key.pem"},
                     .verifies_server = false});
  std::vector<std::shared_ptr<detail::tls_state>> seen;
  co_await ask(source, seen, said);
  put("/chain.pem", "broker.pem");
  put("/key.pem", "broker.key");
  co_await ask(source, seen, said);
  co_await ask(source, seen, said);
  put("/chain.pem", "client.pem");
  co_await ask(source, seen, said);
  put("/key.pem", "client.key");
  co_await ask(source, seen, said);
}

TEST(tls_source, takes_new_files_when_they_go_together) {
  runtime::simulated::simulation sim(1);
  auto& machine = sim.add_machine("here", 1);
  machine.set_clock_offset(std::chrono::milliseconds(day_of_tests_ms - machine.wall_clock_ms()));
  std::vector<std::string> said;
  set_log_to_stderr(false);
  machine.start([&](runtime::world& world) { return change_files(world, said); });
  EXPECT_TRUE(sim.run_until([&] { return !machine.is_running(); }, std::chrono::seconds(60)));
  set_log_to_stderr(true);
  ASSERT_EQ(said.size(), 5u);
  EXPECT_THAT(said[0], testing::HasSubstr("ssl.keystore.location=/chain.pem"));
  EXPECT_EQ(said[1], "context 0");
  EXPECT_EQ(said[2], "context 0") << "nothing has changed";
  EXPECT_EQ(said[3], "context 0") << "the new certificate does not go with the old key";
  EXPECT_EQ(said[4], "context 1");
}

}  // namespace
}  // namespace barnabas::security
