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

// Tells the producer's on_delivery.
class every_delivery final : public client::delivery_listener {
 public:
  every_delivery(std::function<void(const delivery&, const error*)> told, bool only_failures)
      : told_(std::move(told)), only_failures_(only_failures) {}

  bool is_wanted() const { return told_ != nullptr; }
  void delivered(const client::delivered_record& record) override {
    if (record.failure != nullptr) {
      const error why = client::public_error(*record.failure);
      told_(delivery_of(record), &why);
    } else if (!only_failures_) {
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
    told_(record.failure != nullptr ? result<delivery>(client::public_error(*record.failure))
                                    : result<delivery>(delivery_of(record)));
  }
  void fail(const barnabas::error& why) {
    const std::unique_ptr<one_delivery> self(this);
    told_(client::public_error(why));
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
  return client::public_result(
      it_->with(record, it_->listener(), [this](const auto& given) { return it_->append(given); }));
}

result<bool> producer::try_produce(const new_record& record) {
  const auto outcome = it_->with(record, it_->listener(), [this](const auto& given) {
    return it_->core->records().append(given);
  });
  if (!outcome) {
    return client::public_error(outcome.error());
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
      listener->fail(appended.error());
    }
  });
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
