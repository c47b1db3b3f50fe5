// What a transactional producer says to its coordinators, and when again. Its calls run one at a
// time, each at most until its deadline; one that did not come to its end by then may be made
// again. Lives on the shard of its sender, which asks it about each batch.
#pragma once

#include <optional>
#include <string>

#include "client/accumulator.h"
#include "client/coordinator.h"
#include "client/group_offsets.h"
#include "client/transaction.h"

namespace barnabas::client {

class transaction_rounds {
 public:
  transaction_rounds(cluster& cluster, accumulator& from, const producer_configuration& settings);

  // The calls. After an error the accumulator's refusal says what it leaves to be done.
  runtime::task<result<>> init(runtime::steady_time deadline);
  result<> begin();
  // As that member of its group (KIP-447).
  runtime::task<result<>> send_offsets(committed_places places, group_session::identity as,
                                       runtime::steady_time deadline);
  // Commits once all records are delivered; aborting drops those that are not sent.
  runtime::task<result<>> end(bool commits, runtime::steady_time deadline);

  // All below is for the sender.

  const transaction& state() const { return it_; }
  // Whether batches of the partition may be sent; if not, it is to be added.
  bool admits(const partition_queue& to) { return it_.admits({to.topic->name, to.index}); }
  bool has_partitions_to_add() const { return it_.wants_partitions() && !is_adding_; }
  runtime::task<> add_partitions();
  void records_failed(error why, bool had_sequence);

 private:
  class turn;

  runtime::task<result<>> init_once(runtime::steady_time deadline);
  runtime::task<result<>> add_partitions_once(runtime::steady_time deadline);
  runtime::task<result<>> add_offsets_once(const group_session::identity& as,
                                           runtime::steady_time deadline);
  runtime::task<result<>> commit_offsets_once(const committed_places& places,
                                              const group_session::identity& as,
                                              runtime::steady_time deadline);
  runtime::task<result<>> end_once(bool commits, runtime::steady_time deadline);
  runtime::task<result<>> finish(bool commits, runtime::steady_time deadline);
  // Until it is done or asking again does not help; request_timed_out after the deadline.
  template <class Once>
  runtime::task<result<>> repeat(transaction_step step, coordinator& asked, Once once,
                                 runtime::steady_time deadline);
  runtime::task<bool> pause(rpc::backoff& wait, runtime::steady_time deadline);
  // Asks the transaction's coordinator, and learns which version of transactions the cluster has.
  template <class Response, class Request>
  runtime::task<result<rpc::answer<Response>>> ask(Request question, runtime::steady_time deadline,
                                                   std::int16_t highest);
  result<> enter();
  error refused(std::string_view what, error_code code) const;
  rpc::backoff new_backoff() const;
  bool is_stopping() { return cluster_.tasks().is_stopping(); }
  // The accumulator and the sender hear where the transaction stands.
  void tell();

  cluster& cluster_;
  accumulator& from_;
  const producer_configuration& settings_;
  transaction it_;
  coordinator coordinator_;
  std::string group_;
  std::optional<coordinator> group_coordinator_;
  transaction::identity next_;  // that a coordinator has given
  bool cluster_has_version_2_ = false;
  bool is_busy_ = false;    // with a call
  bool is_adding_ = false;  // partitions
};

}  // namespace barnabas::client
