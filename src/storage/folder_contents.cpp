#include "storage/folder_contents.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "base/log.h"
#include "storage/batch_scan.h"
#include "storage/log_file_names.h"

namespace barnabas::storage {

namespace {

class folder_reader {
 public:
  folder_reader(runtime::file_system& files, const std::string& folder)
      : files_(files), folder_(folder) {}

  result<folder_contents> read() {
    auto entries = files_.list(folder_);
    if (!entries) {
      return std::unexpected(entries.error());
    }
    for (const runtime::directory_entry& entry : *entries) {
      if (auto done = entry.is_directory ? result<>() : take(entry.name); !done) {
        return std::unexpected(done.error());
      }
    }
    for (const std::int64_t base_offset : swapped_logs_) {
      if (auto done = finish_swap(base_offset); !done) {
        return std::unexpected(done.error());
      }
    }
    return finish();
  }

 private:
  result<> take(const std::string& name) {
    if (name == leader_epoch_file_name) {
      contents_.has_leader_epochs = true;
      return {};
    }
    const bool is_swap = name.ends_with(suffix::swap);
    if (is_swap) {
      const auto swapped =
          parse_log_file_name(std::string_view(name).substr(0, name.size() - suffix::swap.size()));
      if (swapped && swapped->suffix == suffix::log) {
        swapped_logs_.push_back(swapped->offset);
      }
      swapped_files_.push_back(name);
      return {};
    }
    if (name.ends_with(suffix::deleted) || name.ends_with(suffix::cleaned)) {
      return files_.remove(folder_ + '/' + name);
    }
    if (const auto parsed = parse_log_file_name(name)) {
      note(*parsed);
    }
    return {};
  }

  void note(const log_file_name& name) {
    if (name.suffix == suffix::producer_snapshot) {
      contents_.snapshots.push_back(name.offset);
      return;
    }
    folder_contents::segment_files& files = segments_[name.offset];
    files.base_offset = name.offset;
    files.has_log |= name.suffix == suffix::log;
    files.has_offset_index |= name.suffix == suffix::offset_index;
    files.has_time_index |= name.suffix == suffix::time_index;
    files.has_transaction_index |= name.suffix == suffix::transaction_index;
  }

  // The new segment is whole; the ones that it replaces, whose offsets it covers, may still be
  // there.
  result<> finish_swap(std::int64_t base_offset) {
    const std::string path =
        log_file_path(folder_, base_offset, suffix::log) + std::string(suffix::swap);
    const auto file = files_.open(path, runtime::open_mode::read);
    const auto size = file ? (*file)->size() : result<std::int64_t>(std::unexpected(file.error()));
    if (!size) {
      return std::unexpected(size.error());
    }
    std::int64_t last_offset = base_offset;
    batch_scan scan(**file, 0, *size);
    while (true) {
      const auto step = scan.next();
      if (!step) {
        return std::unexpected(step.error());
      }
      if (*step != batch_scan::step::batch) {
        break;
      }
      last_offset = scan.current().last_offset;
    }
    for (auto at = segments_.lower_bound(base_offset);
         at != segments_.end() && at->first <= last_offset; at = segments_.erase(at)) {
      if (auto done = remove_files(at->second); !done) {
        return done;
      }
    }
    barnabas::log(log_level::info, "storage", "finished a compaction that was cut short",
                  {field("file", path)});
    return rename_swapped(base_offset);
  }

  result<> rename_swapped(std::int64_t base_offset) {
    for (const std::string& name : swapped_files_) {
      const std::string target = name.substr(0, name.size() - suffix::swap.size());
      const auto parsed = parse_log_file_name(target);
      if (!parsed || parsed->offset != base_offset) {
        continue;
      }
      if (auto done = files_.rename(folder_ + '/' + name, folder_ + '/' + target); !done) {
        return done;
      }
      note(*parsed);
    }
    return {};
  }

  result<> remove_files(const folder_contents::segment_files& files) {
    for (const auto& [is_there, name] :
         {std::pair(files.has_log, suffix::log),
          std::pair(files.has_offset_index, suffix::offset_index),
          std::pair(files.has_time_index, suffix::time_index),
          std::pair(files.has_transaction_index, suffix::transaction_index)}) {
      if (is_there) {
        if (auto done = files_.remove(log_file_path(folder_, files.base_offset, name)); !done) {
          return done;
        }
      }
    }
    return {};
  }

  result<folder_contents> finish() {
    for (const auto& [base_offset, files] : segments_) {
      if (files.has_log) {
        contents_.segments.push_back(files);
      } else if (auto done = remove_files(files); !done) {
        return std::unexpected(done.error());
      }
    }
    std::ranges::sort(contents_.snapshots);
    return std::move(contents_);
  }

  runtime::file_system& files_;
  const std::string& folder_;
  folder_contents contents_;
  std::map<std::int64_t, folder_contents::segment_files> segments_;
  std::vector<std::int64_t> swapped_logs_;
  std::vector<std::string> swapped_files_;
};

}  // namespace

result<folder_contents> read_folder(runtime::file_system& files, const std::string& folder) {
  return folder_reader(files, folder).read();
}

}  // namespace barnabas::storage
