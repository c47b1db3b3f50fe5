// A file that a process of a simulated machine has open.
#pragma once

#include "runtime/simulated/detail/node.h"
#include "runtime/simulated/disk.h"

namespace barnabas::runtime::simulated::detail {

class simulated_file final : public file {
 public:
  simulated_file(simulated::disk& disk, std::string path, std::shared_ptr<node> opened,
                 bool is_writable)
      : disk_(disk), path_(std::move(path)), node_(std::move(opened)), is_writable_(is_writable) {}

  const std::string& path() const override { return path_; }
  result<std::int64_t> size() const override { return node_->content.size(); }
  result<std::size_t> read_at(mutable_bytes into, std::int64_t offset) const override;
  result<std::optional<std::size_t>> read_at_if_cached(mutable_bytes into,
                                                       std::int64_t offset) const override;
  using file::write_at;
  result<> write_at(std::span<const bytes_view> parts, std::int64_t offset) override;
  result<> sync() override;
  result<> truncate(std::int64_t size_bytes) override;
  result<> reserve(std::int64_t size_bytes) override;
  result<shared_bytes> map(std::int64_t size_bytes) const override;
  int descriptor() const override { return -1; }

 private:
  // 0 or an errno: a fault, or a file that was opened for reading.
  int refusal_to_write();

  simulated::disk& disk_;
  std::string path_;
  std::shared_ptr<node> node_;
  bool is_writable_;
};

}  // namespace barnabas::runtime::simulated::detail
