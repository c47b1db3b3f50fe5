// One Fetch request from its partitions to its answer (handlers/fetch.h). Owned by the connection's
// shard; while that waits, the owners' shards work on their parts, each on its own.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <list>

#include "broker/fetch_session.h"
#include "broker/handlers/fetch.h"
#include "broker/quota/request_quota.h"
#include "cluster/image.h"
#include "replica/partition.h"
#include "runtime/frame_allocator.h"
#include "runtime/wait.h"

namespace barnabas::broker::handlers {

struct fetch_entry {
  fetch_session::partitions::iterator asked;
  cluster::topic_ptr topic;    // null: unknown
  std::int64_t seen_end = -1;  // what could be read when it was read; more than that wakes a waiter
  replica::read_outcome read;
};

// The entries of one owner, and the place where their request waits there.
struct fetch_part {
  int shard = 0;
  boost::container::small_vector<fetch_entry*, 1> entries;
  // Touched by the owner only.
  runtime::condition woken;
  bool has_data = false;
  bool is_cancelled = false;
};

// What was found, in bytes.
struct fetch_sizes {
  std::int64_t sent = 0;
  std::int64_t held_back = 0;  // readable and allowed, but not sent
};

// May be moved until it is resolved.
struct fetch_work {
  fetch_services services;
  broker::request request;
  fetch_context context;
  std::int32_t max_wait_ms = 0;
  std::int32_t min_bytes = 0;
  std::int32_t max_bytes = 0;
  std::int32_t replica_id = -1;
  replica::isolation level = replica::isolation::read_uncommitted;
  request_quota* quota = nullptr;  // null where none holds, and for followers
  cluster::image_ptr image;
  boost::container::small_vector<fetch_entry, 1> entries;  // in the order of serving
  std::list<fetch_part, runtime::frame_allocator<fetch_part>> parts;

  // The most that the answer may have, the first batch excepted.
  std::int32_t byte_limit() const;
  // Finds topics and owners; entries that fail have their error in `read`.
  void resolve();
  // Reads every entry that has an owner, anew.
  runtime::task<> read();
  // Cuts what was read down to byte_limit().
  fetch_sizes apply_byte_limit();
  // What is not there keeps nobody from waiting for the rest, or its reader would ask in a loop.
  bool has_error() const;
  // Waits until one of the partitions has more than was read, or the deadline.
  runtime::task<> wait(runtime::steady_time deadline);
  reply encode();
  // Without data, for a client that has used up its quota. A session that the request would have
  // begun is none: the client does not know its partitions' answers (KIP-219).
  reply encode_throttled();

 private:
  runtime::task<bool> read_part(fetch_part& part);
  struct part_end;
  runtime::task<bool> wait_part(fetch_part& part, part_end& end, runtime::steady_time deadline);
  runtime::task<bool> wait_here(fetch_part& part, runtime::steady_time deadline);
  runtime::task<bool> cancel_when_closing(part_end& end);
  runtime::task<> cancel(fetch_part& part);
  bool is_worth_telling(const fetch_entry& entry) const;
};

}  // namespace barnabas::broker::handlers
