#include "runtime/simulated/detail/connection.h"

#include "runtime/simulated/detail/network_state.h"

namespace barnabas::runtime::simulated::detail {
namespace {

constexpr duration give_up_after = std::chrono::minutes(15);

}  // namespace

void waiting_slot::wake(std::shared_ptr<void> keeps) {
  if (!waiter) {
    return;
  }
  home->enqueue([this, keeps = std::move(keeps)] {
    if (waiter) {
      std::exchange(waiter, nullptr).resume();
    }
  });
}

std::size_t connection::room(int which) const {
  const std::size_t window = clock_.options.window_bytes;
  const std::size_t used = sides_[static_cast<std::size_t>(which)].outstanding;
  return used < window ? window - used : 0;
}

void connection::send(int from, piece what) {
  at(from).outstanding += what.bytes.size();
  at(from).under_way.push_back(std::move(what));
  schedule_arrival(from);
}

void connection::schedule_arrival(int from) {
  side& sender = at(from);
  const duration latency = network_.draw_latency(*sender.home, *at(1 - from).home);
  sender.last_arrival = std::max(sender.last_arrival + duration(1), clock_.now + latency);
  clock_.at(sender.last_arrival, [self = shared_from_this(), from] { self->arrive(from); });
}

void connection::arrive(int from) {
  side& sender = at(from);
  side& receiver = at(1 - from);
  if (network_.is_cut(*sender.home, *receiver.home) ||
      receiver.home->state() == machine_state::dark) {
    hold_back(from);
    return;
  }
  piece what = std::move(sender.under_way.front());
  sender.under_way.pop_front();
  if (what.kind == piece_kind::data && clock_.random.chance(clock_.options.reset_probability)) {
    reset_both();
    return;
  }
  clock_.trace(11, what.bytes.size() * 4 + static_cast<std::uint64_t>(what.kind));
  if (receiver.is_closed || receiver.life != receiver.home->life()) {
    if (what.kind == piece_kind::data) {
      send(1 - from, {piece_kind::reset, {}});
    }
    return;
  }
  receive(1 - from, std::move(what));
}

void connection::hold_back(int from) {
  side& sender = at(from);
  if (++sender.held_back > 1) {
    return;
  }
  sender.held_since = clock_.now;
  clock_.at(clock_.now + give_up_after, [self = shared_from_this(), from, since = clock_.now] {
    const side& waiting = self->at(from);
    if (waiting.held_back > 0 && waiting.held_since == since && !waiting.is_closed) {
      self->become_reset(from);
    }
  });
}

void connection::probe(int from) {
  if (room(from) > 0) {
    return;
  }
  clock_.at(clock_.now + give_up_after, [self = shared_from_this(), from] {
    const side& receiver = self->at(1 - from);
    if (self->room(from) == 0 && receiver.life != receiver.home->life() &&
        !self->at(from).is_closed) {
      self->become_reset(from);
    }
  });
}

void connection::receive(int which, piece what) {
  side& receiver = at(which);
  switch (what.kind) {
    case piece_kind::data:
      receiver.received.erase(0, receiver.taken);
      receiver.taken = 0;
      receiver.received += what.bytes;
      break;
    case piece_kind::end:
      receiver.has_end = true;
      break;
    case piece_kind::reset:
      become_reset(which);
      return;
  }
  tell_reader(which);
}

void connection::tell_reader(int which) {
  if (!at(which).is_patient) {
    at(which).reader.wake(shared_from_this());
    return;
  }
  const auto patience = std::chrono::duration_cast<duration>(stream_patience).count();
  const duration wait(clock_.random.below(static_cast<std::uint64_t>(patience)));
  clock_.at(clock_.now + wait,
            [self = shared_from_this(), which] { self->at(which).reader.wake(self); });
}

void connection::become_reset(int which) {
  side& hit = at(which);
  hit.was_reset = true;
  hit.received.clear();
  hit.taken = 0;
  hit.reader.wake(shared_from_this());
  hit.writer.wake(shared_from_this());
}

std::size_t connection::take(int which, mutable_bytes into) {
  side& reader = at(which);
  std::size_t length = std::min(into.size(), reader.unread());
  if (clock_.random.below(8) == 0) {
    length = 1 + clock_.random.below(length);
  }
  std::memcpy(into.data(), reader.received.data() + reader.taken, length);
  reader.taken += length;
  const duration latency = network_.draw_latency(*reader.home, *at(1 - which).home);
  clock_.at(clock_.now + latency, [self = shared_from_this(), which, length] {
    side& writer = self->at(1 - which);
    writer.outstanding -= length;
    writer.writer.wake(self);
  });
  return length;
}

void connection::close(int which) {
  side& closing = at(which);
  if (std::exchange(closing.is_closed, true)) {
    return;
  }
  closing.reader.wake(shared_from_this());
  closing.writer.wake(shared_from_this());
  if (closing.was_reset || closing.home->is_losing_power()) {
    return;
  }
  const bool is_rude = closing.unread() > 0 || closing.home->is_dying();
  send(which, {is_rude ? piece_kind::reset : piece_kind::end, {}});
}

void connection::reset_both() {
  become_reset(0);
  become_reset(1);
}

void connection::resume(int from) {
  for (; at(from).held_back > 0; --at(from).held_back) {
    schedule_arrival(from);
  }
}

}  // namespace barnabas::runtime::simulated::detail
