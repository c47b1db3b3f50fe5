#include "runtime/simulated/disk.h"

#include <cerrno>

#include "runtime/detail/system_error.h"
#include "runtime/simulated/detail/clockwork.h"
#include "runtime/simulated/detail/node.h"
#include "runtime/simulated/detail/simulated_file.h"

namespace barnabas::runtime::simulated {

using detail::name_change;
using detail::node;
using runtime::detail::fail_storage;

namespace {

constexpr std::int64_t unlimited_bytes = std::int64_t{1} << 40;

std::vector<std::string> names_of(const std::string& path) {
  std::vector<std::string> names;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (std::string name = path.substr(begin, end - begin); !name.empty() && name != ".") {
      names.push_back(std::move(name));
    }
    begin = end + 1;
  }
  return names;
}

std::string last_name(const std::string& path) {
  const auto names = names_of(path);
  return names.empty() ? "" : names.back();
}

bool is_below(const std::string& path, const std::string& folder) {
  const auto names = names_of(path);
  const auto above = names_of(folder);
  return names.size() >= above.size() && std::equal(above.begin(), above.end(), names.begin());
}

std::int64_t bytes_below(const node& folder) {
  std::int64_t total = 0;
  for (const auto& [name, child] : folder.entries) {
    total += child->is_folder ? bytes_below(*child) : child->content.used_bytes();
  }
  return total;
}

class simulated_lock final : public file_lock {
 public:
  explicit simulated_lock(std::shared_ptr<node> locked) : locked_(std::move(locked)) {
    locked_->is_locked = true;
  }
  ~simulated_lock() override { locked_->is_locked = false; }

 private:
  std::shared_ptr<node> locked_;
};

}  // namespace

disk::disk(detail::clockwork& clock)
    : clock_(clock), root_(std::make_shared<node>(true)), sync_time_(clock.options.sync) {
  make_child(root_, "data", true);
  unsynced_names_.front().make_durable();
  unsynced_names_.clear();
}

disk::~disk() = default;

void disk::inject(disk_fault fault) {
  faults_.push_back(std::move(fault));
}

void disk::clear_faults() {
  faults_.clear();
}

void disk::set_capacity(const std::string& folder, std::int64_t bytes) {
  std::erase_if(capacities_, [&](const auto& each) { return each.folder == folder; });
  if (bytes >= 0) {
    capacities_.push_back({folder, bytes});
  }
}

int disk::strike(disk_operation operation, const std::string& path) {
  if (is_frozen_) {
    return EIO;
  }
  for (disk_fault& each : faults_) {
    if (each.operation == operation && each.times != 0 && path.starts_with(each.prefix) &&
        clock_.random.chance(each.probability)) {
      each.times -= each.times > 0 ? 1 : 0;
      clock_.trace(5, static_cast<std::uint64_t>(each.error_number));
      return each.error_number;
    }
  }
  return 0;
}

std::int64_t disk::room_for(const std::string& path) const {
  std::int64_t room = unlimited_bytes;
  for (const capacity_limit& each : capacities_) {
    if (!is_below(path, each.folder)) {
      continue;
    }
    const node_ptr folder = find(each.folder);
    room = std::min(room, each.bytes - (folder == nullptr ? 0 : bytes_below(*folder)));
  }
  return std::max(room, std::int64_t{0});
}

void disk::take_time(const time_range& time) {
  clock_.spend(clock_.draw(time));
}

disk::node_ptr disk::find(const std::string& path) const {
  node_ptr at = root_;
  for (const std::string& name : names_of(path)) {
    const auto child = at->entries.find(name);
    if (child == at->entries.end()) {
      return nullptr;
    }
    at = child->second;
  }
  return at;
}

disk::node_ptr disk::find_parent(const std::string& path) const {
  const std::size_t end = path.find_last_not_of('/');
  const std::size_t slash = path.rfind('/', end);
  const node_ptr parent = slash == std::string::npos ? root_ : find(path.substr(0, slash));
  return parent != nullptr && parent->is_folder ? parent : nullptr;
}

disk::node_ptr disk::make_child(const node_ptr& parent, const std::string& name, bool is_folder) {
  const auto made = std::make_shared<node>(is_folder);
  parent->entries[name] = made;
  record({.what = made, .to = parent, .to_name = name});
  return made;
}

