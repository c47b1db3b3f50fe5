#include <barnabas/consumer.h>

#include <algorithm>

#include "client/offset_lookup.h"
#include "client/public_consumer.h"
#include "client/public_error.h"
#include "client/usable_files.h"

namespace barnabas::kafka {
namespace {

std::optional<std::string_view> text_of(const std::optional<bytes_view>& bytes) {
  return bytes ? std::optional(as_text(*bytes)) : std::nullopt;
}
runtime::task<> wake_fetcher(client::consumer_core& core) {
  core.fetching().wake();
  co_return;
}
}  // namespace

records::records() = default;
records::records(records&& other) noexcept
    : storage_(std::move(other.storage_)),
      first_(std::exchange(other.first_, nullptr)),
      count_(std::exchange(other.count_, 0)) {}
records& records::operator=(records&& other) noexcept {
  storage_ = std::move(other.storage_);
  first_ = std::exchange(other.first_, nullptr);
  count_ = std::exchange(other.count_, 0);
  return *this;
}
records::~records() = default;

bool consumer::implementation::open_piece(runtime::steady_time deadline) {
  if (reader && !core->queue().is_current(reader->piece())) {
    reader.reset();
  }
  if (reader) {
    return true;
  }
  auto piece = core->queue().take_until(deadline);
  if (!piece) {
    return false;
  }
  runtime::start_on(core.home(), [this] { return wake_fetcher(*core); });
  reader.emplace(std::move(*piece), checks_crcs, memory);
  return true;
}

result<std::map<topic_partition, std::int64_t>> consumer::implementation::look_up(
    const std::map<barnabas::topic_partition, std::int64_t>& times, runtime::steady_time deadline) {
  const auto found = runtime::wait_for(core.home(), [&] {
    return client::look_up_offsets(core->cluster(), times, reads_uncommitted, deadline);
  });
  std::map<topic_partition, std::int64_t> offsets;
  for (const auto& [name, offset] : found) {
    if (!offset) {
      return client::public_error(offset.error());
    }
    offsets[{name.topic, name.partition}] = *offset;
  }
  return offsets;
}

void consumer::implementation::drop_piece() {
  const auto name = reader->piece().from->name;
  const std::int64_t position = reader->position();
  reader.reset();
  core.on_shard([&] { return core->fetching().seek(name, position); });
}

// The record's span is set when all headers of the poll are there.
void consumer::implementation::add_headers(records::storage& into,
                                           barnabas::record::record_headers read) {
  const std::size_t begin = into.headers.size();
  for (const barnabas::record::record_header& each : read) {
    into.headers.push_back({each.key, text_of(each.value)});
  }
  into.with_headers.push_back({into.all.size() - 1, begin, into.headers.size()});
}

barnabas::result<> consumer::implementation::read_some(records::storage& into) {
  const barnabas::topic_partition& name = reader->piece().from->name;
  barnabas::record::record_view read;
  bool is_more = true;
  while (into.all.size() < most_records && (is_more = reader->next(read))) {
    if (into.all.size() == into.all.capacity()) {
      into.all.reserve(
          std::min(most_records,
                   std::max(2 * into.all.size(), into.all.size() + 1 + reader->left_of_batch())));
    }
    // In place: copying the parts costs more than reading the record.
    record& next = into.all.emplace_back(name.topic, name.partition, read.offset, read.timestamp);
    if (read.key) {
      next.key.emplace(as_text(*read.key));
    }
    if (read.value) {
      next.value.emplace(as_text(*read.value));
    }
    if (!read.headers.empty()) {
      add_headers(into, read.headers);
    }
  }
  for (const auto& [index, begin, end] : into.with_headers) {
    into.all[index].headers = std::span(into.headers).subspan(begin, end - begin);
  }
  into.buffers = reader->take_buffers();
  into.partition = reader->piece().from;
  core->queue().advance(reader->piece(), {reader->position(), reader->leader_epoch()});
  if (const barnabas::result<> outcome = reader->outcome(); !outcome) {
    drop_piece();
    return into.all.empty() ? outcome : barnabas::result<>();
  }
  if (!is_more) {
    reader.reset();
  }
  return {};
}

result<consumer> consumer::open(const settings& settings, consumer_options options) {
  auto checked = client::with_usable_files(client::make_consumer_configuration(settings));
  if (!checked) {
    return client::public_error(checked.error());
  }
  return consumer(std::make_unique<implementation>(std::move(*checked), std::move(options)));
}

consumer::consumer(std::unique_ptr<implementation> it) : it_(std::move(it)) {}
consumer::consumer(consumer&&) noexcept = default;
consumer& consumer::operator=(consumer&&) noexcept = default;
consumer::~consumer() = default;

void consumer::assign(const std::vector<topic_partition>& partitions) {
  runtime::wait_for(it_->core.home(), [&] { return it_->core->assign(inner(partitions)); });
}

std::vector<topic_partition> consumer::assignment() const {
  return outer(it_->core.on_shard([&] { return it_->core->fetching().assigned(); }));
}

result<> consumer::seek(const topic_partition& partition, std::int64_t offset) {
  return client::public_result(
      it_->core.on_shard([&] { return it_->core->fetching().seek(inner(partition), offset); }));
}

result<> consumer::pause(const std::vector<topic_partition>& partitions) {
  const auto names = inner(partitions);
  const auto paused =
      it_->core.on_shard([&] { return it_->core->fetching().set_paused(names, true); });
  if (paused && it_->reader &&
      std::ranges::find(names, it_->reader->piece().from->name) != names.end()) {
    it_->drop_piece();
  }
  return client::public_result(paused);
}

result<> consumer::resume(const std::vector<topic_partition>& partitions) {
  return client::public_result(it_->core.on_shard(
      [&] { return it_->core->fetching().set_paused(inner(partitions), false); }));
}

result<records> consumer::poll(std::chrono::milliseconds timeout) {
  const auto deadline = runtime::now_anywhere() + timeout;
  records some;
  it_->begin_poll();
  while (some.empty()) {
    if (auto heard = it_->hear(*this); !heard) {
      return heard.error();
    }
    if (!it_->open_piece(deadline)) {
      if (it_->core->queue().is_settled()) {
        break;
      }
      continue;
    }
    if (const auto& trouble = it_->reader->piece().trouble; !trouble) {
      const error why = client::public_error(trouble.error());
      it_->reader.reset();
      return why;
    }
    auto storage = std::make_unique<records::storage>();
    if (auto read = it_->read_some(*storage); !read) {
      return client::public_error(read.error());
    }
    some.first_ = storage->all.data();
    some.count_ = storage->all.size();
    some.storage_ = std::move(storage);
  }
  return some;
}

result<std::map<topic_partition, std::int64_t>> consumer::offsets_for_times(
    const std::map<topic_partition, std::int64_t>& times, std::chrono::milliseconds timeout) {
  std::map<barnabas::topic_partition, std::int64_t> wanted;
  for (const auto& [name, time] : times) {
    wanted[inner(name)] = time;
  }
  return it_->look_up(wanted, runtime::now_anywhere() + timeout);
}

result<std::map<topic_partition, log_bounds>> consumer::bounds(
    const std::vector<topic_partition>& partitions, std::chrono::milliseconds timeout) {
  const auto deadline = runtime::now_anywhere() + timeout;
  std::map<topic_partition, log_bounds> found;
  for (const std::int64_t place : {client::time_of_begin, client::time_of_end}) {
    std::map<barnabas::topic_partition, std::int64_t> wanted;
    for (const topic_partition& name : partitions) {
      wanted[inner(name)] = place;
    }
    const auto offsets = it_->look_up(wanted, deadline);
    if (!offsets) {
      return offsets.error();
    }
    for (const auto& [name, offset] : *offsets) {
      (place == client::time_of_begin ? found[name].begin : found[name].end) = offset;
    }
  }
  return found;
}

result<std::int64_t> consumer::position(const topic_partition& partition) const {
  return client::public_result(
      it_->core.on_shard([&] { return it_->core->fetching().position(inner(partition)); }));
}

result<std::int64_t> consumer::lag(const topic_partition& partition) const {
  return client::public_result(
      it_->core.on_shard([&] { return it_->core->fetching().lag(inner(partition)); }));
}

}  // namespace barnabas::kafka
