// What a client knows of its cluster: the brokers, the links to them, and the
// topics that it uses, with their leaders. It asks again from time to time,
// when somebody found something out of date. When no known broker can be reached
// it asks the bootstrap servers (KIP-899); when none has answered for a time or
// one says so, it forgets the brokers and begins again (KIP-1102). Lives on one
// shard; start() before use, stop() before it goes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "client/configuration.h"
#include "client/token_keeper.h"
#include "rpc/link.h"
#include "runtime/task_group.h"
#include "runtime/world.h"

namespace barnabas::protocol {
struct metadata_response;
}  // namespace barnabas::protocol

namespace barnabas::client {

using connection_ptr = std::shared_ptr<rpc::connection>;

struct partition_leader {
  std::int32_t broker = -1;  // -1: none now
  std::int32_t epoch = -1;
};
// Connections of a purpose of their own: a coordinator that keeps a JoinGroup waiting answers
// nothing else on that connection.
enum class connection_use : std::uint8_t { records, group };

struct known_topic {
  error_code code = error_code::none;  // why there is nothing to know
  bool is_answered = false;            // a broker has spoken of it
  bool is_wanted = false;              // by its name, not only as one of all
  bool is_internal = false;
  uuid id;
  std::vector<partition_leader> partitions;
  std::vector<std::vector<std::int32_t>> replicas;  // of each of them
};

class cluster {
 public:
  cluster(runtime::world& world, const cluster_configuration& settings);

  void start();
  runtime::task<> stop();

  // A topic that is asked for from now on; what is known of it may be nothing.
  // Lives as long as the cluster.
  const known_topic& use(const std::string& topic);
  const known_topic* find(const std::string& topic) const;
  // Asks for all topics of the cluster from now on, or only for those in use.
  void follow_all_topics(bool does);
  const std::map<std::string, known_topic, std::less<>>& topics() const { return topics_; }
  // Something is out of date: asks soon, not more often than retry.backoff.ms.
  void refresh_soon();
  // After each answer, each failure to get one, and each hint.
  runtime::condition& changed() { return changed_; }
  // Answers about all topics that are in use now have come since this count was
  // taken.
  std::uint64_t refreshes() const { return refreshes_; }
  // The last reason why metadata could not be had; empty when it could.
  const std::string& trouble() const { return trouble_.message; }
  error_code trouble_code() const { return trouble_.code; }
  // A broker says who leads (KIP-951). False when that is not newer than what
  // is known.
  bool hint_leader(const std::string& topic, std::int32_t partition, partition_leader leader);

  // To a broker: open already, or null; an attempt is begun if there is none.
  connection_ptr connection_now(std::int32_t broker);
  runtime::task<result<connection_ptr>> connection_to(std::int32_t broker,
                                                      runtime::steady_time deadline,
                                                      connection_use use = connection_use::records);
  // To whichever broker answers first.
  runtime::task<result<connection_ptr>> any_connection(runtime::steady_time deadline);
  // As the last answer said.
  bool has_broker(std::int32_t id) const { return brokers_.contains(id); }
  std::vector<std::int32_t> brokers() const;
  // Where those of them stand that say so.
  rack_set racks_of(const std::vector<std::int32_t>& brokers) const;
  // -1 before it is known.
  std::int32_t controller() const { return controller_; }

  const cluster_configuration& settings() const { return settings_; }
  runtime::task_group& tasks() { return tasks_; }

 private:
  struct known_broker {
    runtime::endpoint address;
    std::string rack;
  };

  void fetch_tokens(runtime::world& world);
  runtime::task<> keep_fresh();
  runtime::task<result<>> refresh();
  runtime::steady_time refresh_deadline() const;
  void begin_again();
  void take(const protocol::metadata_response& answer);
  void forget_absent_topics(const protocol::metadata_response& answer);
  rpc::link* link_of(std::int32_t broker, connection_use use);
  rpc::link& link_to(const runtime::endpoint& address,
                     connection_use use = connection_use::records);
  std::vector<rpc::link*> candidates();
  runtime::task<> connect(rpc::link& to);

  runtime::network& network_;
  cluster_configuration settings_;
  std::map<std::string, std::unique_ptr<rpc::link>> links_;  // by address and use
  std::map<std::int32_t, known_broker> brokers_;
  std::map<std::string, known_topic, std::less<>> topics_;
  std::int32_t controller_ = -1;
  bool follows_all_ = false;
  bool is_stale_ = true;
  std::uint64_t refreshes_ = 0;
  error trouble_{error_code::none, {}};
  // Since when nobody has answered.
  std::optional<runtime::steady_time> silent_since_;
  runtime::condition changed_;
  runtime::condition woken_;
  std::unique_ptr<token_keeper> tokens_;  // null: none are fetched
  runtime::task_group tasks_{"cluster"};
};

}  // namespace barnabas::client