void disk::record(name_change change) {
  clock_.trace(6, std::hash<std::string>{}(change.from_name + '/' + change.to_name));
  unsynced_names_.push_back(std::move(change));
}

result<std::shared_ptr<file>> disk::open(const std::string& path, open_mode mode) {
  if (const int refused = strike(disk_operation::open, path); refused != 0) {
    return fail_storage("opening", path, refused);
  }
  node_ptr found = find(path);
  const bool may_create = mode == open_mode::create || mode == open_mode::create_exclusive;
  if (found == nullptr) {
    const node_ptr parent = find_parent(path);
    if (!may_create || parent == nullptr) {
      return fail_storage("opening", path, ENOENT);
    }
    found = make_child(parent, last_name(path), false);
  } else if (found->is_folder) {
    return fail_storage("opening", path, EISDIR);
  } else if (mode == open_mode::create_exclusive) {
    return fail_storage("opening", path, EEXIST);
  }
  return std::make_shared<detail::simulated_file>(*this, path, found, mode != open_mode::read);
}

bool disk::exists(const std::string& path) const {
  return find(path) != nullptr;
}

result<std::vector<directory_entry>> disk::list(const std::string& folder) const {
  const node_ptr found = find(folder);
  if (found == nullptr || !found->is_folder) {
    return fail_storage("listing", folder, found == nullptr ? ENOENT : ENOTDIR);
  }
  std::vector<directory_entry> entries;
  for (const auto& [name, child] : found->entries) {
    entries.push_back({name, child->is_folder});
  }
  // A folder has no order.
  for (std::size_t i = entries.size(); i > 1; --i) {
    std::swap(entries[i - 1], entries[clock_.random.below(i)]);
  }
  return entries;
}

result<> disk::create_folder(const std::string& folder) {
  node_ptr at = root_;
  for (const std::string& name : names_of(folder)) {
    if (const auto child = at->entries.find(name); child != at->entries.end()) {
      at = child->second;
      if (!at->is_folder) {
        return fail_storage("creating the folder", folder, ENOTDIR);
      }
      continue;
    }
    if (const int refused = strike(disk_operation::change_name, folder); refused != 0) {
      return fail_storage("creating the folder", folder, refused);
    }
    at = make_child(at, name, true);
  }
  return {};
}

result<> disk::remove(const std::string& file) {
  if (const int refused = strike(disk_operation::change_name, file); refused != 0) {
    return fail_storage("removing", file, refused);
  }
  const node_ptr found = find(file);
  if (found == nullptr) {
    return {};
  }
  if (found->is_folder) {
    return fail_storage("removing", file, EISDIR);
  }
  const node_ptr parent = find_parent(file);
  parent->entries.erase(last_name(file));
  record({.what = found, .from = parent, .from_name = last_name(file)});
  return {};
}

void disk::drop_children(const node_ptr& folder) {
  for (const auto& [name, child] : folder->entries) {
    if (child->is_folder) {
      drop_children(child);
    }
    record({.what = child, .from = folder, .from_name = name});
  }
  folder->entries.clear();
}

result<> disk::remove_folder(const std::string& folder) {
  if (const int refused = strike(disk_operation::change_name, folder); refused != 0) {
    return fail_storage("removing the folder", folder, refused);
  }
  const node_ptr found = find(folder);
  if (found == nullptr) {
    return {};
  }
  drop_children(found);
  const node_ptr parent = find_parent(folder);
  parent->entries.erase(last_name(folder));
  record({.what = found, .from = parent, .from_name = last_name(folder)});
  return {};
}

result<> disk::rename(const std::string& from, const std::string& to) {
  const std::string operation = "renaming to " + to + " the file";
  if (const int refused = strike(disk_operation::change_name, from); refused != 0) {
    return fail_storage(operation, from, refused);
  }
  const node_ptr found = find(from);
  const node_ptr target = find_parent(to);
  if (found == nullptr || target == nullptr) {
    return fail_storage(operation, from, ENOENT);
  }
  const node_ptr replaced = find(to);
  if (replaced == found) {
    return {};
  }
  if (replaced != nullptr &&
      (replaced->is_folder != found->is_folder || !replaced->entries.empty())) {
    return fail_storage(operation, from, replaced->is_folder ? ENOTEMPTY : ENOTDIR);
  }
  const node_ptr parent = find_parent(from);
  parent->entries.erase(last_name(from));
  target->entries[last_name(to)] = found;
  record({found, parent, last_name(from), target, last_name(to)});
  return {};
}

