// Writes records. Any thread may call it; several producers share the library's I/O thread. What is
// produced is gathered in batches by partition and sent from there. A producer that goes drops what
// is still queued: flush() before.
//
//   producer letters({{"bootstrap.servers", "localhost:9092"}});
//   letters.produce({.topic = "letters", .value = "hello, castle"});
//   letters.flush(std::chrono::seconds(10));
//
// With the setting transactional.id records are written in transactions: read_committed consumers
// see all of one or none.
//
//   producer copies({..., {"transactional.id", "copies-1"}});
//   copies.init_transactions();
//   copies.begin_transaction();
//   copies.produce({.topic = "copies", .value = "hello again"});
//   copies.send_offsets_to_transaction(offsets, reader.metadata());
//   if (auto done = copies.commit_transaction(); !done && done.error().requires_abort)
//     copies.abort_transaction();
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "barnabas/awaitable.h"
#include "barnabas/committed_offset.h"
#include "barnabas/export.h"
#include "barnabas/record.h"
#include "barnabas/result.h"
#include "barnabas/settings.h"

namespace barnabas::kafka {

struct producer_options {
  // Told of every record that was produced without a callback of its own, on the I/O thread.
  std::function<void(const delivery&, const error* failure)> on_delivery;
  // The user's own partitioner, for records without a partition: a number below `partitions`.
  std::function<std::int32_t(const new_record&, std::int32_t partitions)> partitioner;
};

class BARNABAS_API producer {
 public:
  static result<producer> open(const settings& settings, producer_options options = {});
  // Throws std::invalid_argument with the error's message.
  explicit producer(const settings& settings, producer_options options = {})
      : producer(open(settings, std::move(options)).value_or_throw()) {}
  producer(producer&&) noexcept;
  producer& operator=(producer&&) noexcept;
  ~producer();

  // Copies the record into its batch. Waits while the queue is full or the topic's partitions are
  // not known, at most max.block.ms. Not from a callback.
  result<> produce(const new_record& record);
  // As produce(), but says false at once where that would wait.
  result<bool> try_produce(const new_record& record);
  // As produce(), and waits until the record is delivered or has failed.
  result<delivery> send(const new_record& record);
  // The same without a thread that waits. The topic of the delivery lives as long as the producer.
  awaitable<delivery> send_async(const new_record& record);

  // Transactions. Each call takes at most max.block.ms and can be made again while its error is
  // retriable. After one with requires_abort only abort_transaction() helps, after one with
  // is_fatal only another producer; records that fail and calls that are refused say so, too.
  //
  // First, once: what a producer with the same transactional.id has left open is aborted, and it
  // can write no more.
  result<> init_transactions();
  result<> begin_transaction();
  // Where a group goes on when the transaction is committed; offsets are those of the next records.
  result<> send_offsets_to_transaction(const partition_offsets& offsets,
                                       const group_metadata& member);
  // Delivers all records of the transaction before.
  result<> commit_transaction();
  // Drops what is queued, too.
  result<> abort_transaction();
  // The same without a thread that waits; the producer lives until it is done.
  awaitable<void> init_transactions_async();
  awaitable<void> send_offsets_to_transaction_async(const partition_offsets& offsets,
                                                    const group_metadata& member);
  awaitable<void> commit_transaction_async();
  awaitable<void> abort_transaction_async();

  // Sends what is queued without lingering and waits until all of it is delivered or has failed.
  result<> flush(std::chrono::milliseconds timeout);
  // Fails what is queued and not under way.
  void purge();
  // Records that are queued or under way.
  std::size_t outstanding() const;

 private:
  struct implementation;
  explicit producer(std::unique_ptr<implementation> it);
  std::unique_ptr<implementation> it_;
};

}  // namespace barnabas::kafka
