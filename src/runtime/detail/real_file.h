// A file of the operating system. The descriptor is closed with the last owner.
#pragma once

#include "runtime/file_system.h"

namespace barnabas::runtime::detail {

class real_file final : public file {
 public:
  real_file(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  real_file(const real_file&) = delete;
  real_file& operator=(const real_file&) = delete;
  ~real_file() override;

  const std::string& path() const override { return path_; }
  result<std::int64_t> size() const override;
  result<std::size_t> read_at(mutable_bytes into, std::int64_t offset) const override;
  result<std::optional<std::size_t>> read_at_if_cached(mutable_bytes into,
                                                       std::int64_t offset) const override;
  using file::write_at;
  result<> write_at(std::span<const bytes_view> parts, std::int64_t offset) override;
  result<> sync() override;
  result<> truncate(std::int64_t size_bytes) override;
  result<> reserve(std::int64_t size_bytes) override;
  result<shared_bytes> map(std::int64_t size_bytes) const override;
  int descriptor() const override { return descriptor_; }

 private:
  std::string path_;
  int descriptor_;
};

}  // namespace barnabas::runtime::detail
