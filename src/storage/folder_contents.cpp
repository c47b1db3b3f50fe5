#include "storage/folder_contents.h"

#include <algorithm>
#include <limits>
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
    if (auto done = remove_unfinished(); !done) {
      return std::unexpected(done.error());
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
    if (name.ends_with(suffix::swap)) {
      const std::string_view target = without(name, suffix::swap);
      if (const auto swapped = parse_log_file_name(target)) {
        swapped_files_.emplace_back(target);
      }
      return {};
    }
    if (name.ends_with(suffix::cleaned)) {
      const auto cleaned = parse_log_file_name(without(name, suffix::cleaned));
      if (cleaned) {
        first_cleaned_ = std::min(first_cleaned_, cleaned->offset);
        cleaned_files_.push_back(name);
      }
      return {};
    }
    if (name.ends_with(suffix::deleted)) {
      return files_.remove(folder_ + '/' + name);
    }
    if (const auto parsed = parse_log_file_name(name)) {
      note(*parsed);
    }
    return {};
  }

  static std::string_view without(std::string_view name, std::string_view extension) {
    return name.substr(0, name.size() - extension.size());
  }

  // Files of a new segment that were not all renamed to .swap: what they come from is still there.
  // So it is with segments from the first .cleaned one on, since several parts of one that Kafka
  // split are renamed from the last to the first; and with a .swap without its log file.
  result<> remove_unfinished() {
    for (const std::string& name : swapped_files_) {
      const auto swapped = parse_log_file_name(name);
      if (swapped->suffix == suffix::log && swapped->offset < first_cleaned_) {
        swapped_logs_.push_back(swapped->offset);
      }
    }
    std::vector<std::string> paths;
    std::erase_if(swapped_files_, [&](const std::string& name) {
      const bool is_unfinished =
          std::ranges::find(swapped_logs_, parse_log_file_name(name)->offset) ==
          swapped_logs_.end();
      if (is_unfinished) {
        paths.push_back(folder_ + '/' + name + std::string(suffix::swap));
      }
      return is_unfinished;
    });
    // The .cleaned ones last, for they tell what the others are; of those the log file first, for
    // without it the rest means nothing.
    std::ranges::partition(paths, [](const std::string& path) {
      return without(path, suffix::swap).ends_with(suffix::log);
    });
    for (const std::string& name : cleaned_files_) {
      paths.push_back(folder_ + '/' + name);
    }
    for (const std::string& path : paths) {
      if (auto done = files_.remove(path); !done) {
        return done;
      }
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
  // there. Where its own log file's old one is gone, indexes of that name are new ones.
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
    auto at = segments_.lower_bound(base_offset);
    if (at != segments_.end() && at->first == base_offset && !at->second.has_log) {
      ++at;
    }
    for (; at != segments_.end() && at->first <= last_offset; at = segments_.erase(at)) {
      if (auto done = remove_files(at->second); !done) {
        return done;
      }
    }
    barnabas::log(log_level::info, "storage", "finished a compaction that was cut short",
                  {field("file", path)});
    return rename_swapped(base_offset);
  }

  result<> rename_swapped(std::int64_t base_offset) {
    // The log file last, so that this can be done again.
    std::ranges::partition(swapped_files_, [](const std::string& name) {
      return parse_log_file_name(name)->suffix != suffix::log;
    });
    for (const std::string& name : swapped_files_) {
      const auto parsed = parse_log_file_name(name);
      if (parsed->offset != base_offset) {
        continue;
      }
      const std::string target = folder_ + '/' + name;
      if (auto done = files_.rename(target + std::string(suffix::swap), target); !done) {
        return done;
      }
      note(*parsed);
    }
    return {};
  }

  result<> remove_files(const folder_contents::segment_files& files) {
    for (const auto& [is_there, name] :
         {std::pair(files.has_offset_index, suffix::offset_index),
          std::pair(files.has_time_index, suffix::time_index),
          std::pair(files.has_transaction_index, suffix::transaction_index),
          std::pair(files.has_log, suffix::log)}) {
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
  // Their names without the .swap; all are names of files of a log.
  std::vector<std::string> swapped_files_;
  std::vector<std::string> cleaned_files_;
  std::int64_t first_cleaned_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace

result<folder_contents> read_folder(runtime::file_system& files, const std::string& folder) {
  return folder_reader(files, folder).read();
}

}  // namespace barnabas::storage
