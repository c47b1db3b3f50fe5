#include <barnabas/producer.h>
#include "client/configuration.h"
#include "client/hosted.h"
#include "client/producer_core.h"
#include "client/public_error.h"
#include "client/usable_files.h"

namespace barnabas::kafka {
namespace {

std::optional<bytes_view> bytes_of(const std::optional<std::string_view>& text) {
  return text ? std::optional(as_bytes(*text)) : std::nullopt;
}
std::optional<std::string_view> text_of(const std::optional<bytes_view>& bytes) {
  return bytes ? std::optional(as_text(*bytes)) : std::nullopt;
}

delivery delivery_of(const client::delivered_record& record) {
  return {.topic = record.topic,
          .partition = record.partition,
          .offset = record.offset,
          .timestamp_ms = record.timestamp_ms,
          .latency_us = record.latency / std::chrono::microseconds(1),
          .tag = record.tag};
}

error with_remedy(error why, bool requires_abort, bool is_fatal) {
  why.requires_abort = requires_abort;
  why.is_fatal = is_fatal;
  why.is_retriable = why.is_retriable && !requires_abort && !is_fatal;
  return why;
}
error failure_of(const client::delivered_record& record) {
  return with_remedy(client::public_error(*record.failure), record.requires_abort, record.is_fatal);
}

runtime::task<> begin_call(client::producer_core& core, client::transaction_call call,
                           std::function<void(const barnabas::result<>&)> told) {
  core.transact_soon(std::move(call), std::move(told));
  co_return;
}

// Tells the producer's on_delivery.
class every_delivery final : public client::delivery_listener {
 public:
  every_delivery(std::function<void(const delivery&, const error*)> told, bool only_failures)
      : told_(std::move(told)), only_failures_(only_failures) {}

  bool is_wanted() const { return told_ != nullptr; }
  bool hears_all() const override { return !only_failures_; }
  void delivered(const client::delivered_record& record) override {
    if (record.failure != nullptr) {
      const error why = failure_of(record);
      told_(delivery_of(record), &why);
    } else {
      told_(delivery_of(record), nullptr);
    }
  }

 private:
  std::function<void(const delivery&, const error*)> told_;
  bool only_failures_;
};

// Tells one callback, once, and is gone.
class one_delivery final : public client::delivery_listener {
 public:
  explicit one_delivery(awaitable<delivery>::callback told) : told_(std::move(told)) {}

  void delivered(const client::delivered_record& record) override {
    const std::unique_ptr<one_delivery> self(this);
    told_(record.failure != nullptr ? result<delivery>(failure_of(record))
                                    : result<delivery>(delivery_of(record)));
  }
  void fail(error why) {
    const std::unique_ptr<one_delivery> self(this);
    told_(std::move(why));
  }

 private:
  awaitable<delivery>::callback told_;
};

client::own_partitioner own_partitioner_of(producer_options& options) {
  if (options.partitioner == nullptr) {
    return {};
  }
  return [choose = std::move(options.partitioner)](const client::produced_record& record,
                                                   std::int32_t partitions) {
    return choose({.topic = record.topic,
                   .key = text_of(record.key),
                   .value = text_of(record.value),
                   .timestamp_ms = record.timestamp_ms,
                   .tag = record.tag},
                  partitions);
  };
}

}  // namespace

struct [[gnu::visibility("hidden")]] producer::implementation {
  implementation(client::producer_configuration settings, producer_options options)
      : on_delivery(std::move(options.on_delivery), settings.reports_only_failures),
        most_block(settings.most_block),
        core(std::move(settings), own_partitioner_of(options)) {}

  // Calls use(record) with the record as the rooms have it.
  template <class Use>
  auto with(const new_record& record, client::delivery_listener* listener, Use use) {
    std::vector<barnabas::record::record_header> headers;
    for (const header& each : record.headers) {
      headers.push_back({each.key, bytes_of(each.value)});
    }
    return use(client::produced_record{.topic = record.topic,
                                       .key = bytes_of(record.key),
                                       .value = bytes_of(record.value),
                                       .partition = record.partition,
                                       .timestamp_ms = record.timestamp_ms,
                                       .headers = headers,
                                       .tag = record.tag,
                                       .listener = listener});
  }
  client::delivery_listener* listener() { return on_delivery.is_wanted() ? &on_delivery : nullptr; }
  barnabas::result<> append(const client::produced_record& record) {
    client::accumulator& to = core->records();
    const auto outcome = to.append(record);
    if (outcome && *outcome == client::append_outcome::done) {
      return {};
    }
    if (outcome && core.is_here()) {
      return barnabas::fail(error_code::request_timed_out,
                            "it would wait for room or partitions, which the I/O thread does not");
    }
    return outcome ? to.append_or_wait(record, runtime::now_anywhere() + most_block)
                   : barnabas::fail(outcome.error());
  }

