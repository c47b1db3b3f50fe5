#include "client/cluster.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

// While others are left, one that does not answer is not waited for longer.
constexpr auto patience_with_one = std::chrono::seconds(3);
// In which order links are tried.
enum class turn_of : std::uint8_t { open, fresh, failed };
turn_of turn_for(const rpc::link& link) {
  return link.current() != nullptr ? turn_of::open
         : link.is_backing_off()   ? turn_of::failed
                                   : turn_of::fresh;
}

runtime::endpoint endpoint_of(const protocol::metadata_response::broker& broker) {
  return {std::string(broker.host), static_cast<std::uint16_t>(broker.port)};
}

// A broker may know less than another one that spoke before: an older epoch
// changes nothing.
void take_leaders(const protocol::metadata_response::topic& said, known_topic& known) {
  const bool is_another = known.id != said.topic_id;
  known.id = said.topic_id;
  known.partitions.resize(is_another ? said.partitions.size()
                                     : std::max(known.partitions.size(), said.partitions.size()));
  known.replicas.resize(known.partitions.size());
  for (const auto& partition : said.partitions) {
    if (partition.partition_index < 0 ||
        static_cast<std::size_t>(partition.partition_index) >= known.partitions.size()) {
      continue;
    }
    auto& leader = known.partitions[static_cast<std::size_t>(partition.partition_index)];
    if (is_another || partition.leader_epoch < 0 || partition.leader_epoch >= leader.epoch) {
      leader = {partition.leader_id, partition.leader_epoch};
      known.replicas[static_cast<std::size_t>(partition.partition_index)] = partition.replica_nodes;
    }
  }
}

}  // namespace

cluster::cluster(runtime::world& world, const cluster_configuration& settings)
    : network_(world.sockets()), settings_(settings) {
  if (settings_.tls) {
    settings_.link.tls = std::make_shared<security::tls_source>(
        world.files(), security::tls_role::client, *settings_.tls);
  }
  if (settings_.tokens) {
    fetch_tokens(world);
  }
}

void cluster::fetch_tokens(runtime::world& world) {
  tokens_ = std::make_unique<token_keeper>(world, tasks_, *settings_.tokens);
  auto sasl = *settings_.link.sasl;
  sasl.fetch_token = [this](runtime::steady_time deadline) { return tokens_->token(deadline); };
  settings_.link.sasl = std::make_shared<const rpc::sasl_settings>(std::move(sasl));
}

void cluster::start() {
  tasks_.spawn(keep_fresh());
}

runtime::task<> cluster::stop() {
  tasks_.stop();
  if (tokens_ != nullptr) {
    tokens_->close();
  }
  for (auto& [address, link] : links_) {
    link->close();
  }
  woken_.notify_all();
  changed_.notify_all();
  co_await tasks_.join();
}

const known_topic& cluster::use(const std::string& topic) {
  const auto [found, is_new] = topics_.try_emplace(topic);
  const bool was_wanted = std::exchange(found->second.is_wanted, true);
  if (is_new || (!was_wanted && found->second.code != error_code::none)) {
    refresh_soon();
  }
  return found->second;
}

const known_topic* cluster::find(const std::string& topic) const {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? nullptr : &found->second;
}

std::vector<std::int32_t> cluster::brokers() const {
  std::vector<std::int32_t> all;
  for (const auto& [id, broker] : brokers_) {
    all.push_back(id);
  }
  return all;
}

rack_set cluster::racks_of(const std::vector<std::int32_t>& brokers) const {
  rack_set racks;
  for (const std::int32_t each : brokers) {
    const auto found = brokers_.find(each);
    if (found != brokers_.end() && !found->second.rack.empty()) {
      racks.insert(found->second.rack);
    }
  }
  return racks;
}

void cluster::follow_all_topics(bool does) {
  if (does && !follows_all_) {
    refresh_soon();
  }
  follows_all_ = does;
}

void cluster::refresh_soon() {
  is_stale_ = true;
  woken_.notify_all();
}

