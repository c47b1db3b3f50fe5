#include "broker/handlers/describe_log_dirs.h"

#include <map>
#include <set>

#include "runtime/shard.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::describe_log_dirs_request;
using protocol::describe_log_dirs_response;

struct shown_log {
  std::int64_t size_bytes = 0;
  std::int64_t offset_lag = 0;  // of a copy
  bool is_future = false;
};

// What the response's views point to.
struct owner {
  std::vector<storage::directory_status> directories;
  std::vector<std::map<topic_partition, shown_log>> logs;  // by directory
};

// Which logs are asked for; all without a list of topics.
class question {
 public:
  explicit question(const describe_log_dirs_request& message) : is_for_all_(!message.topics) {
    if (message.topics) {
      for (const auto& topic : *message.topics) {
        for (const std::int32_t index : topic.partitions) {
          asked_.insert({std::string(topic.topic), index});
        }
      }
    }
  }
  bool includes(const topic_partition& one) const { return is_for_all_ || asked_.contains(one); }

 private:
  bool is_for_all_;
  std::set<topic_partition> asked_;
};

// Of one shard. `asked` and `into` belong to the caller's frame.
runtime::task<> add_logs(storage::shard_logs& logs, const question& asked,
                         std::vector<std::map<topic_partition, shown_log>>& into) {
  logs.for_each([&](const topic_partition& name, storage::managed_log& log) {
    if (!asked.includes(name)) {
      return;
    }
    into[static_cast<std::size_t>(log.directory)][name] = {.size_bytes = log.log->size_bytes()};
    if (log.move) {
      into[static_cast<std::size_t>(log.move->directory())][name] = {
          .size_bytes = log.move->size_bytes(),
          .offset_lag = log.log->log_end_offset() - log.move->end_offset(),
          .is_future = true};
    }
  });
  co_return;
}

void show_logs(const std::map<topic_partition, shown_log>& logs,
               describe_log_dirs_response::describe_log_dirs_result& out) {
  for (const auto& [name, log] : logs) {
    if (out.topics.empty() || out.topics.back().name != name.topic) {
      out.topics.emplace_back().name = name.topic;
    }
    auto& one = out.topics.back().partitions.emplace_back();
    one.partition_index = name.partition;
    one.partition_size = log.size_bytes;
    one.offset_lag = log.offset_lag;
    one.is_future_key = log.is_future;
  }
}

}  // namespace

runtime::task<owned_response<describe_log_dirs_response>> describe_log_dirs(
    log_dir_services services, describe_log_dirs_request message) {
  const auto keeps = std::make_shared<owner>();
  keeps->directories = co_await runtime::on_shard(
      services.world.shard_at(0), [&logs = services.logs] { return logs.status(); });
  keeps->logs.resize(keeps->directories.size());
  const question asked(message);
  for (int shard = 0; shard < services.world.shard_count(); ++shard) {
    co_await runtime::on_shard(services.world.shard_at(shard), [&, shard] {
      return add_logs(services.logs.on(shard), asked, keeps->logs);
    });
  }
  describe_log_dirs_response out;
  for (std::size_t i = 0; i < keeps->directories.size(); ++i) {
    const storage::directory_status& directory = keeps->directories[i];
    auto& one = out.results.emplace_back();
    one.log_dir = directory.path;
    if (!directory.is_online) {
      one.error_code = error_code::kafka_storage_error;
      continue;
    }
    one.is_cordoned = directory.is_cordoned;
    one.total_bytes = directory.space.total_bytes;
    one.usable_bytes = directory.space.usable_bytes;
    show_logs(keeps->logs[i], one);
  }
  co_return owned_response<describe_log_dirs_response>{std::move(out), keeps};
}

}  // namespace barnabas::broker::handlers
