#include "storage/log_move.h"

#include "base/endian.h"
#include "runtime/shard.h"
#include "storage/log_directory_name.h"
#include "storage/log_manager_creation.h"
#include "storage/partition_metadata.h"

namespace barnabas::storage {
namespace {

// On a file thread.
result<std::vector<std::byte>> bytes_of(const runtime::file_slice& slice) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(slice.length));
  const auto count = slice.source->read_at(bytes, slice.offset);
  if (!count) {
    return std::unexpected(count.error());
  }
  bytes.resize(*count);
  return bytes;
}

// Empty only when no batch follows.
runtime::task<result<read_result>> read_log(log& from, read_request request) {
  result<read_result> data;
  auto cold = from.read_cached(request, data);
  if (!cold) {
    co_return data;
  }
  data = co_await runtime::blocking([&cold] { return cold->run(); });
  co_return data && data->empty() ? from.read(request) : std::move(data);
}

// On a file thread.
result<> take_batches(log& copy, bytes_view bytes, std::int64_t now_ms) {
  const auto first = bytes.size() < sizeof(std::int64_t)
                         ? copy.log_end_offset()
                         : load_big_endian<std::int64_t>(bytes.data());  // a batch's base offset
  if (first < copy.log_end_offset()) {  // the log begins inside a batch
    if (auto moved = copy.truncate_fully_and_start_at(first); !moved) {
      return moved;
    }
  }
  const auto appended = copy.append_as_follower(bytes, now_ms);
  if (!appended) {
    return std::unexpected(appended.error());
  }
  return appended->first_offset < 0
             ? result<>(fail(error_code::corrupt_message, copy.folder() + ": no whole batch"))
             : result<>();
}

}  // namespace

template <class Work>
runtime::task<result<>> log_move::in_copy(Work work) {
  auto outcome = co_await runtime::blocking([&] { return work(*copy_); });
  has_failed_there = has_failed_there || !outcome;
  end_offset_ = copy_->log_end_offset();
  size_bytes_ = copy_->size_bytes();
  durable_offset_ = copy_->recovery_point();
  co_return outcome;
}

runtime::task<result<>> log_move::begin(runtime::file_system& files, const log& from) {
  const log_open_options options{.config = from.shared_config(),
                                 .now_ms = runtime::shard::current().wall_clock_ms()};
  auto made = co_await runtime::blocking([&]() -> result<std::unique_ptr<log>> {
    const auto topic_id = read_partition_metadata(files, from.folder());
    if (auto removed = files.remove_folder(folder_); !removed) {
      return std::unexpected(removed.error());
    }
    return fill_folder(files, folder_, topic_id && *topic_id ? **topic_id : uuid(), options);
  });
  if (!made) {
    has_failed_there = true;
    co_return std::unexpected(std::move(made.error()));
  }
  copy_ = std::move(*made);
  co_return co_await start_over(from);
}

runtime::task<result<>> log_move::start_over(const log& from) {
  truncations_ = from.truncations();
  co_return co_await in_copy([start = from.log_start_offset()](log& copy) {
    return copy.truncate_fully_and_start_at(start);
  });
}

runtime::task<result<std::int64_t>> log_move::copy_some(log& from, std::int64_t max_bytes) {
  if (from.truncations() != truncations_ || end_offset_ < from.log_start_offset()) {
    auto begun = co_await start_over(from);
    co_return begun ? result<std::int64_t>(0) : std::unexpected(std::move(begun.error()));
  }
  const read_request request{
      .start_offset = end_offset_, .max_bytes = max_bytes, .max_offset = from.log_end_offset()};
  const auto now_ms = runtime::shard::current().wall_clock_ms();
  const auto data = co_await read_log(from, request);
  if (!data && from.log_start_offset() > request.start_offset) {
    co_return 0;  // retention was faster
  }
  if (!data) {
    co_return std::unexpected(data.error());
  }
  if (data->empty()) {  // compaction has left nothing up to the end
    auto extended = co_await in_copy(
        [end = request.max_offset, now_ms](log& copy) { return copy.extend_to(end, now_ms); });
    co_return extended ? result<std::int64_t>(0) : std::unexpected(std::move(extended.error()));
  }
  const auto bytes = co_await runtime::blocking([&] { return bytes_of(data->slice); });
  if (!bytes) {
    co_return std::unexpected(bytes.error());
  }
  const auto taken =
      co_await in_copy([&bytes, now_ms](log& copy) { return take_batches(copy, *bytes, now_ms); });
  if (!taken) {
    co_return std::unexpected(taken.error());
  }
  co_return static_cast<std::int64_t>(bytes->size());
}

runtime::task<result<>> log_move::sync(runtime::file_system& files) {
  return in_copy([&files](log& copy) -> result<> {
    while (const auto work = copy.take_flush_work()) {
      if (auto written = work->write_epochs(files); !written) {
        return written;
      }
      if (auto synced = work->sync(files); !synced) {
        return synced;
      }
      copy.flushed(*work);
    }
    return {};
  });
}

std::unique_ptr<log> log_move::take(const log& from, std::string new_folder) {
  copy_->set_folder(std::move(new_folder));
  copy_->take_place_of(from);
  return std::move(copy_);
}

std::string future_folder_name(const topic_partition& partition, const uuid& id) {
  std::string name = aside_folder_name(partition, folder_kind::future, id);
  return name.starts_with(partition.to_string() + '.') ? name : std::string();
}

std::string deleted_folder_of(std::string_view future_folder) {
  constexpr std::string_view ending = "-future";
  return std::string(future_folder.substr(0, future_folder.size() - ending.size())) + "-delete";
}

}  // namespace barnabas::storage
