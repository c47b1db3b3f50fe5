#include "runtime/simulated/detail/node.h"

#include <cstdlib>

#include "base/ensure.h"

namespace barnabas::runtime::simulated::detail {
namespace {

std::int64_t page_of(std::int64_t offset) {
  return offset / page_bytes;
}

}  // namespace

// Zeroed by calloc, so that a large file with holes costs no memory.
struct file_content::buffer {
  explicit buffer(std::int64_t bytes)
      : capacity(bytes),
        data(static_cast<std::byte*>(std::calloc(1, static_cast<std::size_t>(bytes)))) {
    ensure(data != nullptr, "a simulated file fits into memory");
  }
  buffer(const buffer&) = delete;
  buffer& operator=(const buffer&) = delete;
  ~buffer() { std::free(data); }

  std::int64_t capacity;
  std::byte* data;
};

file_content::file_content() = default;

std::size_t file_content::read(mutable_bytes into, std::int64_t offset) const {
  if (offset >= size_) {
    return 0;
  }
  const auto length = std::min(into.size(), static_cast<std::size_t>(size_ - offset));
  std::memcpy(into.data(), bytes_->data + offset, length);
  return length;
}

void file_content::write(bytes_view bytes, std::int64_t offset, seeded_random& random) {
  if (bytes.empty()) {
    return;
  }
  const std::int64_t end = offset + static_cast<std::int64_t>(bytes.size());
  for (std::int64_t page = page_of(offset); page <= page_of(end - 1); ++page) {
    remember_page(page);
  }
  grow_to(end);
  used_bytes_ = std::max(used_bytes_, end);
  put(bytes, offset);
  // The kernel writes some page back whenever it likes.
  if (random.below(16) == 0) {
    auto at = dirty_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random.below(dirty_.size())));
    if (!at->second.is_forgotten && at->first < page_of(durable_size_)) {
      dirty_.erase(at);
    }
  }
}

void file_content::truncate(std::int64_t size_bytes) {
  if (size_bytes >= size_) {
    grow_to(size_bytes);
    return;
  }
  cut removed{.size_bytes = size_bytes, .size_before = size_};
  const std::int64_t first = page_of(size_bytes);
  for (std::int64_t page = first; page <= page_of(size_ - 1); ++page) {
    removed.pages[page] = page_now(page);
  }
  removed.dirty.insert(dirty_.lower_bound(first), dirty_.end());
  dirty_.erase(dirty_.lower_bound(first), dirty_.end());
  // The page that the cut goes through stays, and its end becomes zeros.
  if (const auto through = removed.dirty.find(first);
      through != removed.dirty.end() && size_bytes % page_bytes != 0) {
    auto& kept = dirty_[first] = through->second;
    if (!kept.durable.empty()) {
      std::fill(kept.durable.begin() + size_bytes % page_bytes, kept.durable.end(), std::byte{});
    }
  }
  cuts_.push_back(std::move(removed));
  zero(size_bytes, size_);
  size_ = size_bytes;
  used_bytes_ = std::min(used_bytes_, size_);
}

void file_content::sync() {
  std::erase_if(dirty_, [](const auto& each) { return !each.second.is_forgotten; });
  cuts_.clear();
  durable_size_ = size_;
}

void file_content::fail_sync() {
  for (auto& [page, state] : dirty_) {
    state.is_forgotten = true;
  }
}

shared_bytes file_content::map(std::int64_t size_bytes) {
  ensure(size_bytes <= size_, "a mapping lies inside its file");
  if (size_bytes == 0) {
    return {};
  }
  const bytes_view view(bytes_->data, static_cast<std::size_t>(size_bytes));
  return {std::shared_ptr<const std::byte[]>(bytes_, bytes_->data), view};
}

void file_content::grow_to(std::int64_t size_bytes) {
  if (size_bytes <= size_) {
    return;
  }
  if (bytes_ == nullptr || size_bytes > bytes_->capacity) {
    const std::int64_t doubled = bytes_ == nullptr ? page_bytes : bytes_->capacity * 2;
    auto larger = std::make_shared<buffer>(std::max(size_bytes, doubled));
    if (bytes_ != nullptr) {
      std::memcpy(larger->data, bytes_->data, static_cast<std::size_t>(size_));
      if (bytes_.use_count() > 1) {
        outgrown_.push_back(bytes_);
      }
    }
    bytes_ = std::move(larger);
  }
  size_ = size_bytes;
}

void file_content::remember_page(std::int64_t page) {
  const auto [at, is_new] = dirty_.try_emplace(page);
  at->second.is_forgotten = false;
  if (is_new && page * page_bytes < size_) {
    at->second.durable = page_now(page);  // it was clean
  }
}

