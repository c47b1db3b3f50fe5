#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>
#include <sstream>

#include "base/log.h"
#include "base/log_levels.h"

namespace barnabas {
namespace {

class log_lines : public testing::Test {
 protected:
  void SetUp() override {
    set_log_to_stderr(false);
    ASSERT_TRUE(open_log_file(path_));
  }
  void TearDown() override {
    set_log_level("storage", std::nullopt);
    set_log_level(log_level::info);
    open_log_file("");
    std::remove(path_.c_str());
    set_log_to_stderr(true);
  }
  std::string written() const {
    std::stringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }
  // Of the only line, what follows date and time.
  std::string line() const { return written().substr(24); }

 private:
  std::string path_ = testing::TempDir() + "log_lines_" + std::to_string(::getpid());
};

TEST_F(log_lines, have_the_level_in_capitals_the_room_and_fields) {
  log(log_level::warn, "storage", "recovered log",
      {field("partition", "orders-3"), field("reason", "a \"torn\" tail")});
  EXPECT_EQ(line(),
            "WARN  [storage] recovered log partition=orders-3 reason=\"a \\\"torn\\\" tail\"\n");
}

TEST_F(log_lines, of_one_room_follow_its_own_level) {
  set_log_level("storage", log_level::debug);
  log(log_level::debug, "storage", "shown");
  log(log_level::debug, "network", "dropped");
  set_log_level("storage", log_level::error);
  log(log_level::warn, "storage", "dropped");
  EXPECT_EQ(line(), "DEBUG [storage] shown\n");
}

TEST_F(log_lines, follow_root_where_the_room_has_no_level) {
  set_log_level("storage", log_level::error);
  set_log_level(root_logger, log_level::trace);
  log(log_level::trace, "network", "shown");
  log(log_level::trace, "storage", "dropped");
  EXPECT_EQ(line(), "TRACE [network] shown\n");
  set_log_level("storage", std::nullopt);
  for (const logger_level& each : log_levels()) {
    EXPECT_EQ(each.level, log_level::trace) << each.name;
  }
}

TEST(log_levels, know_which_loggers_there_are) {
  EXPECT_TRUE(is_logger("root"));
  EXPECT_TRUE(is_logger("broker"));
  EXPECT_FALSE(is_logger("kafka.server.KafkaServer"));
  EXPECT_FALSE(is_logger(""));
}

}  // namespace
}  // namespace barnabas
