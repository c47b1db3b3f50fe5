#include "broker/fetch_session.h"

#include <algorithm>
#include <limits>

namespace barnabas::broker {

std::size_t fetch_key_hash::operator()(const fetch_key& key) const noexcept {
  return std::hash<uuid>{}(key.topic_id) ^ (std::hash<std::string>{}(key.topic) * 31) ^
         (static_cast<std::size_t>(key.partition) * 0x9e3779b97f4a7c15ull);
}

namespace {

// False when each is another partition. Cheaper than an index, which hardly any request needs.
bool may_repeat(const fetch_partitions& partitions) {
  if (partitions.size() < 2) {
    return false;
  }
  std::vector<std::size_t> hashes;
  hashes.reserve(partitions.size());
  for (const fetch_partition& each : partitions) {
    hashes.push_back(fetch_key_hash()(each.key));
  }
  std::ranges::sort(hashes);
  return std::ranges::adjacent_find(hashes) != hashes.end();
}

}  // namespace

void fetch_session::put(fetch_partition partition) {
  const auto known = index_.find(partition.key);
  if (known == index_.end()) {
    list_.push_back(std::move(partition));
    index_.emplace(list_.back().key, std::prev(list_.end()));
    return;
  }
  partition.last_high_watermark = known->second->last_high_watermark;
  partition.last_log_start_offset = known->second->last_log_start_offset;
  *known->second = std::move(partition);
}

void fetch_session::forget(const fetch_key& key) {
  const auto known = index_.find(key);
  if (known != index_.end()) {
    list_.erase(known->second);
    index_.erase(known);
  }
}

result<fetch_context> fetch_session_cache::open(fetch_session_request request,
                                                runtime::steady_time now, std::uint64_t random_id) {
  if (request.epoch != 0 && request.epoch != -1) {
    return resume(std::move(request), now);
  }
  sessions_.erase(request.id);
  fetch_context context;
  std::int32_t id = static_cast<std::int32_t>(random_id & std::numeric_limits<std::int32_t>::max());
  while (id == 0 || sessions_.contains(id)) {
    id = (id + 1) & std::numeric_limits<std::int32_t>::max();
  }
  if (request.epoch == 0 && make_room(now)) {
    context.session = std::make_shared<fetch_session>(id, request.uses_topic_ids);
    context.session->last_used_ = now;
    context.session->is_in_use_ = true;
    sessions_.emplace(id, context.session);
  }
  fetch_session once(0, request.uses_topic_ids);
  const bool is_indexed = context.session || may_repeat(request.partitions);
  fetch_session& indexed = context.session ? *context.session : once;
  for (fetch_partition& partition : request.partitions) {
    if (is_indexed) {
      indexed.put(std::move(partition));
    } else {
      context.list.push_back(std::move(partition));
    }
  }
  if (!context.session && is_indexed) {
    context.list = std::move(once.list());
  }
  return context;
}

result<fetch_context> fetch_session_cache::resume(fetch_session_request request,
                                                  runtime::steady_time now) {
  const auto found = sessions_.find(request.id);
  if (found == sessions_.end()) {
    return fail(error_code::fetch_session_id_not_found);
  }
  fetch_session& session = *found->second;
  if (session.is_in_use_ || session.next_epoch_ != request.epoch) {
    return fail(error_code::invalid_fetch_session_epoch);
  }
  if (session.uses_topic_ids() != request.uses_topic_ids) {
    return fail(error_code::fetch_session_topic_id_error);
  }
  const auto asked = request.forgotten.empty() ? fetch_partitions() : request.partitions;
  for (fetch_partition& partition : request.partitions) {
    session.put(std::move(partition));
  }
  for (const fetch_key& key : request.forgotten) {
    session.forget(key);
  }
  session.next_epoch_ =
      session.next_epoch_ == std::numeric_limits<std::int32_t>::max() ? 1 : session.next_epoch_ + 1;
  session.last_used_ = now;
  fetch_context context;
  if (session.size() == 0) {  // all forgotten: nothing to remember, and what was asked for is read
    sessions_.erase(found);
    context.list.assign(asked.begin(), asked.end());
    return context;
  }
  context.is_incremental = true;
  context.session = found->second;
  session.is_in_use_ = true;
  return context;
}

std::shared_ptr<fetch_session> fetch_session_cache::take(std::int32_t id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second->is_in_use_) {
    return nullptr;
  }
  auto session = std::move(found->second);
  sessions_.erase(found);
  return session;
}

void fetch_session_cache::put(std::shared_ptr<fetch_session> session, runtime::steady_time now) {
  if (session && !sessions_.contains(session->id()) && make_room(now)) {
    const std::int32_t id = session->id();
    sessions_.emplace(id, std::move(session));
  }
}

void fetch_session_cache::drop(fetch_context& context) {
  sessions_.erase(context.session_id());
}

void fetch_session_cache::release(fetch_context& context) {
  if (context.session) {
    context.session->is_in_use_ = false;
  }
}

bool fetch_session_cache::make_room(runtime::steady_time now) {
  if (sessions_.size() < capacity_) {
    return true;
  }
  auto oldest = sessions_.end();
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
    if (oldest == sessions_.end() || it->second->last_used_ < oldest->second->last_used_) {
      oldest = it;
    }
  }
  if (oldest == sessions_.end() || oldest->second->is_in_use_ ||
      now - oldest->second->last_used_ < eviction_) {
    return false;
  }
  sessions_.erase(oldest);
  return true;
}

}  // namespace barnabas::broker