result<> disk::sync_folder(const std::string& folder) {
  take_time(sync_time_);
  if (const int refused = strike(disk_operation::sync, folder); refused != 0) {
    return fail_storage("syncing the folder", folder, refused);
  }
  const node_ptr found = find(folder);
  if (found == nullptr || !found->is_folder) {
    return fail_storage("syncing the folder", folder, found == nullptr ? ENOENT : ENOTDIR);
  }
  // A rename is in two folders at once, so what went before it in the other becomes durable too.
  std::vector<const node*> folders{found.get()};
  std::vector<bool> is_synced(unsynced_names_.size());
  for (std::size_t i = unsynced_names_.size(); i-- > 0;) {
    const name_change& change = unsynced_names_[i];
    is_synced[i] =
        std::ranges::any_of(folders, [&](const node* each) { return change.touches(each); });
    if (is_synced[i] && change.from != nullptr && change.to != nullptr) {
      folders.push_back(change.from.get());
      folders.push_back(change.to.get());
    }
  }
  std::vector<name_change> left;
  for (std::size_t i = 0; i < unsynced_names_.size(); ++i) {
    if (is_synced[i]) {
      unsynced_names_[i].make_durable();
    } else {
      left.push_back(std::move(unsynced_names_[i]));
    }
  }
  unsynced_names_ = std::move(left);
  return {};
}

result<> disk::sync_file_system(const std::string& folder) {
  take_time(sync_time_);
  if (const int refused = strike(disk_operation::sync, folder); refused != 0) {
    return fail_storage("syncing the file system of", folder, refused);
  }
  if (find(folder) == nullptr) {
    return fail_storage("syncing the file system of", folder, ENOENT);
  }
  for (const name_change& change : unsynced_names_) {
    change.make_durable();
  }
  unsynced_names_.clear();
  detail::for_each_node(*root_, [](node& each) { each.content.sync(); });
  return {};
}

result<disk_space> disk::space_of(const std::string& folder) const {
  const node_ptr found = find(folder);
  if (found == nullptr) {
    return fail_storage("taking the space of", folder, ENOENT);
  }
  const std::int64_t room = room_for(folder);
  return disk_space{std::min(unlimited_bytes - bytes_below(*found), room) + bytes_below(*found),
                    room};
}

result<std::unique_ptr<file_lock>> disk::lock(const std::string& path) {
  const auto opened = open(path, open_mode::create);
  if (!opened) {
    return std::unexpected(opened.error());
  }
  const node_ptr found = find(path);
  if (found->is_locked) {
    return fail_storage("somebody else holds the lock", path, EAGAIN);
  }
  return std::make_unique<simulated_lock>(found);
}

// Each folder keeps a prefix of what was done in it; a rename that one of its folders has lost did
// not happen.
void disk::lose_names() {
  const double share = static_cast<double>(clock_.random.between(0, 10)) / 10;
  std::vector<const node*> lost_folders;
  const auto is_lost = [&](const node_ptr& folder) {
    return std::ranges::find(lost_folders, folder.get()) != lost_folders.end();
  };
  for (const name_change& change : unsynced_names_) {
    if (is_lost(change.from) || is_lost(change.to) || !clock_.random.chance(share)) {
      if (change.from != nullptr) {
        lost_folders.push_back(change.from.get());
      }
      if (change.to != nullptr) {
        lost_folders.push_back(change.to.get());
      }
    } else {
      change.make_durable();
    }
  }
  unsynced_names_.clear();
}

void disk::lose_power() {
  lose_names();
  detail::for_each_node(*root_, [this](node& each) {
    each.entries = each.durable_entries;
    each.content.lose_power(clock_.random, clock_.options.garbage_probability);
    each.is_locked = false;
  });
}

}  // namespace barnabas::runtime::simulated
