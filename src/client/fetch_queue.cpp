#include "client/fetch_queue.h"

#include <algorithm>

namespace barnabas::client {

void fetch_queue::put(fetched_piece piece) {
  const runtime::lock_holder held(lock_);
  pieces_.push_back(std::move(piece));
  changed_.notify_all();
}

bool fetch_queue::has_room(std::int64_t most_waiting) const {
  const runtime::lock_holder held(lock_);
  std::int64_t waiting = 0;
  for (const fetched_piece& each : pieces_) {
    if (is_current_locked(each) && !each.from->is_paused) {
      waiting += static_cast<std::int64_t>(each.batches.size());
    }
  }
  return waiting <= most_waiting;
}

void fetch_queue::put(rebalance_notice notice) {
  const runtime::lock_holder held(lock_);
  notices_.push_back(std::move(notice));
  changed_.notify_all();
}

void fetch_queue::drop_notices() {
  const runtime::lock_holder held(lock_);
  notices_.clear();
}

bool fetch_queue::is_settled() const {
  const runtime::lock_holder held(lock_);
  return notices_.empty() && !is_handling_;
}

runtime::steady_time fetch_queue::last_poll() const {
  const runtime::lock_holder held(lock_);
  return last_poll_;
}

runtime::steady_time fetch_queue::begin_poll(runtime::steady_time now) {
  const runtime::lock_holder held(lock_);
  if (last_given_ != nullptr) {
    last_given_->processed = last_given_->position;
  }
  return std::exchange(last_poll_, now);
}

std::optional<rebalance_notice> fetch_queue::take_notice() {
  const runtime::lock_holder held(lock_);
  if (notices_.empty()) {
    return std::nullopt;
  }
  rebalance_notice notice = std::move(notices_.front());
  notices_.pop_front();
  is_handling_ = true;
  return notice;
}

void fetch_queue::handled() {
  const runtime::lock_holder held(lock_);
  is_handling_ = false;
}

void fetch_queue::set_owned_until(runtime::steady_time until) {
  const runtime::lock_holder held(lock_);
  owned_until_ = until;
  changed_.notify_all();
}

bool fetch_queue::is_current_locked(const fetched_piece& piece) const {
  return piece.from->is_assigned && piece.generation == piece.from->generation;
}

bool fetch_queue::is_current(const fetched_piece& piece) const {
  const runtime::lock_holder held(lock_);
  return is_current_locked(piece) && runtime::now_anywhere() < owned_until_;
}

void fetch_queue::advance(const fetched_piece& piece, consumed_place to) {
  const runtime::lock_holder held(lock_);
  if (piece.generation == piece.from->generation) {
    piece.from->position = to;
  }
}

std::optional<fetched_piece> fetch_queue::take_locked() {
  if (!notices_.empty() || is_handling_ || runtime::now_anywhere() >= owned_until_) {
    return std::nullopt;
  }
  std::erase_if(pieces_, [this](const fetched_piece& each) { return !is_current_locked(each); });
  const auto found = std::ranges::find_if(
      pieces_, [](const fetched_piece& each) { return !each.from->is_paused; });
  if (found == pieces_.end()) {
    return std::nullopt;
  }
  fetched_piece piece = std::move(*found);
  pieces_.erase(found);
  last_given_ = piece.from;
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
    if (!notices_.empty() || !changed_.wait_until(held, deadline)) {
      return take_locked();
    }
  }
}

}  // namespace barnabas::client
