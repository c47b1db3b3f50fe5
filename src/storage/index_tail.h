// The end of an index file of the active segment: entries are gathered in memory and written many
// at a time, when the segment is rolled or the log closed at the latest. A crash loses them, and
// recovery makes them again. Entry types are offset_index_entry, time_index_entry and
// transaction_index_entry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/file_system.h"

namespace barnabas::storage {

template <class Entry>
class index_tail {
 public:
  // Continues a file that has `count` good entries, the last of them `last`. What stands behind
  // them is cut off when the file is next written.
  void resume(std::size_t count, std::optional<Entry> last) {
    unwritten_.clear();
    written_ = static_cast<std::uint32_t>(count);
    last_ = last;
    has_stale_end_ = true;
  }

  void add(const Entry& entry) {
    unwritten_.push_back(entry);
    last_ = entry;
  }

  std::size_t size() const { return written_ + unwritten_.size(); }
  std::size_t written() const { return written_; }
  std::size_t written_bytes() const { return written_ * Entry::encoded_bytes; }
  const std::vector<Entry>& unwritten() const { return unwritten_; }
  const std::optional<Entry>& last() const { return last_; }
  // Nothing would be written, and the file is as long as it should be.
  bool is_written() const { return unwritten_.empty() && !has_stale_end_; }

  // Writes what is not written; makes the file if it is not there. After an error nothing has
  // changed here.
  result<> write(runtime::file_system& files, const std::string& path) {
    const auto file = files.open(path, runtime::open_mode::create);
    if (!file) {
      return std::unexpected(file.error());
    }
    std::vector<std::byte> bytes(unwritten_.size() * Entry::encoded_bytes);
    for (std::size_t i = 0; i < unwritten_.size(); ++i) {
      unwritten_[i].encode(bytes.data() + i * Entry::encoded_bytes);
    }
    if (!bytes.empty()) {
      if (auto done = (*file)->write_at(bytes, static_cast<std::int64_t>(written_bytes())); !done) {
        has_stale_end_ = true;
        return done;
      }
    }
    if (has_stale_end_) {
      const std::size_t size_bytes = written_bytes() + bytes.size();
      if (auto done = (*file)->truncate(static_cast<std::int64_t>(size_bytes)); !done) {
        return done;
      }
    }
    has_stale_end_ = false;
    written_ += static_cast<std::uint32_t>(unwritten_.size());
    unwritten_.clear();
    return {};
  }

  void shrink() { unwritten_.shrink_to_fit(); }

 private:
  std::vector<Entry> unwritten_;
  std::optional<Entry> last_;
  std::uint32_t written_ = 0;
  // A file may be there that is longer than what is written.
  bool has_stale_end_ = true;
};

}  // namespace barnabas::storage
