// What a simulated disk consists of: folders and the contents of files, each with its present state
// and what is known to be durable. A file's durable state is kept as differences: for every page
// written since the last sync, what the disk holds of it. So a sync is cheap, and so is the memory.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "runtime/simulated/random.h"

namespace barnabas::runtime::simulated::detail {

inline constexpr std::int64_t page_bytes = 4096;
inline constexpr std::int64_t sector_bytes = 512;

class file_content {
 public:
  file_content();

  std::int64_t size() const { return size_; }
  // What it takes of the disk: up to the last byte written; a hole after it costs nothing.
  std::int64_t used_bytes() const { return used_bytes_; }
  std::size_t read(mutable_bytes into, std::int64_t offset) const;
  void write(bytes_view bytes, std::int64_t offset, seeded_random& random);
  void truncate(std::int64_t size_bytes);
  void sync();
  // The sync fails: the kernel forgets that the pages are dirty, the disk does not have them.
  void fail_sync();
  shared_bytes map(std::int64_t size_bytes);
  // Only what was durable is sure to be there afterwards, and all that is there is durable.
  void lose_power(seeded_random& random, double garbage_probability);

 private:
  struct buffer;
  struct dirty_page {
    std::vector<std::byte> durable;  // empty: zeros
    bool is_forgotten = false;       // by a failed sync
  };
  // A truncation that made the file smaller and is not durable: what it cut off.
  struct cut {
    std::int64_t size_bytes;
    std::int64_t size_before;
    std::map<std::int64_t, std::vector<std::byte>> pages;
    std::map<std::int64_t, dirty_page> dirty;
  };

  void grow_to(std::int64_t size_bytes);
  void remember_page(std::int64_t page);
  std::vector<std::byte> page_now(std::int64_t page) const;
  void put(bytes_view bytes, std::int64_t offset);
  void zero(std::int64_t from, std::int64_t to);
  void undo_cuts(seeded_random& random);
  void restore_pages(seeded_random& random, bool is_garbage);
  void restore_sector(std::int64_t offset, const std::vector<std::byte>& durable_page,
                      seeded_random* garbage);
  void restore_size(seeded_random& random);
  void resize(std::int64_t size_bytes);

  std::shared_ptr<buffer> bytes_;
  std::vector<std::weak_ptr<buffer>> outgrown_;  // still mapped by somebody
  std::int64_t size_ = 0;
  std::int64_t durable_size_ = 0;
  std::int64_t used_bytes_ = 0;
  std::map<std::int64_t, dirty_page> dirty_;
  std::vector<cut> cuts_;
};

struct node {
  explicit node(bool folder) : is_folder(folder) {}

  bool is_folder;
  bool is_locked = false;
  // Of a folder.
  std::map<std::string, std::shared_ptr<node>> entries;
  std::map<std::string, std::shared_ptr<node>> durable_entries;
  // Of a file.
  file_content content;
};

// A name that appeared, went or moved, in order of happening.
struct name_change {
  std::shared_ptr<node> what;
  std::shared_ptr<node> from;  // the folder that it left; none: it is new
  std::string from_name;
  std::shared_ptr<node> to;  // the folder that it came to; none: it is removed
  std::string to_name;

  bool touches(const node* folder) const { return from.get() == folder || to.get() == folder; }
  void make_durable() const;
};

// Parents before children; `visit` may change a folder's entries.
template <class Visit>
void for_each_node(node& top, const Visit& visit) {
  visit(top);
  for (const auto& [name, child] : top.entries) {
    for_each_node(*child, visit);
  }
}

}  // namespace barnabas::runtime::simulated::detail
