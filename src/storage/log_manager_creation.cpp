#include "storage/log_manager_creation.h"

#include "runtime/shard.h"
#include "storage/partition_metadata.h"

namespace barnabas::storage {
namespace {

// More are cheaper with one sync of the file system.
constexpr std::size_t most_single_syncs = 4;

// On a file thread.
result<> sync_folders(runtime::file_system& files, const std::string& directory,
                      const std::vector<std::string>& folders) {
  if (folders.size() > most_single_syncs) {
    return files.sync_file_system(directory);
  }
  for (const auto& folder : folders) {
    const auto metadata =
        files.open(partition_metadata_path(folder), runtime::open_mode::read_write);
    auto synced = metadata ? (*metadata)->sync() : result<>(std::unexpected(metadata.error()));
    if (!synced) {
      return synced;
    }
    if (auto named = files.sync_folder(folder); !named) {
      return named;
    }
  }
  return files.sync_folder(directory);
}

}  // namespace

result<> set_aside(runtime::file_system& files, const std::string& directory,
                   const std::string& folder, const std::string& new_folder) {
  if (auto renamed = files.rename(folder, new_folder); !renamed) {
    return renamed;
  }
  return files.sync_folder(directory);
}

result<std::unique_ptr<log>> fill_folder(runtime::file_system& files, const std::string& folder,
                                         const uuid& topic_id, const log_open_options& options) {
  if (auto made = files.create_folder(folder); !made) {
    return std::unexpected(made.error());
  }
  const auto metadata = files.open(partition_metadata_path(folder), runtime::open_mode::create);
  if (!metadata) {
    return std::unexpected(metadata.error());
  }
  const auto text = format_partition_metadata(topic_id);
  if (auto written = (*metadata)->write_at(as_bytes(text), 0); !written) {
    return std::unexpected(written.error());
  }
  return log::open(files, folder, options);
}

runtime::task<result<>> creation_sync::sync(std::string folder) {
  const auto mine = next_;
  mine->folders.push_back(std::move(folder));
  if (!is_running_) {
    is_running_ = tasks_.spawn(run());
  }
  while (!mine->has_ended) {
    co_await mine->ended.wait_until(runtime::no_deadline);
  }
  co_return mine->outcome;
}

runtime::task<> creation_sync::run() {
  co_await runtime::yield();
  while (!next_->folders.empty()) {
    const auto now = std::exchange(next_, std::make_shared<round>());
    now->outcome =
        co_await runtime::blocking([&] { return sync_folders(files_, directory_, now->folders); });
    now->has_ended = true;
    now->ended.notify_all();
  }
  is_running_ = false;
}

runtime::task<> creation_sync::stop() {
  tasks_.stop();
  co_await tasks_.join();
}

}  // namespace barnabas::storage
