#include "replica/partition.h"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <utility>

#include "base/ensure.h"

namespace barnabas::replica {
namespace {

constexpr std::int64_t latest_timestamp = -1;
constexpr std::int64_t earliest_timestamp = -2;
constexpr std::int64_t max_timestamp = -3;
constexpr std::int64_t earliest_local_timestamp = -4;
constexpr std::int64_t latest_tiered_timestamp = -5;

// What has come together is written at the latest when it is so much, for then the core's cache
// still holds it: that is worth more than a write shared with even more.
constexpr std::size_t gathered_bytes = 192 << 10;

}  // namespace

// Lives in the frame of append(). The first one that finds nobody waiting yields once and then
// appends for all, unless those that joined have brought enough and done so.
struct partition::pending_append {
  storage::leader_append append;
  pending_append* next = nullptr;
  std::coroutine_handle<> waiter;
  bool is_done = false;
  bool needs_disk = false;

  bool await_ready() const noexcept { return is_done; }
  void await_suspend(std::coroutine_handle<> self) noexcept { waiter = self; }
  void await_resume() const noexcept {}
};

partition::partition(topic_partition name, std::int32_t broker_id, storage::managed_log& log,
                     storage::shard_logs& logs)
    : name_(std::move(name)), broker_id_(broker_id), log_(&log), logs_(logs) {}

partition::~partition() = default;

bool partition::apply(leadership next) {
  if (log_ == nullptr || next.leader_epoch < state_.leader_epoch) {
    return false;
  }
  const bool is_new_epoch = next.leader_epoch > state_.leader_epoch || state_.leader == -1;
  state_ = std::move(next);
  if (is_leader() && is_new_epoch) {
    log_->log->start_leader_epoch(state_.leader_epoch);
  }
  advance_high_watermark();
  moved_.notify_all();
  waiters_.notify();
  return true;
}

void partition::close() {
  log_ = nullptr;
  moved_.notify_all();
  waiters_.notify();
}

result<> partition::check_leader(std::int32_t current_leader_epoch) const {
  if (log_ == nullptr) {
    return fail(error_code::unknown_topic_or_partition);
  }
  if (current_leader_epoch != -1 && current_leader_epoch < state_.leader_epoch) {
    return fail(error_code::fenced_leader_epoch);
  }
  if (current_leader_epoch > state_.leader_epoch) {
    return fail(error_code::unknown_leader_epoch);
  }
  if (!is_leader()) {
    return fail(error_code::not_leader_or_follower);
  }
  return {};
}

result<> partition::check_append(std::optional<std::int32_t> min_isr) const {
  if (!is_leader()) {
    return fail(error_code::not_leader_or_follower);
  }
  if (min_isr && static_cast<std::int32_t>(state_.isr.size()) < *min_isr) {
    return fail(error_code::not_enough_replicas,
                name_.to_string() + ": " + std::to_string(state_.isr.size()) +
                    " replicas are in sync, min.insync.replicas is " + std::to_string(*min_isr));
  }
  return logs_.check_writable(*log_);
}

runtime::task<result<append_outcome>> partition::append(mutable_bytes batches,
                                                        record::origin origin,
                                                        std::optional<std::int32_t> min_isr) {
  if (auto allowed = check_append(min_isr); !allowed) {
    co_return fail(std::move(allowed.error()));
  }
  pending_append pending;
  pending.append.batches = batches;
  pending.append.origin = origin;
  const bool is_first = first_pending_ == nullptr;
  (is_first ? first_pending_ : last_pending_->next) = &pending;
  last_pending_ = &pending;
  pending_bytes_ += batches.size();
  const auto is_paused = [this] { return log_ != nullptr && log_->is_paused; };
  if (pending_bytes_ >= gathered_bytes && !is_paused()) {
    append_pending();
  } else if (!is_first) {
    co_await pending;
  } else {
    co_await runtime::yield();
    while (!pending.is_done && is_paused()) [[unlikely]] {
      co_await log_->resumed.wait_until(runtime::no_deadline);
    }
    if (!pending.is_done) {
      append_pending();
    }
  }
  if (!pending.append.outcome) {
    co_return fail(std::move(pending.append.outcome.error()));
  }
  const storage::append_info& info = *pending.append.outcome;
  append_outcome outcome;
  outcome.base_offset = info.first_offset;
  outcome.end_offset = info.last_offset + 1;
  outcome.leader_epoch = state_.leader_epoch;
  outcome.log_start_offset = log_ != nullptr ? log_->log->log_start_offset() : -1;
  outcome.duplicate_timestamp = info.duplicate_timestamp;
  outcome.needs_disk = pending.needs_disk;
  co_return outcome;
}

void partition::append_pending() {
  pending_append* first = std::exchange(first_pending_, nullptr);
  last_pending_ = nullptr;
  pending_bytes_ = 0;
  runtime::shard& here = runtime::shard::current();
  if (!is_leader()) {
    for (pending_append* each = first; each != nullptr; each = each->next) {
      each->append.outcome = fail(error_code::not_leader_or_follower);
    }
  } else if (first->next == nullptr) {
    first->append.outcome = log_->log->append_as_leader(first->append.batches, state_.leader_epoch,
                                                        first->append.origin, here.wall_clock_ms());
  } else {
    boost::container::small_vector<storage::leader_append, 8> appends;
    for (pending_append* each = first; each != nullptr; each = each->next) {
      appends.push_back(std::move(each->append));
    }
    log_->log->append_as_leader(appends, state_.leader_epoch, here.wall_clock_ms());
    std::size_t at = 0;
    for (pending_append* each = first; each != nullptr; each = each->next) {
      each->append.outcome = std::move(appends[at++].outcome);
    }
  }
  const bool needs_disk = log_ != nullptr && logs_.flusher().appended(*log_);
  for (pending_append* each = first; each != nullptr;) {
    pending_append* next = each->next;
    each->is_done = true;
    each->needs_disk = needs_disk;
    if (each->waiter) {
      here.post(each->waiter);
    }
    each = next;
  }
  advance_high_watermark();
}

void partition::advance_high_watermark() {
  if (!is_leader() || state_.isr.size() > 1) {
    return;  // followers move it then
  }
  const std::int64_t end = log_->log->log_end_offset();
  if (end > log_->high_watermark) {
    log_->high_watermark = end;
    log_->log->advance_high_watermark(end);
    moved_.notify_all();
    waiters_.notify();
  }
}

runtime::task<result<>> partition::wait_committed(append_outcome appended, acknowledgement rule,
                                                  runtime::steady_time deadline) {
  const auto still_leads = [this, &appended] {
    return is_leader() && state_.leader_epoch == appended.leader_epoch;
  };
  while (still_leads() && log_->high_watermark < appended.end_offset) {
    if (!co_await moved_.wait_until(deadline)) {
      co_return fail(error_code::request_timed_out);
    }
  }
  if (!still_leads()) {
    co_return fail(error_code::not_leader_or_follower);
  }
  const bool needs_disk = appended.needs_disk || rule == acknowledgement::disk ||
                          (rule == acknowledgement::replicated_or_disk && state_.isr.size() < 2);
  if (!needs_disk) {
    co_return result<>{};
  }
  co_return co_await wait_on_disk(appended, deadline);
}

runtime::task<result<>> partition::wait_on_disk(append_outcome appended,
                                                runtime::steady_time deadline) {
  if (!is_leader() || state_.leader_epoch != appended.leader_epoch) {
    co_return fail(error_code::not_leader_or_follower);
  }
  if (log_->log->recovery_point() >= appended.end_offset) {
    co_return result<>{};
  }
  co_return co_await logs_.flusher().wait_durable(*log_, appended.end_offset, deadline);
}

std::int64_t partition::readable_end(isolation level) const {
  if (log_ == nullptr) {
    return -1;
  }
  switch (level) {
    case isolation::read_uncommitted:
      return log_->high_watermark;
    case isolation::read_committed:
      return log_->log->last_stable_offset(log_->high_watermark);
    case isolation::log_end:
      return log_->log->log_end_offset();
  }
  return -1;
}

std::optional<storage::epoch_end_offset> partition::divergence(
    const read_position& position) const {
  if (position.last_fetched_epoch < 0) {
    return std::nullopt;
  }
  const storage::epoch_end_offset end =
      log_->log->end_offset_for_epoch(position.last_fetched_epoch);
  if (end.end_offset < position.offset || end.epoch < position.last_fetched_epoch) {
    return end;
  }
  return std::nullopt;
}

runtime::task<read_outcome> partition::read(read_position position) {
  read_outcome outcome;
  if (auto allowed = check_leader(position.current_leader_epoch); !allowed) {
    outcome.error = allowed.error().code;
    co_return outcome;
  }
  storage::log& log = *log_->log;
  outcome.high_watermark = log_->high_watermark;
  outcome.log_start_offset = log.log_start_offset();
  outcome.last_stable_offset = log.last_stable_offset(log_->high_watermark);
  outcome.diverging = divergence(position);
  if (outcome.diverging && outcome.diverging->epoch < 0) {  // an epoch that is newer than the log
    co_return read_outcome{.error = error_code::offset_out_of_range};
  }
  if (outcome.diverging) {
    co_return outcome;
  }
  storage::read_request request;
  request.start_offset = position.offset;
  request.max_bytes = position.max_bytes;
  request.max_offset = readable_end(position.level);
  request.min_one_batch = position.min_one_batch;
  request.with_aborted_transactions = position.level == isolation::read_committed;

  auto data = co_await read_log(request);
  if (!data) {
    co_return read_outcome{.error = data.error().code};
  }
  outcome.data = std::move(*data);
  co_return outcome;
}

// Until the log has been exchanged for its copy in another directory: for a moment its files have
// other names.
runtime::task<> partition::while_paused() {
  while (log_ != nullptr && log_->is_paused) {
    co_await log_->resumed.wait_until(runtime::no_deadline);
  }
}

// On a file thread when files have to be opened or are not in the page cache; again when compaction
// has replaced them meanwhile.
runtime::task<result<storage::read_result>> partition::read_log(storage::read_request request) {
  while (log_ != nullptr) {
    result<storage::read_result> data;
    auto cold = log_->log->read_cached(request, data);
    if (cold) {
      data = co_await runtime::blocking([&cold] { return cold->run(); });
    }
    if (!data && log_ != nullptr && log_->is_paused) {
      co_await while_paused();
    } else if (log_ != nullptr && (!cold || log_->log->keep(*cold))) {
      co_return data;
    }
  }
  co_return fail(error_code::not_leader_or_follower);
}

runtime::task<result<storage::timestamp_and_offset>> partition::find_offset(
    std::int64_t timestamp, isolation level, std::int32_t current_leader_epoch) {
  using answer = storage::timestamp_and_offset;
  if (auto allowed = check_leader(current_leader_epoch); !allowed) {
    co_return fail(std::move(allowed.error()));
  }
  storage::log& log = *log_->log;
  const std::int64_t readable = readable_end(level);
  if (timestamp == latest_timestamp) {
    co_return answer{-1, readable, log.leader_epochs().latest_epoch().value_or(-1)};
  }
  if (timestamp == earliest_timestamp || timestamp == earliest_local_timestamp) {
    const std::int64_t start = log.log_start_offset();
    co_return answer{-1, start, log.leader_epochs().epoch_of(start).value_or(-1)};
  }
  if (timestamp == latest_tiered_timestamp) {
    co_return answer{};
  }
  if (timestamp < max_timestamp) {
    co_return fail(error_code::unsupported_version,
                   "unknown special timestamp " + std::to_string(timestamp));
  }
  const auto found = co_await search(timestamp);
  if (!found) {
    co_return fail(found.error());
  }
  co_return *found && (*found)->offset < readable ? **found : answer{};
}

runtime::task<result<std::optional<storage::timestamp_and_offset>>> partition::search(
    std::int64_t timestamp) {
  while (log_ != nullptr) {
    const storage::timestamp_search search = timestamp == max_timestamp
                                                 ? log_->log->search_max_timestamp()
                                                 : log_->log->search_timestamp(timestamp);
    auto found = co_await runtime::blocking([&search] { return search.run(); });
    if (!found) {
      co_await while_paused();
    }
    if (log_ == nullptr || log_->log->is_current(search)) {
      co_return found;
    }
  }
  co_return fail(error_code::not_leader_or_follower);
}

result<storage::epoch_end_offset> partition::end_offset_for_epoch(
    std::int32_t epoch, std::int32_t current_leader_epoch) const {
  if (auto allowed = check_leader(current_leader_epoch); !allowed) {
    return fail(std::move(allowed.error()));
  }
  return log_->log->end_offset_for_epoch(epoch);
}

result<std::int64_t> partition::delete_records(std::int64_t offset) {
  if (auto allowed = check_leader(-1); !allowed) {
    return fail(std::move(allowed.error()));
  }
  if (!log_->log->config().is_cleanup_delete) {
    return fail(error_code::policy_violation);
  }
  const std::int64_t target = offset == -1 ? log_->high_watermark : offset;
  if (target < 0 || target > log_->high_watermark) {
    return fail(error_code::offset_out_of_range);
  }
  log_->log->advance_log_start_offset(target);
  return log_->log->log_start_offset();
}

}  // namespace barnabas::replica
