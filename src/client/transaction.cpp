#include "client/transaction.h"

#include <fmt/format.h>

namespace barnabas::client {
namespace {

std::string_view words_of(transaction::state now) {
  using enum transaction::state;
  switch (now) {
    case uninitialized:
      return "before init_transactions()";
    case initializing:
      return "while init_transactions() is not done";
    case ready:
      return "without begin_transaction()";
    case open:
      return "while a transaction is open";
    case committing:
      return "while the transaction is being committed";
    case aborting:
    case must_abort:
      return "while the transaction is being aborted";
    case lost:
      break;
  }
  return "when the producer is lost";
}

bool is_about_mapping(error_code code) {
  return code == error_code::unknown_producer_id || code == error_code::invalid_producer_id_mapping;
}

bool is_of_the_group(error_code code) {
  return code == error_code::group_authorization_failed || code == error_code::fenced_instance_id ||
         code == error_code::unknown_member_id || code == error_code::illegal_generation;
}

}  // namespace

transaction_verdict verdict_on(transaction_step step, error_code code) {
  using enum transaction_verdict;
  const bool is_produce = step == transaction_step::produce;
  if (code == error_code::producer_fenced ||
      code == error_code::transactional_id_authorization_failed ||
      code == error_code::cluster_authorization_failed || code == error_code::unsupported_version) {
    return lost;
  }
  if (is_produce) {  // whether a newer producer has fenced this one, the coordinator says
    return code == error_code::invalid_producer_id_mapping ? lost : must_abort;
  }
  if (is_retriable(code) || code == error_code::broker_not_available) {
    return ask_again;
  }
  if (step == transaction_step::init || code == error_code::invalid_producer_epoch ||
      code == error_code::invalid_txn_state) {
    return lost;
  }
  const bool is_abortable = code == error_code::transaction_abortable || is_about_mapping(code) ||
                            is_of_the_group(code) || step == transaction_step::add_partitions;
  return is_abortable ? must_abort : lost;
}

std::unexpected<error> transaction::refusal(std::string_view call) const {
  if (state_ == state::lost) {
    return fail(why_.code, "the producer is lost: " + why_.message);
  }
  if (state_ == state::must_abort) {
    return fail(why_.code, "the transaction must be aborted: " + why_.message);
  }
  return fail(error_code::invalid_txn_state, fmt::format("{} {}", call, words_of(state_)));
}

result<> transaction::begin_init() {
  if (state_ != state::uninitialized && state_ != state::initializing) {
    return refusal("init_transactions()");
  }
  state_ = state::initializing;
  return {};
}

result<> transaction::begin() {
  if (state_ != state::ready) {
    return refusal("begin_transaction()");
  }
  state_ = state::open;
  return {};
}

result<> transaction::begin_end(bool commits) {
  const state next = commits ? state::committing : state::aborting;
  const bool may =
      state_ == state::open || state_ == next || (state_ == state::must_abort && !commits);
  if (!may) {
    return refusal(commits ? "commit_transaction()" : "abort_transaction()");
  }
  state_ = next;
  return {};
}

result<> transaction::may_add(std::string_view call) const {
  return state_ == state::open ? result<>() : refusal(call);
}

void transaction::initialized(identity who, bool has_version_2) {
  producer_ = who;
  has_version_2_ = has_version_2;
  state_ = state::ready;
}

void transaction::ended(identity next, bool has_version_2) {
  why_ = {};
  needs_new_epoch_ = is_maybe_known_ = is_known_ = false;
  admitted_.clear();
  wanted_.clear();
  initialized(next, has_version_2);
}

void transaction::failed(transaction_step step, error why) {
  if (state_ == state::lost) {
    return;
  }
  if (verdict_on(step, why.code) == transaction_verdict::lost) {
    state_ = state::lost;
  } else if (is_running() || state_ == state::aborting) {
    state_ = state::must_abort;
    needs_new_epoch_ = needs_new_epoch_ || is_about_mapping(why.code);
  } else {
    return;
  }
  why_ = std::move(why);
}

void transaction::records_failed(error why, bool had_sequence) {
  needs_new_epoch_ = needs_new_epoch_ || had_sequence;
  if (is_running()) {
    failed(transaction_step::produce, std::move(why));
  }
}

bool transaction::admits(const partition& where) {
  if (!is_running()) {
    return false;
  }
  if (has_version_2_) {
    known();
    return true;
  }
  if (admitted_.contains(where)) {
    return true;
  }
  wanted_.insert(where);
  return false;
}

void transaction::admit(const std::vector<partition>& added) {
  known();
  for (const partition& each : added) {
    wanted_.erase(each);
    admitted_.insert(each);
  }
}

bool transaction::drops_records() const {
  return state_ == state::aborting || state_ == state::must_abort || state_ == state::lost;
}

error transaction::drop_reason() const {
  return state_ == state::aborting
             ? error{error_code::operation_not_attempted, "the transaction is aborted"}
             : refusal("produce()").error();
}

}  // namespace barnabas::client