  // Of a call that failed, and what is to be done where transactions do not go on.
  error explained(const barnabas::error& why) {
    const auto refusal = core->records().refusal().value_or(client::append_refusal{});
    return with_remedy(client::public_error(why), refusal.requires_abort, refusal.is_fatal);
  }
  result<> explained(const barnabas::result<>& done) {
    return done ? result<>() : result<>(explained(done.error()));
  }
  result<> transact(const client::transaction_call& call) {
    if (core.is_here()) {
      return error{.code = static_cast<std::int16_t>(error_code::invalid_txn_state),
                   .message = "it would wait, which the I/O thread does not"};
    }
    return explained(runtime::wait_for(core.home(), [&] { return core->transact(call); }));
  }
  awaitable<void> transact_async(client::transaction_call call) {
    return awaitable<void>([this, call = std::move(call)](std::function<void(result<>)> told) {
      runtime::start_on(core.home(), [this, call, told = std::move(told)] {
        return begin_call(*core, call,
                          [this, told](const barnabas::result<>& done) { told(explained(done)); });
      });
    });
  }
  client::transaction_call init() {
    return [this](client::transaction_rounds& of) { return of.init(latest()); };
  }
  client::transaction_call end(bool commits) {
    return [this, commits](client::transaction_rounds& of) { return of.end(commits, latest()); };
  }
  client::transaction_call send_offsets(const partition_offsets& offsets,
                                        const group_metadata& member) {
    client::committed_places places;
    for (const auto& [name, offset] : offsets) {
      places[{name.topic, name.partition}] = {offset.offset, offset.leader_epoch, offset.metadata};
    }
    return [this, places = std::move(places),
            as = client::group_session::identity{member.group_id, member.member_id,
                                                 member.instance_id, member.generation}](
               client::transaction_rounds& of) { return of.send_offsets(places, as, latest()); };
  }
  runtime::steady_time latest() const { return runtime::now_anywhere() + most_block; }

  every_delivery on_delivery;
  runtime::duration most_block;
  client::hosted<client::producer_core> core;
};

result<producer> producer::open(const settings& settings, producer_options options) {
  auto checked = client::with_usable_files(client::make_producer_configuration(settings));
  if (!checked) {
    return client::public_error(checked.error());
  }
  return producer(std::make_unique<implementation>(std::move(*checked), std::move(options)));
}

producer::producer(std::unique_ptr<implementation> it) : it_(std::move(it)) {}
producer::producer(producer&&) noexcept = default;
producer& producer::operator=(producer&&) noexcept = default;
producer::~producer() = default;

result<> producer::produce(const new_record& record) {
  return it_->explained(
      it_->with(record, it_->listener(), [this](const auto& given) { return it_->append(given); }));
}

result<bool> producer::try_produce(const new_record& record) {
  const auto outcome = it_->with(record, it_->listener(), [this](const auto& given) {
    return it_->core->records().append(given);
  });
  if (!outcome) {
    return it_->explained(outcome.error());
  }
  return *outcome == client::append_outcome::done;
}

result<delivery> producer::send(const new_record& record) {
  runtime::lock guard;
  runtime::gate changed;
  std::optional<result<delivery>> outcome;
  send_async(record).then([&](result<delivery> told) {
    const runtime::lock_holder held(guard);
    outcome = std::move(told);
    changed.notify_all();
  });
  runtime::lock_holder held(guard);
  while (!outcome) {
    changed.wait_until(held, runtime::no_deadline);
  }
  return std::move(*outcome);
}

awaitable<delivery> producer::send_async(const new_record& record) {
  return awaitable<delivery>([this, record](awaitable<delivery>::callback told) {
    auto* const listener = new one_delivery(std::move(told));
    const auto appended =
        it_->with(record, listener, [this](const auto& given) { return it_->append(given); });
    if (!appended) {
      listener->fail(it_->explained(appended.error()));
    }
  });
}

result<> producer::init_transactions() {
  return it_->transact(it_->init());
}

awaitable<void> producer::init_transactions_async() {
  return it_->transact_async(it_->init());
}

result<> producer::begin_transaction() {
  const auto begin = [this] { return it_->core->begin_transaction(); };
  return it_->explained(it_->core.is_here() ? begin() : it_->core.on_shard(begin));
}

result<> producer::send_offsets_to_transaction(const partition_offsets& offsets,
                                               const group_metadata& member) {
  return it_->transact(it_->send_offsets(offsets, member));
}

awaitable<void> producer::send_offsets_to_transaction_async(const partition_offsets& offsets,
                                                            const group_metadata& member) {
  return it_->transact_async(it_->send_offsets(offsets, member));
}

result<> producer::commit_transaction() {
  return it_->transact(it_->end(true));
}

awaitable<void> producer::commit_transaction_async() {
  return it_->transact_async(it_->end(true));
}

result<> producer::abort_transaction() {
  return it_->transact(it_->end(false));
}

awaitable<void> producer::abort_transaction_async() {
  return it_->transact_async(it_->end(false));
}

result<> producer::flush(std::chrono::milliseconds timeout) {
  if (!it_->core->records().wait_until_empty(runtime::now_anywhere() + timeout)) {
    return client::public_error(barnabas::error{
        error_code::request_timed_out,
        std::to_string(outstanding()) + " records are not delivered within the time to flush"});
  }
  return {};
}

void producer::purge() {
  runtime::wait_for(it_->core.home(), [this] { return it_->core->purge(); });
}

std::size_t producer::outstanding() const {
  return it_->core->records().outstanding();
}

}  // namespace barnabas::kafka
