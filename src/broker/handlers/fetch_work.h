// One Fetch request from its partitions to its answer (handlers/fetch.h). Owned by the connection's
// shard; while that waits, the owners' shards work on their parts, each on its own.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include "broker/fetch_session.h"
#include "broker/handlers/fetch.h"
#include "broker/quota/request_quota.h"
#include "cluster/image.h"
#include "replica/partition.h"
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
  std::vector<fetch_entry*> entries;
  // Touched by the owner only.
  runtime::condition woken;
  bool has_data = false;
  bool is_cancelled = false;
};

struct fetch_work {
  fetch_work(fetch_services services, request request, protocol::fetch_request message)
      : services(services),
        request(std::move(request)),
        message(std::move(message)),
        quota(this->request.quota) {}

  fetch_services services;
  broker::request request;
  protocol::fetch_request message;
  request_quota* quota;  // null where none holds, and for followers
  cluster::image_ptr image;
  fetch_context context;
  replica::isolation level = replica::isolation::read_uncommitted;
  std::int32_t replica_id = -1;
  std::vector<fetch_entry> entries;  // in the order of serving
  std::list<fetch_part> parts;

  // The most that the answer may have, the first batch excepted.
  std::int32_t byte_limit() const;
  // Finds topics and owners; entries that fail have their error in `read`.
  void resolve();
  // Reads every entry that has an owner, anew.
  runtime::task<> read();
  // Cuts what was read down to byte_limit(). Returns the bytes that are left.
  std::int64_t apply_byte_limit();
  // What was readable and allowed, but is not sent.
  std::int64_t held_back_bytes() const;
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
  runtime::task<bool> wait_part(fetch_part& part, runtime::steady_time deadline);
  runtime::task<bool> wait_here(fetch_part& part, runtime::steady_time deadline);
  runtime::task<bool> cancel_when_closing();
  runtime::task<> cancel(fetch_part& part);
  bool is_worth_telling(const fetch_entry& entry) const;

  // Of the wait, on the connection's shard.
  runtime::condition part_ended_;
  bool has_part_ended_ = false;
};

}  // namespace barnabas::broker::handlers
