// The files of one simulated machine. What a process wrote survives its death (the page cache is
// the kernel's); a power loss keeps what was synced and, of the rest, whatever the seed says: any
// 512-byte sectors of the pages written since, old or new sizes, zeros or garbage in a hole, and a
// part of the unsynced creations, removals and renames, in which each folder keeps a prefix of what
// was done in it and sync_folder() makes all of that folder durable. Syncing a file makes its bytes
// and size durable, not its name.
//
// The folder /data is there from the beginning. Faults are set from outside and stay until they are
// taken back.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/file_system.h"
#include "runtime/simulated/options.h"

namespace barnabas::runtime::simulated {

namespace detail {
struct clockwork;
struct node;
struct name_change;
class simulated_file;
}  // namespace detail

enum class disk_operation : std::uint8_t { open, read, write, sync, change_name };

// The operation on every path that begins with `prefix` fails, with this errno, as often as the
// probability says. A failed sync leaves dirty pages marked clean, as Linux does: a later sync
// succeeds without having written them.
struct disk_fault {
  disk_operation operation = disk_operation::write;
  std::string prefix;
  int error_number = 0;
  double probability = 1;
  int times = -1;  // how often it may still happen; negative: without end
};

class disk final : public file_system {
 public:
  explicit disk(detail::clockwork& clock);
  ~disk() override;

  void inject(disk_fault fault);
  void clear_faults();
  // The files below the folder have room for so many bytes together (up to the last byte written of
  // each); negative: no limit.
  void set_capacity(const std::string& folder, std::int64_t bytes);
  // From now on instead of the options' times.
  void set_sync_time(time_range time) { sync_time_ = time; }

  result<std::shared_ptr<file>> open(const std::string& path, open_mode mode) override;
  bool exists(const std::string& path) const override;
  result<std::vector<directory_entry>> list(const std::string& folder) const override;
  result<> create_folder(const std::string& folder) override;
  result<> remove(const std::string& file) override;
  result<> remove_folder(const std::string& folder) override;
  result<> rename(const std::string& from, const std::string& to) override;
  result<> sync_folder(const std::string& folder) override;
  result<> sync_file_system(const std::string& folder) override;
  result<disk_space> space_of(const std::string& folder) const override;
  result<std::unique_ptr<file_lock>> lock(const std::string& path) override;

  // For the machine: from freeze() to thaw() nothing is done, while the process's coroutines are
  // destroyed.
  void freeze() { is_frozen_ = true; }
  void thaw() { is_frozen_ = false; }
  void lose_power();

 private:
  friend class detail::simulated_file;
  using node_ptr = std::shared_ptr<detail::node>;
  struct capacity_limit {
    std::string folder;
    std::int64_t bytes;
  };

  // 0, or the errno of the fault that strikes.
  int strike(disk_operation operation, const std::string& path);
  // What may be added to the file; a large number when there is no limit.
  std::int64_t room_for(const std::string& path) const;
  void take_time(const time_range& time);
  node_ptr find(const std::string& path) const;
  // The folder that holds the path's last name.
  node_ptr find_parent(const std::string& path) const;
  node_ptr make_child(const node_ptr& parent, const std::string& name, bool is_folder);
  void record(detail::name_change change);
  void drop_children(const node_ptr& folder);
  void sync_all_names();
  void lose_names();

  detail::clockwork& clock_;
  node_ptr root_;
  std::vector<detail::name_change> unsynced_names_;
  std::vector<disk_fault> faults_;
  std::vector<capacity_limit> capacities_;
  time_range sync_time_;
  bool is_frozen_ = false;
};

}  // namespace barnabas::runtime::simulated