std::vector<std::byte> file_content::page_now(std::int64_t page) const {
  std::vector<std::byte> copy(page_bytes);
  read(copy, page * page_bytes);
  return copy;
}

void file_content::put(bytes_view bytes, std::int64_t offset) {
  std::memcpy(bytes_->data + offset, bytes.data(), bytes.size());
  for (const auto& each : outgrown_) {
    const auto older = each.lock();
    if (older != nullptr && offset < older->capacity) {
      const auto shown = std::min(bytes.size(), static_cast<std::size_t>(older->capacity - offset));
      std::memcpy(older->data + offset, bytes.data(), shown);
    }
  }
  std::erase_if(outgrown_, [](const auto& each) { return each.expired(); });
}

void file_content::zero(std::int64_t from, std::int64_t to) {
  const std::vector<std::byte> zeros(static_cast<std::size_t>(to - from));
  put(zeros, from);
}

void file_content::lose_power(seeded_random& random, double garbage_probability) {
  undo_cuts(random);
  restore_pages(random, random.chance(garbage_probability));
  restore_size(random);
  dirty_.clear();
  cuts_.clear();
  durable_size_ = size_;
  used_bytes_ = std::min(used_bytes_, size_);
}

// A truncation goes to the disk in order with the others, or not at all; what it cut off is then
// still there, and what was written into its place is not.
void file_content::undo_cuts(seeded_random& random) {
  const std::size_t survivors = random.below(cuts_.size() + 1);
  while (cuts_.size() > survivors) {
    cut last = std::move(cuts_.back());
    cuts_.pop_back();
    dirty_.erase(dirty_.lower_bound(page_of(last.size_bytes)), dirty_.end());
    resize(last.size_before);
    for (const auto& [page, bytes] : last.pages) {
      const std::int64_t length = std::min(page_bytes, last.size_before - page * page_bytes);
      put(bytes_view(bytes).first(static_cast<std::size_t>(length)), page * page_bytes);
    }
    dirty_.merge(last.dirty);
  }
  for (const cut& each : cuts_) {
    durable_size_ = std::min(durable_size_, each.size_bytes);
  }
}

void file_content::restore_pages(seeded_random& random, bool is_garbage) {
  enum class style : std::uint8_t { none, all, some_pages, some_sectors };
  const auto survives = static_cast<style>(random.below(4));
  const double share = static_cast<double>(random.between(1, 9)) / 10;
  for (const auto& [page, state] : dirty_) {
    bool is_kept = survives == style::all || (survives != style::none && random.chance(share));
    for (std::int64_t at = page * page_bytes; at < (page + 1) * page_bytes && at < size_;
         at += sector_bytes) {
      if (survives == style::some_sectors) {
        is_kept = random.chance(share);
      }
      if (!is_kept) {
        restore_sector(at, state.durable, is_garbage ? &random : nullptr);
      }
    }
  }
}

// `garbage`: what was never written is not zeros.
void file_content::restore_sector(std::int64_t offset, const std::vector<std::byte>& durable_page,
                                  seeded_random* garbage) {
  std::array<std::byte, sector_bytes> sector{};
  if (!durable_page.empty()) {
    std::memcpy(sector.data(), durable_page.data() + offset % page_bytes, sector.size());
  }
  if (garbage != nullptr) {
    for (std::int64_t i = std::max(durable_size_ - offset, std::int64_t{0}); i < sector_bytes;
         ++i) {
      sector[static_cast<std::size_t>(i)] = static_cast<std::byte>(garbage->next());
    }
  }
  put(bytes_view(sector).first(static_cast<std::size_t>(std::min(sector_bytes, size_ - offset))),
      offset);
}

void file_content::restore_size(seeded_random& random) {
  const std::int64_t least = std::min(durable_size_, size_);
  switch (random.below(3)) {
    case 0:
      break;
    case 1:
      resize(least);
      break;
    default:
      resize(random.between(least, size_));
  }
}

void file_content::resize(std::int64_t size_bytes) {
  if (size_bytes < size_) {
    zero(size_bytes, size_);
    size_ = size_bytes;
  }
  grow_to(size_bytes);
}

void name_change::make_durable() const {
  if (from != nullptr) {
    const auto left = from->durable_entries.find(from_name);
    if (left != from->durable_entries.end() && left->second == what) {
      from->durable_entries.erase(left);
    }
  }
  if (to != nullptr) {
    to->durable_entries[to_name] = what;
  }
}

}  // namespace barnabas::runtime::simulated::detail