bool cluster::hint_leader(const std::string& topic, std::int32_t partition,
                          partition_leader leader) {
  const auto found = topics_.find(topic);
  if (found == topics_.end() || partition < 0 ||
      static_cast<std::size_t>(partition) >= found->second.partitions.size() ||
      !brokers_.contains(leader.broker)) {
    return false;
  }
  auto& known = found->second.partitions[static_cast<std::size_t>(partition)];
  if (leader.epoch <= known.epoch) {
    return false;
  }
  known = leader;
  changed_.notify_all();
  return true;
}

rpc::link& cluster::link_to(const runtime::endpoint& address, connection_use use) {
  auto& link = links_[address.to_string() + (use == connection_use::group ? " group" : "")];
  if (link == nullptr) {
    link = std::make_unique<rpc::link>(network_, tasks_, address, settings_.link);
  }
  return *link;
}

rpc::link* cluster::link_of(std::int32_t broker, connection_use use) {
  const auto known = brokers_.find(broker);
  return known == brokers_.end() ? nullptr : &link_to(known->second.address, use);
}

runtime::task<> cluster::connect(rpc::link& to) {
  const auto deadline = runtime::shard::current().now() + settings_.link.setup_timeout;
  if (!co_await to.connected(deadline)) {
    refresh_soon();  // it may have moved
  }
  changed_.notify_all();
}

connection_ptr cluster::connection_now(std::int32_t broker) {
  rpc::link* const link = link_of(broker, connection_use::records);
  if (link == nullptr) {
    return nullptr;
  }
  auto open = link->current();
  if (open == nullptr && !link->is_connecting()) {
    tasks_.spawn(connect(*link));
  }
  return open;
}

runtime::task<result<connection_ptr>> cluster::connection_to(std::int32_t broker,
                                                             runtime::steady_time deadline,
                                                             connection_use use) {
  rpc::link* const link = link_of(broker, use);
  if (link == nullptr) {
    refresh_soon();
    co_return fail(error_code::broker_not_available,
                   "the cluster has no broker " + std::to_string(broker));
  }
  co_return co_await link->connected(deadline);
}

// Open ones first; then known brokers, in an order by chance; then where it all
// began.
std::vector<rpc::link*> cluster::candidates() {
  std::vector<rpc::link*> all;
  for (const auto& [id, broker] : brokers_) {
    all.push_back(&link_to(broker.address));
  }
  runtime::shard& here = runtime::shard::current();
  for (std::size_t i = all.size(); i > 1; --i) {
    std::swap(all[i - 1], all[here.random() % i]);
  }
  for (const runtime::endpoint& address : settings_.bootstrap) {
    rpc::link* const link = &link_to(address);
    if (!settings_.may_begin_again && !brokers_.empty()) {
      break;
    }
    if (std::ranges::find(all, link) == all.end()) {
      all.push_back(link);
    }
  }
  std::vector<rpc::link*> ordered;
  for (const auto turn : {turn_of::open, turn_of::fresh, turn_of::failed}) {
    std::ranges::copy_if(all, std::back_inserter(ordered),
                         [turn](const rpc::link* link) { return turn_for(*link) == turn; });
  }
  return ordered;
}

runtime::task<result<connection_ptr>> cluster::any_connection(runtime::steady_time deadline) {
  runtime::shard& here = runtime::shard::current();
  result<connection_ptr> last = fail(error_code::network_exception, "no broker answers");
  const auto all = candidates();
  for (rpc::link* const link : all) {
    const auto patience = all.size() == 1 ? deadline : here.now() + patience_with_one;
    last = co_await link->connected(std::min(deadline, patience));
    if (last || here.now() >= deadline || tasks_.is_stopping()) {
      break;
    }
  }
  co_return last;
}

runtime::task<> cluster::keep_fresh() {
  runtime::shard& here = runtime::shard::current();
  rpc::backoff pause(settings_.first_retry_backoff, settings_.most_retry_backoff);
  while (!tasks_.is_stopping()) {
    const std::size_t topics = topics_.size();
    is_stale_ = false;
    silent_since_ = silent_since_.value_or(here.now());
    const auto done = co_await refresh();
    trouble_ = done ? error{error_code::none, {}} : done.error();
    is_stale_ = is_stale_ || !done || topics != topics_.size();
    if (done) {
      pause.succeeded();
      silent_since_.reset();
    } else if (settings_.may_begin_again && !tasks_.is_stopping() &&
               (trouble_.code == error_code::rebootstrap_required ||
                here.now() >= *silent_since_ + settings_.begin_again_after)) {
      begin_again();
    }
    changed_.notify_all();
    const auto not_before = here.now() + pause.next(here.random());
    while (!tasks_.is_stopping() && here.now() < not_before &&
           (!done || topics == topics_.size())) {
      co_await woken_.wait_until(not_before);
    }
    const auto next = here.now() + settings_.refresh_interval;
    while (!tasks_.is_stopping() && !is_stale_ && here.now() < next) {
      co_await woken_.wait_until(next);
    }
  }
}

