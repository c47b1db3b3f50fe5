#include "client/transaction_rounds.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/shard.h"

namespace barnabas::client {
namespace {

// A transaction that is still being ended is done soon.
constexpr auto first_pause = std::chrono::milliseconds(20);

}  // namespace

// One call at a time.
class transaction_rounds::turn {
 public:
  explicit turn(bool& is_busy) : is_busy_(is_busy) { is_busy_ = true; }
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;
  ~turn() { is_busy_ = false; }

 private:
  bool& is_busy_;
};

transaction_rounds::transaction_rounds(cluster& cluster, accumulator& from,
                                       const producer_configuration& settings)
    : cluster_(cluster),
      from_(from),
      settings_(settings),
      coordinator_(cluster, coordinator::key_type::transaction, settings.transactional_id) {
  tell();
}

void transaction_rounds::tell() {
  const auto may = it_.may_add("produce()");
  from_.refuse(may ? std::nullopt
                   : std::optional<append_refusal>(
                         {.why = may.error(),
                          .requires_abort = it_.now() == transaction::state::must_abort,
                          .is_fatal = it_.now() == transaction::state::lost}));
  from_.bell().rung().notify_all();
  from_.emptied().notify_all();
}

result<> transaction_rounds::enter() {
  return is_busy_
             ? fail(error_code::invalid_txn_state, "another call of the transaction is under way")
             : result<>();
}

void transaction_rounds::records_failed(error why, bool had_sequence) {
  it_.records_failed(std::move(why), had_sequence);
  tell();
}

rpc::backoff transaction_rounds::new_backoff() const {
  const auto& settings = cluster_.settings();
  return {std::min<runtime::duration>(settings.first_retry_backoff, first_pause),
          settings.most_retry_backoff};
}

runtime::task<bool> transaction_rounds::pause(rpc::backoff& wait, runtime::steady_time deadline) {
  runtime::shard& here = runtime::shard::current();
  const auto until = here.now() + wait.next(here.random());
  while (here.now() < std::min(until, deadline) && !is_stopping()) {
    co_await cluster_.tasks().stopped().wait_until(std::min(until, deadline));
  }
  co_return until < deadline && !is_stopping();
}

template <class Once>
runtime::task<result<>> transaction_rounds::repeat(transaction_step step, coordinator& asked,
                                                   Once once, runtime::steady_time deadline) {
  rpc::backoff wait = new_backoff();
  for (;;) {
    result<> done = co_await once();
    if (done) {
      co_return done;
    }
    asked.learn_from(done.error().code);
    if (verdict_on(step, done.error().code) != transaction_verdict::ask_again) {
      it_.failed(step, done.error());
      tell();
      co_return done;
    }
    if (!co_await pause(wait, deadline)) {
      co_return fail(error_code::request_timed_out, "not done in time: " + done.error().message);
    }
  }
}

runtime::task<result<>> transaction_rounds::init(runtime::steady_time deadline) {
  auto may = enter();
  if (may) {
    may = it_.begin_init();
  }
  if (!may) {
    co_return may;
  }
  const turn mine(is_busy_);
  const auto done = co_await repeat(
      transaction_step::init, coordinator_, [&] { return init_once(deadline); }, deadline);
  if (done) {
    it_.initialized(next_, cluster_has_version_2_);
    tell();
  }
  co_return done;
}

result<> transaction_rounds::begin() {
  auto begun = enter();
  if (begun) {
    begun = it_.begin();
  }
  if (begun) {
    tell();
  }
  return begun;
}

runtime::task<result<>> transaction_rounds::send_offsets(committed_places places,
                                                         group_session::identity as,
                                                         runtime::steady_time deadline) {
  auto may = enter();
  if (may) {
    may = it_.may_add("send_offsets_to_transaction()");
  }
  if (!may || places.empty()) {
    co_return may;
  }
  const turn mine(is_busy_);
  if (!group_coordinator_ || group_ != as.group) {
    group_ = as.group;
    group_coordinator_.emplace(cluster_, coordinator::key_type::group, as.group);
  }
  result<> done;
  if (!it_.has_version_2()) {
    done = co_await repeat(
        transaction_step::add_offsets, coordinator_, [&] { return add_offsets_once(as, deadline); },
        deadline);
  }
  if (done) {
    it_.known();
    done = co_await repeat(
        transaction_step::commit_offsets, *group_coordinator_,
        [&] { return commit_offsets_once(places, as, deadline); }, deadline);
  }
  if (!done && it_.now() == transaction::state::open) {  // too late; they may be in it or not
    it_.records_failed(done.error(), false);
    tell();
  }
  co_return done;
}

runtime::task<result<>> transaction_rounds::end(bool commits, runtime::steady_time deadline) {
  auto may = enter();
  if (may) {
    may = it_.begin_end(commits);
  }
  if (!may) {
    co_return may;
  }
  const turn mine(is_busy_);
  tell();
  const auto before = it_.now();
  runtime::shard& here = runtime::shard::current();
  from_.begin_flush();
  while (it_.now() == before && (from_.outstanding() > 0 || is_adding_) && here.now() < deadline) {
    co_await from_.emptied().wait_until(deadline);
  }
  from_.end_flush();
  if (it_.now() != before) {
    co_return fail(it_.drop_reason());
  }
  if (from_.outstanding() > 0 || is_adding_) {
    co_return fail(error_code::request_timed_out,
                   fmt::format("{} records are not delivered in time", from_.outstanding()));
  }
  co_return co_await finish(commits, deadline);
}

// All records of the transaction are written, or known not to be sent any more.
runtime::task<result<>> transaction_rounds::finish(bool commits, runtime::steady_time deadline) {
  next_ = it_.producer();
  result<> done;
  if (it_.has_to_end()) {
    done = co_await repeat(
        transaction_step::end, coordinator_, [&] { return end_once(commits, deadline); }, deadline);
  }
  const bool is_upgraded = cluster_has_version_2_ && !it_.has_version_2();
  if (done && (it_.needs_new_epoch() || is_upgraded)) {
    done = co_await repeat(
        transaction_step::init, coordinator_, [&] { return init_once(deadline); }, deadline);
  }
  if (done) {
    it_.ended(next_, cluster_has_version_2_);
    tell();
  }
  co_return done;
}

}  // namespace barnabas::client
