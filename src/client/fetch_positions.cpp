// Where the fetcher reads: what is assigned, where each partition begins, and how far it is.
#include <fmt/format.h>

#include <algorithm>

#include "client/fetcher.h"
#include "client/offset_lookup.h"
#include "runtime/shard.h"

namespace barnabas::client {
namespace {

// Places that are not looked up at the leader: none, as a seek is waited for, and where the group
// has committed.
constexpr std::int64_t no_place = -3;
constexpr std::int64_t committed_place_of_group = -4;

}  // namespace

void fetcher::assign(const std::vector<topic_partition>& partitions) {
  std::map<topic_partition, partition_ptr> kept;
  for (const topic_partition& name : partitions) {
    const auto found = assigned_.find(name);
    kept.emplace(name, found == assigned_.end() ? begin_reading(name) : found->second);
  }
  {
    const runtime::lock_holder held(queue_.guard());
    for (const auto& [name, old] : assigned_) {
      old->is_assigned = kept.contains(name);
    }
  }
  assigned_ = std::move(kept);
  wake();
}

void fetcher::withhold(const std::vector<topic_partition>& partitions) {
  const runtime::lock_holder held(queue_.guard());
  for (const topic_partition& each : partitions) {
    if (const auto found = assigned_.find(each); found != assigned_.end()) {
      found->second->is_assigned = false;
    }
  }
}

std::vector<topic_partition> fetcher::assigned() const {
  std::vector<topic_partition> names;
  for (const auto& [name, each] : assigned_) {
    names.push_back(name);
  }
  return names;
}

partition_ptr fetcher::begin_reading(const topic_partition& name) {
  auto fresh = std::make_shared<assigned_partition>();
  fresh->name = name;
  cluster_.use(name.topic);
  if (offsets_ != nullptr) {
    fresh->look_up_time = committed_place_of_group;
  } else {
    reset_position(fresh);
  }
  return fresh;
}

void fetcher::start_from(assigned_partition& partition, std::int64_t offset) {
  partition.fetch_offset = std::max<std::int64_t>(offset, -1);
  partition.fetch_epoch = -1;
  partition.look_up_time = offset;
  const runtime::lock_holder held(queue_.guard());
  partition.fetch_generation = ++partition.generation;
}

std::int64_t fetcher::reset_time() const {
  switch (settings_.reset) {
    case offset_reset::earliest:
      return time_of_begin;
    case offset_reset::latest:
      return time_of_end;
    case offset_reset::none:
      return no_place;
    case offset_reset::by_duration:
      break;
  }
  return runtime::shard::current().wall_clock_ms() -
         settings_.reset_age / std::chrono::milliseconds(1);
}

void fetcher::stop_reading(assigned_partition& partition) {
  start_from(partition, -1);
  partition.look_up_time = no_place;
}

void fetcher::reset_position(const partition_ptr& partition) {
  start_from(*partition, -1);
  partition->look_up_time = reset_time();
  if (settings_.reset == offset_reset::none) {
    report(partition, {error_code::offset_out_of_range,
                       fmt::format("{} has no position, and auto.offset.reset says none",
                                   partition->name.to_string())});
  }
}

result<partition_ptr> fetcher::find(const topic_partition& name) const {
  const auto found = assigned_.find(name);
  return found != assigned_.end()
             ? result<partition_ptr>(found->second)
             : fail(error_code::unknown_topic_or_partition, name.to_string() + " is not assigned");
}

result<> fetcher::seek(const topic_partition& partition, std::int64_t offset) {
  const auto found = find(partition);
  if (!found) {
    return fail(found.error());
  }
  if (offset < time_of_begin) {
    return fail(error_code::offset_out_of_range,
                fmt::format("{} has no offset {}", partition.to_string(), offset));
  }
  assigned_partition& sought = **found;
  start_from(sought, offset);
  {
    const runtime::lock_holder held(queue_.guard());
    sought.position = sought.processed = {sought.fetch_offset};
  }
  wake();
  return {};
}

result<> fetcher::set_paused(const std::vector<topic_partition>& partitions, bool is_paused) {
  for (const topic_partition& each : partitions) {
    if (const auto found = find(each); !found) {
      return fail(found.error());
    }
  }
  const runtime::lock_holder held(queue_.guard());
  for (const topic_partition& each : partitions) {
    assigned_.at(each)->is_paused = is_paused;
  }
  wake();
  return {};
}

result<std::int64_t> fetcher::position(const topic_partition& partition) const {
  const auto found = find(partition);
  if (!found) {
    return fail(found.error());
  }
  const runtime::lock_holder held(queue_.guard());
  return (*found)->position.offset;
}

result<std::int64_t> fetcher::lag(const topic_partition& partition) const {
  const auto found = find(partition);
  if (!found) {
    return fail(found.error());
  }
  const runtime::lock_holder held(queue_.guard());
  const assigned_partition& it = **found;
  return it.log_end < 0 || it.position.offset < 0
             ? -1
             : std::max<std::int64_t>(0, it.log_end - it.position.offset);
}

committed_places fetcher::positions() const {
  committed_places places;
  const runtime::lock_holder held(queue_.guard());
  for (const auto& [name, each] : assigned_) {
    if (each->position.offset >= 0) {
      places[name] = {each->position.offset, each->position.leader_epoch};
    }
  }
  return places;
}

committed_places fetcher::processed(const std::vector<topic_partition>& partitions) const {
  committed_places places;
  const runtime::lock_holder held(queue_.guard());
  for (const topic_partition& name : partitions) {
    const auto found = assigned_.find(name);
    if (found == assigned_.end()) {
      continue;
    }
    const auto& [offset, epoch] = found->second->processed;
    if (offset >= 0 && offset != found->second->committed) {
      places[name] = {offset, epoch};
    }
  }
  return places;
}

void fetcher::note_committed(const committed_places& places) {
  for (const auto& [name, place] : places) {
    if (const auto found = assigned_.find(name); found != assigned_.end()) {
      found->second->committed = place.offset;
    }
  }
}

void fetcher::look_up() {
  const auto now = runtime::shard::current().now();
  std::vector<partition_ptr> unknown;
  std::vector<partition_ptr> of_group;
  for (const auto& [name, each] : assigned_) {
    if (each->fetch_offset >= 0 || each->look_up_time == no_place || each->is_looking_up ||
        each->not_before > now) {
      continue;
    }
    const bool is_of_group = each->look_up_time == committed_place_of_group;
    if (is_of_group || leader_of(name).broker >= 0) {
      each->is_looking_up = true;
      (is_of_group ? of_group : unknown).push_back(each);
    }
  }
  if (!unknown.empty()) {
    tasks_.spawn(look_up(std::move(unknown)));
  }
  if (!of_group.empty()) {
    tasks_.spawn(look_up_committed(std::move(of_group)));
  }
}

runtime::task<> fetcher::look_up_committed(std::vector<partition_ptr> partitions) {
  std::vector<topic_partition> names;
  for (const partition_ptr& each : partitions) {
    names.push_back(each->name);
  }
  const auto deadline = runtime::shard::current().now() + cluster_.settings().request_timeout;
  const auto found = co_await offsets_->fetch(names, deadline);
  for (const partition_ptr& each : partitions) {
    each->is_looking_up = false;
    if (each->look_up_time != committed_place_of_group) {
      continue;  // a seek came between
    }
    if (!found) {
      failed(*each, found.error().code);
      if (!is_retriable(found.error().code)) {
        report(each, found.error());
      }
      continue;
    }
    const auto place = found->find(each->name);
    if (place == found->end()) {
      reset_position(each);
      continue;
    }
    start_from(*each, place->second.offset);
    each->fetch_epoch = place->second.leader_epoch;
    each->committed = place->second.offset;
    const runtime::lock_holder held(queue_.guard());
    each->position = each->processed = {place->second.offset, place->second.leader_epoch};
  }
  wake();
}

runtime::task<> fetcher::look_up(std::vector<partition_ptr> partitions) {
  std::map<topic_partition, std::int64_t> times;
  std::map<topic_partition, std::uint64_t> generations;
  for (const partition_ptr& each : partitions) {
    times[each->name] = each->look_up_time;
    generations[each->name] = each->fetch_generation;
  }
  const auto deadline = runtime::shard::current().now() + cluster_.settings().request_timeout;
  const auto found =
      co_await look_up_offsets(cluster_, times, settings_.reads_uncommitted, deadline);
  for (const partition_ptr& each : partitions) {
    each->is_looking_up = false;
    if (each->fetch_generation != generations[each->name]) {
      continue;  // a seek came between
    }
    const auto& offset = found.at(each->name);
    if (!offset) {
      failed(*each, offset.error().code);
      report(each, offset.error());
    } else if (*offset < 0) {
      each->look_up_time = time_of_end;  // nothing is as young as that
    } else {
      each->fetch_offset = *offset;
      each->failures = 0;
      const runtime::lock_holder held(queue_.guard());
      each->position = each->processed = {*offset};
    }
  }
  wake();
}

}  // namespace barnabas::client