// An answer that takes longer than a silence may last is not waited for.
runtime::steady_time cluster::refresh_deadline() const {
  const auto now = runtime::shard::current().now();
  const auto deadline = now + settings_.request_timeout;
  const auto begins_again = *silent_since_ + settings_.begin_again_after;
  return settings_.may_begin_again && begins_again > now ? std::min(deadline, begins_again)
                                                         : deadline;
}

// What waits at the brokers of before is not answered any more: it is asked again where the new
// ones say.
void cluster::begin_again() {
  log(log_level::warn, "client", "the known brokers are forgotten, bootstrap.servers asked again",
      {field("why", trouble_.message)});
  trouble_.code = error_code::network_exception;  // it passes
  brokers_.clear();
  for (const auto& [address, link] : links_) {
    if (const auto open = link->current()) {
      open->end({error_code::network_exception, "the cluster is looked for again"});
    }
  }
  silent_since_.reset();
}

runtime::task<result<>> cluster::refresh() {
  const auto deadline = refresh_deadline();
  auto connection = co_await any_connection(deadline);
  if (!connection) {
    co_return fail(std::move(connection.error()));
  }
  protocol::metadata_request question;
  question.allow_auto_topic_creation = settings_.creates_topics;
  std::vector<std::string> names;
  for (const auto& [name, topic] : topics_) {
    names.push_back(name);
  }
  const bool asked_for_all = follows_all_;
  for (const std::string& name : names) {
    question.topics->push_back({.name = name});
  }
  if (asked_for_all) {
    question.topics.reset();
  }
  auto answer = co_await (*connection)->call<protocol::metadata_response>(question, deadline);
  if (!answer) {
    co_return fail(std::move(answer.error()));
  }
  if (const error_code code = answer->message.error_code; code != error_code::none) {
    co_return fail(
        code, fmt::format("broker {}: {}", (*connection)->peer().to_string(), error_name(code)));
  }
  if (asked_for_all) {
    forget_absent_topics(answer->message);
  }
  take(answer->message);
  ++refreshes_;
  co_return result<>{};
}

// An answer about all topics says of the others that they are not there.
void cluster::forget_absent_topics(const protocol::metadata_response& answer) {
  for (const auto& topic : answer.topics) {
    topics_.try_emplace(std::string(topic.name.value_or("")));
  }
  for (auto& [name, known] : topics_) {
    const auto found = std::ranges::find(answer.topics, name, [](const auto& topic) {
      return std::string_view(topic.name.value_or(""));
    });
    if (found == answer.topics.end()) {
      known.is_answered = true;
      known.code = error_code::unknown_topic_or_partition;
      is_stale_ = is_stale_ || known.is_wanted;
    }
  }
}

void cluster::take(const protocol::metadata_response& answer) {
  if (!answer.brokers.empty()) {
    brokers_.clear();
  }
  for (const auto& broker : answer.brokers) {
    brokers_[broker.node_id] = {endpoint_of(broker), std::string(broker.rack.value_or(""))};
  }
  controller_ = answer.controller_id;
  for (const auto& topic : answer.topics) {
    const auto found = topics_.find(topic.name.value_or(""));
    if (found == topics_.end()) {
      continue;
    }
    known_topic& known = found->second;
    known.is_answered = true;
    known.code = topic.error_code;
    known.is_internal = topic.is_internal;
    is_stale_ = is_stale_ || is_retriable(topic.error_code);
    if (topic.error_code != error_code::none) {
      continue;  // what was known may still be right
    }
    take_leaders(topic, known);
    is_stale_ = is_stale_ || std::ranges::any_of(known.partitions, [](const auto& leader) {
                  return leader.broker < 0;
                });
  }
}

}  // namespace barnabas::client
