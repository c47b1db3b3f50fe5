#include "client/chunks.h"

#include <algorithm>

namespace barnabas::client {

chunk_pool::chunk chunk_pool::take(std::size_t index) {
  {
    const runtime::lock_holder held(lock_);
    if (auto& free = free_[size_class(index)]; !free.empty()) {
      chunk taken = std::move(free.back());
      free.pop_back();
      free_bytes_ -= bytes_of(index);
      return taken;
    }
  }
  return std::make_unique_for_overwrite<std::byte[]>(bytes_of(index));
}

void chunk_pool::give(std::vector<chunk>& sequence, std::size_t from) {
  {
    const runtime::lock_holder held(lock_);
    for (std::size_t i = from; i < sequence.size(); ++i) {
      if (free_bytes_ + bytes_of(i) <= most_free_bytes) {
        free_bytes_ += bytes_of(i);
        free_[size_class(i)].push_back(std::move(sequence[i]));
      }
    }
  }
  sequence.resize(std::min(from, sequence.size()));
}

std::size_t chunk_pool::free_bytes() const {
  const runtime::lock_holder held(lock_);
  return free_bytes_;
}

void chunked_bytes::add_chunk() {
  if (count_ == chunks_.size()) {
    chunks_.push_back(pool_.take(count_));
  }
  whole_bytes_ += used_;
  used_ = 0;
  last_ = chunks_[count_].get();
  capacity_ = chunk_pool::bytes_of(count_);
  ++count_;
}

void chunked_bytes::append(bytes_view bytes) {
  while (!bytes.empty()) {
    if (room() == 0) {
      add_chunk();
    }
    const std::size_t part = std::min(room(), bytes.size());
    std::copy_n(bytes.data(), part, at());
    wrote(part);
    bytes = bytes.subspan(part);
  }
}

void chunked_bytes::add_parts(std::vector<bytes_view>& parts) const {
  for (std::size_t i = 0; i < count_; ++i) {
    parts.emplace_back(chunks_[i].get(), i + 1 == count_ ? used_ : chunk_pool::bytes_of(i));
  }
}

void chunked_bytes::restart() {
  count_ = whole_bytes_ = capacity_ = used_ = 0;
  last_ = nullptr;
}

void chunked_bytes::assign(bytes_view bytes) {
  restart();
  append(bytes);
  pool_.give(chunks_, count_);
}

void chunked_bytes::clear() {
  restart();
  pool_.give(chunks_, 0);
}

}  // namespace barnabas::client
