// The operating system's files. Without state: any thread may call.
#pragma once

#include "runtime/file_system.h"

namespace barnabas::runtime::detail {

class real_file_system final : public file_system {
 public:
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
  std::string absolute(const std::string& path) const override;
  result<std::unique_ptr<file_lock>> lock(const std::string& path) override;
};

}  // namespace barnabas::runtime::detail
