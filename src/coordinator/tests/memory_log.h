// A partition_log in memory whose troubles the test decides on, and a machine that keeps values by
// key: counters that calls add to, and timers that write.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/machine.h"
#include "coordinator/partition_log.h"
#include "coordinator/replicated.h"
#include "record/batch_view.h"
#include "runtime/shard.h"
#include "runtime/wait.h"

namespace barnabas::coordinator::testing {

// What outlives the process. Batches as they stand in the log.
struct memory_disk {
  std::vector<std::vector<std::byte>> batches;
  std::int64_t start_offset = 0;
  std::int64_t end_offset = 0;
  std::int64_t committed = 0;
  std::int32_t leader_epoch = 0;
  log_limits limits;

  std::optional<error> append_failure;  // once
  std::optional<error> commit_failure;  // once
  std::optional<error> read_failure;    // once
  bool commits = true;
  runtime::duration append_time{};
  int appends = 0;
  runtime::condition changed;

  // As an append that has taken place, by this broker or another one.
  void add(std::vector<std::byte> bytes) {
    end_offset = record::assign_offsets(bytes, end_offset, std::max(leader_epoch, 0));
    while (!bytes.empty()) {
      const std::size_t size = record::batch_view::parse(bytes)->size_bytes();
      batches.emplace_back(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    }
  }
  // What was not committed is lost.
  void lose_power() {
    while (end_offset > committed) {
      end_offset = record::batch_view::parse(batches.back())->base_offset();
      batches.pop_back();
    }
  }
  void commit(bool on) {
    commits = on;
    changed.notify_all();
  }
  void lead_in(std::int32_t epoch) {
    leader_epoch = epoch;
    changed.notify_all();
  }
};

class memory_log final : public partition_log {
 public:
  explicit memory_log(memory_disk& disk) : disk_(disk) {}

  std::string name() const override { return "test-0"; }
  std::int32_t leader_epoch() const override { return disk_.leader_epoch; }
  std::int64_t log_start_offset() const override { return disk_.start_offset; }
  std::int64_t log_end_offset() const override { return disk_.end_offset; }
  log_limits limits() const override { return disk_.limits; }

  runtime::task<result<appended>> append(std::vector<std::byte> batches) override {
    co_await runtime::sleep_for(disk_.append_time);
    if (disk_.leader_epoch < 0) {
      co_return fail(error_code::not_leader_or_follower);
    }
    if (auto failure = std::exchange(disk_.append_failure, std::nullopt)) {
      co_return std::unexpected(*failure);
    }
    ++disk_.appends;
    const std::int64_t base_offset = disk_.end_offset;
    disk_.add(std::move(batches));
    co_return appended{base_offset, disk_.end_offset, disk_.leader_epoch, false};
  }

  runtime::task<result<>> wait_committed(appended what) override {
    while (!disk_.commits && disk_.leader_epoch == what.leader_epoch) {
      co_await disk_.changed.wait_until(runtime::no_deadline);
    }
    co_await runtime::sleep_for(std::chrono::microseconds(100));
    if (disk_.leader_epoch != what.leader_epoch) {
      co_return fail(error_code::not_leader_or_follower);
    }
    if (auto failure = std::exchange(disk_.commit_failure, std::nullopt)) {
      co_return std::unexpected(*failure);
    }
    disk_.committed = std::max(disk_.committed, what.end_offset);
    co_return result<>{};
  }

  runtime::task<result<std::vector<std::byte>>> read(std::int64_t offset) override {
    co_await runtime::yield();
    if (auto failure = std::exchange(disk_.read_failure, std::nullopt)) {
      co_return std::unexpected(*failure);
    }
    std::vector<std::byte> out;
    for (const auto& batch : disk_.batches) {
      if (record::batch_view::parse(batch)->last_offset() >= offset && out.size() < 1'000) {
        out.insert(out.end(), batch.begin(), batch.end());
      }
    }
    co_return out;
  }

 private:
  memory_disk& disk_;
};

class counters final : public machine {
 public:
  result<> replay(const logged_record& record) override {
    const std::string key(as_text(record.key));
    if (key == "?") {
      return fail(error_code::invalid_record, "no such record");
    }
    replayed.push_back(record.offset);
    if (record.producer_id >= 0) {
      pending[record.producer_id].push_back({key, std::string(as_text(*record.value))});
    } else if (record.value) {
      values[key] = std::stoll(std::string(as_text(*record.value)));
    } else {
      values.erase(key);
    }
    return {};
  }
  result<> replay_marker(std::int64_t producer_id, std::int16_t /*producer_epoch*/,
                         bool is_commit) override {
    for (const auto& [key, value] : std::exchange(pending[producer_id], {})) {
      if (is_commit) {
        values[key] = std::stoll(value);
      }
    }
    return {};
  }
  void loaded(moment now, effects& /*out*/) override { loaded_ms = now.steady_ms; }
  std::optional<std::int64_t> next_deadline_ms() const override { return due_ms; }
  void on_time(moment now, effects& out) override {
    ticks.push_back(now.steady_ms);
    due_ms.reset();
    out.append({"tick", std::to_string(ticks.size())});
  }

  // --- what calls do
  void add(const std::string& key, std::int64_t count, effects& out,
           reply_to<std::int64_t> to) const {
    const std::int64_t next = get(key) + count;
    out.append({key, std::to_string(next)});
    out.answer(std::move(to), next);
  }
  std::int64_t get(const std::string& key) const {
    const auto at = values.find(key);
    return at == values.end() ? 0 : at->second;
  }

  std::map<std::string, std::int64_t> values;
  std::map<std::int64_t, std::vector<std::pair<std::string, std::string>>> pending;
  std::vector<std::int64_t> replayed;
  std::vector<std::int64_t> ticks;
  std::optional<std::int64_t> due_ms;
  std::int64_t loaded_ms = -1;
  std::vector<reply_to<std::int64_t>> waiting;
};

}  // namespace barnabas::coordinator::testing
