// A replicated state machine as its author writes it, and what a call to it comes to. A machine
// belongs to one partition of an internal topic and lives on that partition's owner shard; it does
// no I/O, starts no task and reads no clock: time is an argument, records and answers are effects.
//
// A call reads the machine's state and returns records and answers as effects. The runtime appends
// the records (those of one call together, those of one moment in one write), replays each of them
// through replay() before the next call, and releases the answers when everything that was appended
// up to that call is committed. Loading a partition is the same replay, from its first record on;
// so what must survive a failover changes in replay() only. What need not (sessions, who waits for
// what) a call may change at once.
//
// When an append fails the machine is dropped with everything that it has parked, and a new one is
// loaded from the log: nothing ever has to be undone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace barnabas::coordinator {

struct moment {
  std::int64_t steady_ms = 0;  // never goes back: timeouts
  std::int64_t wall_ms = 0;    // since 1970: what is written
};

// To be appended; without a value it is a tombstone.
struct new_record {
  std::string key;
  std::optional<std::string> value;
};

// As it stands in the log; views live for the call.
struct logged_record {
  std::int64_t offset = -1;
  std::int64_t timestamp_ms = -1;
  bytes_view key;
  std::optional<bytes_view> value;
  // Of a transactional batch, else -1: it counts when the marker of its transaction comes.
  std::int64_t producer_id = -1;
};

// Somebody who waits for one answer. Delivered at most once; destroyed without an answer (the
// machine was dropped, it forgot somebody) the waiter gets NOT_COORDINATOR. Moves; may be kept as
// long as the machine lives.
template <class T>
class reply_to {
 public:
  using sink = std::move_only_function<void(result<T>)>;
  reply_to() = default;
  explicit reply_to(sink deliver) : deliver_(std::move(deliver)) {}
  reply_to(reply_to&& other) noexcept : deliver_(std::exchange(other.deliver_, nullptr)) {}
  reply_to& operator=(reply_to&& other) noexcept {
    std::swap(deliver_, other.deliver_);
    return *this;
  }
  ~reply_to() {
    if (deliver_) {
      deliver_(fail(error_code::not_coordinator));
    }
  }

  explicit operator bool() const { return static_cast<bool>(deliver_); }
  void deliver(result<T> answer) { std::exchange(deliver_, nullptr)(std::move(answer)); }

 private:
  sink deliver_;
};

// What one call comes to.
class effects {
 public:
  using release = std::move_only_function<void(result<>)>;

  void append(new_record record) { records_.push_back(std::move(record)); }
  // Parked until what has been appended is committed; when it cannot be, the waiter gets that
  // error.
  template <class T>
  void answer(reply_to<T> to, T with) {
    parked_.push_back([to = std::move(to), with = std::move(with)](result<> committed) mutable {
      if (committed) {
        to.deliver(std::move(with));
      } else {
        to.deliver(fail(std::move(committed.error())));
      }
    });
  }

  std::vector<new_record>& records() { return records_; }
  std::vector<release>& parked() { return parked_; }

 private:
  std::vector<new_record> records_;
  std::vector<release> parked_;
};

class machine {
 public:
  virtual ~machine() = default;

  // A record that is in the log, while loading or just appended. An error names what cannot be
  // understood; the runtime logs it and goes on.
  virtual result<> replay(const logged_record& record) = 0;
  // The end of a transaction whose records were replayed before.
  virtual result<> replay_marker(std::int64_t producer_id, std::int16_t producer_epoch,
                                 bool is_commit) = 0;
  // Everything in the log has been replayed: timers start here.
  virtual void loaded(moment now, effects& out) = 0;
  // When on_time() wants to be called next, in steady ms; asked for again after every call.
  virtual std::optional<std::int64_t> next_deadline_ms() const = 0;
  virtual void on_time(moment now, effects& out) = 0;
};

}  // namespace barnabas::coordinator
