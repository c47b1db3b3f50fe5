// Incremental fetch sessions (KIP-227): the partitions that one consumer or follower reads,
// remembered between its requests, so that a request names only what changed and a response only
// what is new. A cache belongs to one shard; a session is found only by connections of that shard
// and moves with the one that used it last, others are told FETCH_SESSION_ID_NOT_FOUND and begin a
// new one. A session is used by one request at a time.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "runtime/shard.h"
#include "runtime/time.h"

namespace barnabas::broker {

// A partition as the request names it: by topic id since Fetch 13, by name before.
struct fetch_key {
  uuid topic_id;
  std::string topic;
  std::int32_t partition = 0;

  bool operator==(const fetch_key&) const = default;
};
struct fetch_key_hash {
  std::size_t operator()(const fetch_key& key) const noexcept;
};

struct fetch_partition {
  fetch_key key;
  std::int64_t fetch_offset = 0;
  std::int64_t follower_log_start_offset = -1;
  std::int32_t current_leader_epoch = -1;  // -1: unknown to the client
  std::int32_t last_fetched_epoch = -1;
  std::int32_t max_bytes = 0;

  // What the last response said; what differs is sent again.
  std::int64_t last_high_watermark = -1;
  std::int64_t last_log_start_offset = -1;
};

using fetch_partitions = boost::container::small_vector<fetch_partition, 1>;

class fetch_session {
 public:
  using partitions = std::list<fetch_partition>;  // in the order of serving

  fetch_session(std::int32_t id, bool uses_topic_ids) : id_(id), uses_topic_ids_(uses_topic_ids) {}

  std::int32_t id() const { return id_; }
  bool uses_topic_ids() const { return uses_topic_ids_; }
  std::size_t size() const { return list_.size(); }
  partitions& list() { return list_; }

  // Adds the partition, or takes over its new position and keeps its place.
  void put(fetch_partition partition);
  void forget(const fetch_key& key);
  // Partitions that had records go behind the others, so that one with much data does not starve
  // them.
  void move_to_end(partitions::iterator partition) { list_.splice(list_.end(), list_, partition); }

 private:
  friend class fetch_session_cache;

  std::int32_t id_;
  bool uses_topic_ids_;
  bool is_in_use_ = false;
  std::int32_t next_epoch_ = 1;
  runtime::steady_time last_used_{};
  partitions list_;
  std::unordered_map<fetch_key, partitions::iterator, fetch_key_hash> index_;
};

// The session part of a fetch request.
struct fetch_session_request {
  std::int32_t id = 0;
  std::int32_t epoch = -1;
  bool uses_topic_ids = false;
  fetch_partitions partitions;
  std::vector<fetch_key> forgotten;
};

// What a request reads. `session` is null for a request without one; its partitions then stand in
// `list`. A partition that was named twice is there once, with what was said last, as in Kafka.
struct fetch_context {
  std::shared_ptr<fetch_session> session;
  fetch_session::partitions list;
  bool is_incremental = false;

  std::int32_t session_id() const { return session ? session->id() : 0; }
  fetch_session::partitions& partitions() { return session ? session->list() : list; }
};

class fetch_session_cache {
 public:
  // `capacity` sessions at most; one that was unused for `eviction` gives way to a new one, others
  // do not.
  fetch_session_cache(std::size_t capacity, runtime::duration eviction)
      : capacity_(capacity), eviction_(eviction) {}

  // Epoch -1: no session, and an old one ends. Epoch 0: a new one if there is room. Else the
  // session continues: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH,
  // FETCH_SESSION_TOPIC_ID_ERROR (the request names topics in the other way). `random_id` becomes
  // the id of a new session.
  result<fetch_context> open(fetch_session_request request, runtime::steady_time now,
                             std::uint64_t random_id);
  // For a session whose connection moves to another shard; null when it is not here. Put there it
  // keeps its id, or is forgotten when there is no room for it.
  std::shared_ptr<fetch_session> take(std::int32_t id);
  void put(std::shared_ptr<fetch_session> session, runtime::steady_time now);
  // The session of this context ends with its request.
  void drop(fetch_context& context);
  // The request of this context has been answered.
  void release(fetch_context& context);
  std::size_t size() const { return sessions_.size(); }

 private:
  result<fetch_context> resume(fetch_session_request request, runtime::steady_time now);
  bool make_room(runtime::steady_time now);

  std::size_t capacity_;
  runtime::duration eviction_;
  std::unordered_map<std::int32_t, std::shared_ptr<fetch_session>> sessions_;
};

// One cache a shard, each found by the connections of its shard.
class fetch_session_shards {
 public:
  // `capacity` of all shards together (max.incremental.fetch.session.cache.slots).
  fetch_session_shards(int shards, std::size_t capacity, runtime::duration eviction) {
    for (int i = 0; i < shards; ++i) {
      caches_.push_back(std::make_unique<fetch_session_cache>(
          capacity / static_cast<std::size_t>(shards), eviction));
    }
  }
  fetch_session_cache& here() const {
    return *caches_[static_cast<std::size_t>(runtime::shard::current().index())];
  }

 private:
  std::vector<std::unique_ptr<fetch_session_cache>> caches_;
};

}  // namespace barnabas::broker
