// A short immutable list of broker ids (replicas, in-sync replicas). Up to four need no memory of
// their own: a cluster's image holds two lists a partition.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

namespace barnabas::cluster {

class broker_ids {
 public:
  broker_ids() = default;
  broker_ids(std::span<const std::int32_t> ids) { assign(ids); }     // NOLINT: a list is a list
  broker_ids(const std::vector<std::int32_t>& ids) { assign(ids); }  // NOLINT
  broker_ids(std::initializer_list<std::int32_t> ids) { assign({ids.begin(), ids.size()}); }
  broker_ids(const broker_ids& other) { assign(other.view()); }
  broker_ids(broker_ids&& other) noexcept { take(other); }
  broker_ids& operator=(broker_ids other) noexcept {
    release();
    take(other);
    return *this;
  }
  ~broker_ids() { release(); }

  std::span<const std::int32_t> view() const { return {is_inline() ? inline_ : heap_, size_}; }
  const std::int32_t* begin() const { return view().data(); }
  const std::int32_t* end() const { return begin() + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool contains(std::int32_t id) const { return std::ranges::find(view(), id) != view().end(); }
  bool operator==(const broker_ids& other) const {
    return std::ranges::equal(view(), other.view());
  }

 private:
  static constexpr std::size_t inline_capacity = 4;
  bool is_inline() const { return size_ <= inline_capacity; }
  void assign(std::span<const std::int32_t> ids) {
    size_ = static_cast<std::uint32_t>(ids.size());
    std::int32_t* to = is_inline() ? inline_ : heap_ = new std::int32_t[size_];
    std::ranges::copy(ids, to);
  }
  void take(broker_ids& other) noexcept {
    size_ = other.size_;
    if (is_inline()) {
      std::copy_n(other.inline_, inline_capacity, inline_);
    } else {
      heap_ = other.heap_;
    }
    other.size_ = 0;
  }
  void release() noexcept {
    if (!is_inline()) {
      delete[] heap_;
    }
  }

  union {
    std::int32_t inline_[inline_capacity] = {};
    std::int32_t* heap_;
  };
  std::uint32_t size_ = 0;
};

}  // namespace barnabas::cluster
