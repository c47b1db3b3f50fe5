#include "client/fetch_queue.h"

#include <algorithm>

namespace barnabas::client {

void fetch_queue::put(fetched_piece piece) {
  const runtime::lock_holder held(lock_);
  bytes_ += static_cast<std::int64_t>(piece.batches.size());
  pieces_.push_back(std::move(piece));
  changed_.notify_all();
}

bool fetch_queue::has_room() const {
  const runtime::lock_holder held(lock_);
  return bytes_ < most_bytes_;
}

std::optional<fetched_piece> fetch_queue::take_locked() {
  std::erase_if(pieces_, [this](const fetched_piece& each) {
    const bool is_stale = !each.from->is_assigned || each.generation != each.from->generation;
    bytes_ -= is_stale ? static_cast<std::int64_t>(each.batches.size()) : 0;
    return is_stale;
  });
  const auto found = std::ranges::find_if(
      pieces_, [](const fetched_piece& each) { return !each.from->is_paused; });
  if (found == pieces_.end()) {
    return std::nullopt;
  }
  fetched_piece piece = std::move(*found);
  bytes_ -= static_cast<std::int64_t>(piece.batches.size());
  pieces_.erase(found);
  return piece;
}

std::optional<fetched_piece> fetch_queue::take() {
  const runtime::lock_holder held(lock_);
  return take_locked();
}

std::optional<fetched_piece> fetch_queue::take_until(runtime::steady_time deadline) {
  runtime::lock_holder held(lock_);
  for (;;) {
    if (auto piece = take_locked()) {
      return piece;
    }
    if (!changed_.wait_until(held, deadline)) {
      return take_locked();
    }
  }
}

}  // namespace barnabas::client
