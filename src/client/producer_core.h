// A producer on a world's first shard: its cluster, accumulator and sender put
// together. append() may be called from any thread, start() and stop() on the
// shard. The public producer (include/barnabas/producer.h) is one of these on
// the library's I/O thread; simulations run it as it is.
#pragma once

#include <functional>
#include <memory>

#include "client/accumulator.h"
#include "client/cluster.h"
#include "client/sender.h"
#include "client/transaction_rounds.h"
#include "runtime/world.h"

namespace barnabas::client {

// One of the calls of transaction_rounds.
using transaction_call = std::function<runtime::task<result<>>(transaction_rounds&)>;

class producer_core {
 public:
  // On the shard.
  producer_core(runtime::world& world, producer_configuration settings,
                own_partitioner partitioner = {})
      : settings_(std::move(settings)),
        cluster_(world, settings_.cluster),
        accumulator_(world.shard_at(0), settings_, std::move(partitioner)),
        transactions_(make_transactions()),
        sender_(cluster_, accumulator_, settings_, transactions_.get()) {}

  void start() {
    cluster_.start();
    sender_.start();
  }
  // Records that are not delivered fail.
  runtime::task<> stop() {
    calls_.stop();
    co_await sender_.stop({error_code::network_exception, "the producer is closed"});
    co_await calls_.join();
    co_await accumulator_.bell().close();
  }
  accumulator& records() { return accumulator_; }
  // How many records failed by it.
  runtime::task<std::size_t> purge() {
    const std::size_t before = accumulator_.outstanding();
    sender_.purge();
    co_return before - accumulator_.outstanding();
  }
  const producer_configuration& settings() const { return settings_; }

  // invalid_config without transactional.id.
  runtime::task<result<>> transact(transaction_call call) {
    if (transactions_ == nullptr) {
      co_return fail(no_transactions());
    }
    co_return co_await call(*transactions_);
  }
  result<> begin_transaction() {
    return transactions_ == nullptr ? fail(no_transactions()) : transactions_->begin();
  }
  // The same; `told` hears of it on the shard.
  void transact_soon(transaction_call call, std::function<void(const result<>&)> told) {
    calls_.spawn(transact_and_tell(std::move(call), std::move(told)));
  }

 private:
  static error no_transactions() {
    return {error_code::invalid_config, "transactions need the setting transactional.id"};
  }
  std::unique_ptr<transaction_rounds> make_transactions() {
    return settings_.transactional_id.empty()
               ? nullptr
               : std::make_unique<transaction_rounds>(cluster_, accumulator_, settings_);
  }
  runtime::task<> transact_and_tell(transaction_call call,
                                    std::function<void(const result<>&)> told) {
    told(co_await transact(std::move(call)));
  }

  producer_configuration settings_;
  cluster cluster_;
  accumulator accumulator_;
  std::unique_ptr<transaction_rounds> transactions_;  // null without transactional.id
  sender sender_;
  runtime::task_group calls_{"calls of transactions"};
};

}  // namespace barnabas::client
