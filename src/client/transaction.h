// Where a transactional producer stands (KIP-98, KIP-890): which of its calls may be made now, to
// which partitions it may send, and what an error leaves to be done (KIP-1050). A state without
// clock or connection: transaction_rounds asks coordinators, and the sender asks it.
//
//   uninitialized --> initializing --> ready --begin--> open --> committing --> ready
//                                                        |  '--> aborting ----> ready
//                                                        '--error--> must_abort --> aborting
//   any of them --error that ends the producer--> lost
//
// Version 1 names each partition to the coordinator before it is written to. With version 2, which
// the cluster's feature transaction.version says, brokers do that, and each transaction has an
// epoch of its own.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace barnabas::client {

// What was asked when an error came.
enum class transaction_step : std::uint8_t {
  init,
  produce,
  add_partitions,
  add_offsets,
  commit_offsets,
  end
};
// What it leaves to be done.
enum class transaction_verdict : std::uint8_t { ask_again, must_abort, lost };
transaction_verdict verdict_on(transaction_step step, error_code code);

class transaction {
 public:
  enum class state : std::uint8_t {
    uninitialized,
    initializing,
    ready,
    open,
    committing,
    aborting,
    must_abort,
    lost
  };
  struct identity {
    std::int64_t id = -1;
    std::int16_t epoch = -1;
  };
  using partition = std::pair<std::string_view, std::int32_t>;  // the name outlives it

  state now() const { return state_; }
  // Of must_abort and lost.
  const error& why() const { return why_; }

  // Each moves on, or says why that call cannot be made: invalid_txn_state, or what has happened.
  // Init, commit and abort may be made again when they did not come to their end.
  result<> begin_init();
  result<> begin();
  result<> begin_end(bool commits);
  // Whether `call` may add to the transaction.
  result<> may_add(std::string_view call) const;

  void initialized(identity who, bool has_version_2);
  void ended(identity next, bool has_version_2);
  // As verdict_on() says of an error that is not asked again for.
  void failed(transaction_step step, error why);
  // Records were not written. With a sequence they leave a gap, or may be written after all.
  void records_failed(error why, bool had_sequence);

  const identity& producer() const { return producer_; }
  bool has_version_2() const { return has_version_2_; }
  // Whether records of the partition may be sent; if not, it is wanted.
  bool admits(const partition& where);
  bool wants_partitions() const { return is_running() && !wanted_.empty(); }
  std::vector<partition> wanted() const { return {wanted_.begin(), wanted_.end()}; }
  void admit(const std::vector<partition>& added);
  // The coordinator may know of the transaction: it was asked to. Then, that it does.
  void asked() { is_maybe_known_ = true; }
  void known() { is_maybe_known_ = is_known_ = true; }
  // Whether there is something to end at the coordinator.
  bool has_to_end() const { return is_maybe_known_ && !is_forgotten(); }
  bool is_known() const { return is_known_; }
  // Version 1 has the epoch changed after records that failed; each does when the coordinator has
  // forgotten the producer.
  bool needs_new_epoch() const { return (needs_new_epoch_ && !has_version_2_) || is_forgotten(); }

  // What waits to be sent is dropped.
  bool drops_records() const;
  error drop_reason() const;

 private:
  bool is_running() const { return state_ == state::open || state_ == state::committing; }
  // The coordinator takes no end of its transaction either.
  bool is_forgotten() const { return why_.code == error_code::invalid_producer_id_mapping; }
  std::unexpected<error> refusal(std::string_view call) const;

  state state_ = state::uninitialized;
  error why_;
  identity producer_;
  bool has_version_2_ = false;
  bool needs_new_epoch_ = false;
  bool is_maybe_known_ = false;
  bool is_known_ = false;
  std::set<partition> admitted_;
  std::set<partition> wanted_;
};

}  // namespace barnabas::client
