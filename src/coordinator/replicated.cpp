#include "coordinator/replicated.h"

#include <algorithm>
#include <limits>

#include "base/ensure.h"
#include "base/log.h"
#include "coordinator/detail/loader.h"

namespace barnabas::coordinator {
namespace {

constexpr std::chrono::milliseconds first_pause(100);
constexpr std::chrono::milliseconds longest_pause(10'000);
constexpr std::int64_t never_ms = std::numeric_limits<std::int64_t>::max();

std::int64_t steady_ms(runtime::steady_time time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

runtime::steady_time time_of(std::int64_t steady_ms) {
  return steady_ms == never_ms ? runtime::no_deadline
                               : runtime::steady_time(std::chrono::milliseconds(steady_ms));
}

// What a client is told of a failed append or commit: where to go, or to come again.
error for_waiters(const error& reason) {
  switch (reason.code) {
    case error_code::unknown_topic_or_partition:
    case error_code::not_enough_replicas:
    case error_code::not_enough_replicas_after_append:
    case error_code::request_timed_out:
      return {error_code::coordinator_not_available, reason.message, reason.system_error};
    default:
      return {error_code::not_coordinator, reason.message, reason.system_error};
  }
}

void refuse(std::vector<effects::release>& answers, const error& reason) {
  for (effects::release& each : answers) {
    each(std::unexpected(reason));
  }
}

bool is_damage(error_code code) {
  return code == error_code::corrupt_message || code == error_code::invalid_record ||
         code == error_code::message_too_large;
}

}  // namespace

replicated::replicated(std::unique_ptr<partition_log> log,
                       std::function<std::unique_ptr<machine>()> make)
    : log_(std::move(log)), make_(std::move(make)) {}

replicated::~replicated() = default;

void replicated::start() {
  phase_ = phase::loading;
  tasks_.spawn(live());
}

void replicated::close() {
  phase_ = phase::closed;
  tasks_.stop();
  fail_with({error_code::not_coordinator, {}, 0});
  drop(*ending_);
}

result<> replicated::check_ready() {
  switch (phase_) {
    case phase::loading:
      return fail(error_code::coordinator_load_in_progress);
    case phase::failed:
    case phase::closed:
      return fail(error_code::not_coordinator);
    case phase::active:
      break;
  }
  if (log_->leader_epoch() != epoch_) {
    fail_with({error_code::not_leader_or_follower, {}, 0});
    return fail(error_code::not_coordinator);
  }
  return {};
}

moment replicated::clock() {
  const runtime::shard& here = runtime::shard::current();
  return {steady_ms(here.now()), here.wall_clock_ms()};
}

void replicated::take(effects out, moment now) {
  const auto added =
      out.records().empty() ? result<>() : queue_.add(out.records(), now.wall_ms, log_->limits());
  if (added) {
    replay(out.records(), now);
    park(std::move(out.parked()));
  } else {
    log(log_level::error, "coordinator", "records are too large to be appended",
        {field("partition", log_->name()), field("reason", added.error().message)});
    refuse(out.parked(), added.error());
  }
  if (!queue_.empty()) {
    has_records_.notify_all();
  }
  if (machine_->next_deadline_ms().value_or(never_ms) < armed_ms_) {
    has_new_deadline_.notify_all();
  }
}

void replicated::replay(const std::vector<new_record>& records, moment now) {
  for (const new_record& each : records) {
    const auto replayed = machine_->replay(
        {.offset = next_offset_++,
         .timestamp_ms = now.wall_ms,
         .key = as_bytes(each.key),
         .value = each.value ? std::optional(as_bytes(*each.value)) : std::nullopt});
    ensure(replayed.has_value(), "a machine understands the records that it makes");
  }
}

void replicated::park(std::vector<effects::release> answers) {
  if (answers.empty()) {
    return;
  }
  if (committed_offset_ >= next_offset_) {
    for (effects::release& each : answers) {
      each({});
    }
    return;
  }
  if (parked_.empty() || parked_.back().end_offset != next_offset_) {
    parked_.push_back({next_offset_, std::move(answers)});
  } else {
    std::ranges::move(answers, std::back_inserter(parked_.back().answers));
  }
}

// One round a machine: loaded, run until something fails, dropped.
runtime::task<> replicated::live() {
  auto pause = first_pause;
  while (!tasks_.is_stopping()) {
    ending_.reset();
    if (co_await load_machine()) {
      pause = first_pause;
      std::vector<runtime::task<bool>> loops;
      loops.push_back(append_loop());
      loops.push_back(commit_loop());
      loops.push_back(time_loop());
      co_await runtime::when_all(std::move(loops));
      drop(*ending_);
    }
    if (phase_ != phase::loading) {
      break;
    }
    co_await is_ending_.wait_until(runtime::shard::current().now() + pause);
    pause = std::min(pause * 2, longest_pause);
  }
}

runtime::task<bool> replicated::load_machine() {
  const runtime::steady_time begin = runtime::shard::current().now();
  epoch_ = log_->leader_epoch();
  auto made = make_();
  loader from(*log_, *made);
  const auto end = co_await from.run();
  if (phase_ == phase::closed) {
    co_return false;
  }
  if (!end) {
    fail_with(end.error());
    phase_ = is_damage(end.error().code) ? phase::failed : phase_;
    co_return false;
  }
  if (from.records() > 0) {
    log(log_level::info, "coordinator", "loaded",
        {field("partition", log_->name()), field("records", from.records()),
         field("bytes", from.bytes()),
         field("ms", steady_ms(runtime::shard::current().now()) - steady_ms(begin))});
  }
  machine_ = std::move(made);
  next_offset_ = *end;
  // What the log held may not be committed yet.
  const bool is_empty = log_->log_start_offset() == *end;
  committed_offset_ = is_empty ? *end : -1;
  appended_ = appended{*end, *end, epoch_, false};
  phase_ = phase::active;
  armed_ms_ = never_ms;
  apply([this](moment now, effects& out) { machine_->loaded(now, out); });
  co_return true;
}

runtime::task<bool> replicated::append_loop() {
  while (!ending_) {
    if (queue_.empty()) {
      co_await has_records_.wait_until(runtime::no_deadline);  // or fail_with()
      continue;
    }
    auto batches = queue_.take(log_->limits());
    const std::int64_t base_offset = appended_->end_offset;
    const auto done = co_await log_->append(std::move(batches.bytes));
    if (!done) {
      fail_with(done.error());
    } else if (done->base_offset != base_offset || done->leader_epoch != epoch_ ||
               done->end_offset != base_offset + batches.record_count) {
      fail_with({error_code::not_leader_or_follower, "somebody else has appended", 0});
    } else {
      appended_ = *done;
      has_appended_.notify_all();
    }
  }
  co_return true;
}

// Goes on after a failed append, for what was appended before.
runtime::task<bool> replicated::commit_loop() {
  for (;;) {
    if (appended_->end_offset <= committed_offset_) {
      if (ending_) {
        co_return true;
      }
      co_await has_appended_.wait_until(runtime::no_deadline);  // or fail_with()
      continue;
    }
    const appended newest = *appended_;
    if (auto done = co_await log_->wait_committed(newest); !done) {
      fail_with(done.error());
      co_return false;
    }
    committed_offset_ = newest.end_offset;
    while (!parked_.empty() && parked_.front().end_offset <= committed_offset_) {
      auto answers = std::move(parked_.front().answers);
      parked_.pop_front();
      for (effects::release& each : answers) {
        each({});
      }
    }
  }
}

runtime::task<bool> replicated::time_loop() {
  while (!ending_) {
    const std::int64_t due_ms = machine_->next_deadline_ms().value_or(never_ms);
    if (due_ms <= clock().steady_ms) {
      armed_ms_ = std::numeric_limits<std::int64_t>::min();
      apply([this](moment now, effects& out) { machine_->on_time(now, out); });
      co_await runtime::yield();  // a deadline that does not move may not take the shard
      continue;
    }
    armed_ms_ = due_ms;
    co_await has_new_deadline_.wait_until(time_of(due_ms));
  }
  co_return true;
}

void replicated::fail_with(error reason) {
  if (phase_ != phase::closed) {
    const bool is_expected = reason.code == error_code::not_leader_or_follower;
    log(is_expected ? log_level::info : log_level::error, "coordinator", "a machine is given up",
        {field("partition", log_->name()), field("error", error_name(reason.code)),
         field("reason", reason.message)});
    const bool leads = log_->leader_epoch() >= 0;
    phase_ = leads ? phase::loading : phase::closed;
  }
  if (!ending_) {
    ending_ = std::move(reason);
  }
  has_records_.notify_all();
  has_appended_.notify_all();
  has_new_deadline_.notify_all();
  is_ending_.notify_all();
}

void replicated::drop(const error& reason) {
  const error told = for_waiters(reason);
  queue_.clear();
  for (parked& each : std::exchange(parked_, {})) {
    refuse(each.answers, told);
  }
  machine_.reset();
}

}  // namespace barnabas::coordinator
