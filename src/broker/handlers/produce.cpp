#include "broker/handlers/produce.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <vector>

#include "base/log.h"
#include "broker/encode.h"
#include "broker/handlers/current_leader.h"
#include "broker/quota/request_quota.h"
#include "cluster/topic_names.h"
#include "protocol/messages/produce_response.h"
#include "record/batch_view.h"
#include "record/validator.h"
#include "runtime/task_group.h"

namespace barnabas::broker::handlers {
namespace {

using protocol::produce_response;

constexpr std::int16_t acks_all = -1;
constexpr std::int16_t first_version_with_topic_ids = 13;
constexpr std::int16_t first_version_with_zstd = 7;

// One partition of the request, from its bytes to its answer. Its owner shard works on it while the
// connection's shard waits.
struct entry {
  cluster::topic_ptr topic;
  std::int32_t index = 0;
  mutable_bytes batches;
  record::origin origin = record::origin::client;
  std::optional<std::vector<std::byte>> replacement;
  std::int64_t log_append_time_ms = -1;
  std::optional<std::int32_t> min_isr;
  int owner = owner_streak::no_shard;  // none: it failed before it reached one

  error failure{error_code::none, {}, 0};
  std::vector<record::record_error> record_errors;
  replica::append_outcome appended;

  bool is_ok() const { return failure.code == error_code::none; }
};

// All of a request; lives until its reply has been encoded.
struct produce_work {
  produce_services services;
  broker::request request;
  protocol::produce_request message;
  cluster::image_ptr image;
  boost::container::small_vector<entry, 1> entries;  // in the order of the message
  boost::container::small_vector<int, 4> shards;     // owners of entries that go on, each once
};

void refuse(entry& at, error_code code, std::string message = {}) {
  at.failure = {code, std::move(message), 0};
}

// Finds topic and partition; false when the entry has failed.
bool resolve(produce_work& work, const protocol::produce_request::topic_produce_data& topic,
             entry& at) {
  const bool by_id = work.request.version >= first_version_with_topic_ids;
  at.topic = by_id ? work.image->topics.find(topic.topic_id) : work.image->topics.find(topic.name);
  if (!at.topic) {
    refuse(at, by_id ? error_code::unknown_topic_id : error_code::unknown_topic_or_partition);
    return false;
  }
  const cluster::partition* partition = at.topic->find(at.index);
  if (partition == nullptr) {
    refuse(at, error_code::unknown_topic_or_partition);
  } else if (cluster::is_internal_topic(at.topic->name)) {
    refuse(at, error_code::invalid_topic_exception,
           at.topic->name + " is written by the broker alone");
  } else if (partition->leader != work.services.broker_id) {
    refuse(at, error_code::not_leader_or_follower);
  }
  return at.is_ok();
}

// What the topic's limits are for these batches. Reading uncompressed records costs little and
// keeps what consumers cannot read out of the log; compressed ones are opened only when the topic
// demands it.
record::validation_limits limits_for(const produce_work& work, const topic_settings& settings,
                                     const record::batch_header& header) {
  record::validation_limits limits = settings.validation;
  limits.is_zstd_allowed = work.request.version >= first_version_with_zstd;
  limits.always_read_records = header.compression() == record::compression_type::none;
  return limits;
}

void validate(produce_work& work, const protocol::records& records, entry& at,
              std::int64_t now_ms) {
  const auto settings = work.services.partitions.settings_of(at.topic->id);
  if (!settings) {
    return refuse(at, error_code::not_leader_or_follower);
  }
  if (records.is_null() || records.bytes().empty()) {
    return refuse(at, error_code::invalid_record, "a partition without a record batch");
  }
  // The frame is this request's own; the views that messages hand out are read-only.
  at.batches = work.request.body.subspan(
      static_cast<std::size_t>(records.bytes().data() - work.request.body.data()),
      records.bytes().size());
  const auto header = record::batch_header::parse(at.batches);
  if (header && header->is_transactional()) {
    return refuse(at, error_code::invalid_txn_state, "transactions are not served by this broker");
  }
  auto valid = record::validate(
      at.batches, header ? limits_for(work, *settings, *header) : settings->validation, now_ms);
  if (!valid) {
    at.failure = std::move(valid.error().why);
    at.record_errors = std::move(valid.error().record_errors);
    return;
  }
  if (valid->replacement) {
    at.replacement = std::move(valid->replacement);
    at.batches = *at.replacement;
  }
  at.log_append_time_ms = valid->log_append_time_ms;
  if (work.message.acks == acks_all) {
    at.min_isr = settings->min_insync_replicas;
  }
}

void prepare(produce_work& work) {
  const std::int64_t now_ms = runtime::shard::current().wall_clock_ms();
  const bool are_acks_valid = work.message.acks >= acks_all && work.message.acks <= 1;
  for (const auto& topic : work.message.topic_data) {
    for (const auto& partition : topic.partition_data) {
      entry& at = work.entries.emplace_back();
      at.index = partition.index;
      if (!are_acks_valid) {
        refuse(at, error_code::invalid_required_acks);
      } else if (resolve(work, topic, at)) {
        validate(work, partition.records, at, now_ms);
      }
      if (!at.is_ok()) {
        continue;
      }
      at.owner = work.services.partitions.shard_of(at.topic->name, at.index);
      if (std::ranges::find(work.shards, at.owner) == work.shards.end()) {
        work.shards.push_back(at.owner);
      }
    }
  }
  work.request.connection->owners.note(work.shards.size() == 1 ? work.shards.front()
                                                               : owner_streak::no_shard);
}

runtime::task<bool> append_one(partition_directory& partitions, entry& at) {
  const partition_ptr partition = partitions.find(at.topic->id, at.index);
  if (!partition) {
    refuse(at, error_code::not_leader_or_follower);
    co_return false;
  }
  auto appended = co_await partition->append(at.batches, at.origin, at.min_isr);
  if (appended) {
    at.appended = *appended;
  } else {
    at.failure = std::move(appended.error());
  }
  co_return at.is_ok();
}

// With acks=all until the records are acknowledged, else until they are on disk where
// flush.messages asks for it.
runtime::task<bool> wait_one(produce_services services, bool is_all, entry& at,
                             runtime::steady_time deadline) {
  if (!is_all && !at.appended.needs_disk) {
    co_return true;
  }
  const partition_ptr partition = services.partitions.find(at.topic->id, at.index);
  result<> done = fail(error_code::not_leader_or_follower);
  if (partition && is_all) {
    done = co_await partition->wait_committed(at.appended, services.rule, deadline);
  } else if (partition) {
    done = co_await partition->wait_on_disk(at.appended, deadline);
  }
  if (!done) {
    at.failure = std::move(done.error());
  }
  co_return at.is_ok();
}

// Runs `step` for every entry of `shard` that has not failed, there, all at once.
template <class Step>
runtime::task<bool> for_shard(produce_work& work, int shard, Step step) {
  if (work.entries.size() == 1 && work.entries.front().is_ok()) {
    co_return co_await step(work.entries.front());
  }
  std::vector<runtime::task<bool>> steps;
  for (entry& at : work.entries) {
    if (at.owner == shard && at.is_ok()) {
      steps.push_back(step(at));
    }
  }
  if (!steps.empty()) {
    co_await runtime::when_all(std::move(steps));
  }
  co_return true;
}

template <class Step>
runtime::task<> for_all_shards(produce_work& work, runtime::world& world, Step step) {
  const auto begin = [&work, &world, step](int shard) {
    return runtime::on_shard(world.shard_at(shard),
                             [&work, shard, step] { return for_shard(work, shard, step); });
  };
  if (work.shards.size() == 1) {
    co_await begin(work.shards.front());
    co_return;
  }
  std::vector<runtime::task<bool>> shards;
  shards.reserve(work.shards.size());
  for (const int shard : work.shards) {
    shards.push_back(begin(shard));
  }
  if (!shards.empty()) {
    co_await runtime::when_all(std::move(shards));
  }
}

void fill(const produce_work& work, const entry& at,
          produce_response::partition_produce_response& out) {
  out.index = at.index;
  out.error_code = at.failure.code;
  out.base_offset = -1;
  if (at.is_ok()) {
    out.base_offset = at.appended.base_offset;
    out.log_start_offset = at.appended.log_start_offset;
    out.log_append_time_ms = at.appended.duplicate_timestamp >= 0 && at.log_append_time_ms >= 0
                                 ? at.appended.duplicate_timestamp
                                 : at.log_append_time_ms;
    return;
  }
  for (const record::record_error& each : at.record_errors) {
    out.record_errors.push_back({each.batch_index, each.message});
  }
  if (!at.failure.message.empty()) {
    out.error_message = at.failure.message;
  }
  if (work.request.version >= 10) {
    fill_current_leader(*work.image, at.topic.get(), at.index, at.failure.code, out.current_leader);
  }
}

reply encode(const produce_work& work) {
  produce_response response;
  response.throttle_time_ms = work.request.quota != nullptr ? work.request.quota->settle() : 0;
  std::size_t next = 0;
  bool has_moved_leader = false;
  response.responses.reserve(work.message.topic_data.size());
  for (const auto& topic : work.message.topic_data) {
    auto& out = response.responses.emplace_back();
    out.name = topic.name;
    out.topic_id = topic.topic_id;
    out.partition_responses.reserve(topic.partition_data.size());
    for (std::size_t i = 0; i < topic.partition_data.size(); ++i) {
      const entry& at = work.entries[next++];
      fill(work, at, out.partition_responses.emplace_back());
      has_moved_leader |= at.failure.code == error_code::not_leader_or_follower;
    }
  }
  if (has_moved_leader && work.request.version >= 10) {
    fill_node_endpoints(*work.image, work.request.connection->listener_name,
                        response.node_endpoints);
  }
  return encode_reply(work.request, response);
}

void log_failures(const produce_work& work) {
  for (const entry& at : work.entries) {
    if (at.failure.code == error_code::kafka_storage_error ||
        at.failure.code == error_code::unknown_server_error) {
      log(log_level::error, "broker", "produce failed",
          {field("partition", at.topic->name + '-' + std::to_string(at.index)),
           field("error", error_name(at.failure.code)), field("reason", at.failure.message)});
    }
  }
}

// Not inlined: its frame would be a part of that of requests that wait for nothing.
[[gnu::noinline]] runtime::task<> wait_for_all(produce_work& work, runtime::world& world) {
  const bool is_all = work.message.acks == acks_all;
  const auto wait = std::chrono::milliseconds(std::max(work.message.timeout_ms, 0));
  const runtime::steady_time deadline = runtime::shard::current().now() + wait;
  co_await for_all_shards(work, world, [services = work.services, is_all, deadline](entry& at) {
    return wait_one(services, is_all, at, deadline);
  });
}

// The appends begin before this waits for the first time, in the order of the requests: a partition
// of this shard has each in its queue at once, and what is posted to another shard keeps its order.
// So the connection's next request need not wait for this one, and what came together is one write.
pending_reply finish(produce_work work, runtime::world& world) {
  co_await for_all_shards(work, world, [partitions = &work.services.partitions](entry& at) {
    return append_one(*partitions, at);
  });
  if (work.message.acks == acks_all || std::ranges::any_of(work.entries, [](const entry& at) {
        return at.is_ok() && at.appended.needs_disk;
      })) {
    co_await wait_for_all(work, world);
  }
  log_failures(work);
  if (work.message.acks != 0) {
    co_return encode(work);
  }
  reply nothing;
  nothing.close_connection = !std::ranges::all_of(work.entries, &entry::is_ok);
  co_return nothing;
}

}  // namespace

runtime::task<pending_reply> produce(produce_services services, request request,
                                     protocol::produce_request message) {
  produce_work work{services, std::move(request), std::move(message), services.images.current(), {},
                    {}};
  prepare(work);
  if (work.request.quota != nullptr) {
    work.request.quota->produced();
  }
  runtime::world& world = services.partitions.world();
  co_return finish(std::move(work), world);
}

}  // namespace barnabas::broker::handlers
