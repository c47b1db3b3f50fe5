#include "runtime/simulated/detail/network_state.h"

namespace barnabas::runtime::simulated::detail {

machine* network_state::find(const machine& from, const std::string& host) const {
  const bool is_itself = host == "localhost" || host == "127.0.0.1" || host == "::1";
  for (machine* const each : machines_) {
    if (is_itself ? each == &from : each->name() == host || each->address() == host) {
      return each;
    }
  }
  return nullptr;
}

duration network_state::draw_latency(const machine& from, const machine& to) {
  return clock_.draw(&from == &to ? clock_.options.loopback : clock_.options.network);
}

void network_state::cut(const machine& from, const machine& to) {
  clock_.trace(12, from.number() * 64 + to.number());
  cut_.insert({from.number(), to.number()});
}

template <class Visit>
void network_state::for_each_sender_to(const machine& home, const Visit& visit) {
  for (const auto& each : connections_) {
    if (const auto found = each.lock()) {
      for (const int side : {0, 1}) {
        if (found->at(1 - side).home == &home) {
          visit(*found, side);
        }
      }
    }
  }
}

void network_state::heal(const machine& from, const machine& to) {
  if (cut_.erase({from.number(), to.number()}) == 0) {
    return;
  }
  clock_.trace(13, from.number() * 64 + to.number());
  for_each_sender_to(to, [&](connection& each, int side) {
    if (each.at(side).home == &from) {
      each.resume(side);
    }
  });
}

void network_state::power_lost(const machine& home) {
  for_each_sender_to(home, [](connection& each, int side) { each.probe(side); });
}

void network_state::power_restored(const machine& home) {
  for_each_sender_to(home, [](connection& each, int side) {
    each.resume(side);
    if (each.room(side) == 0) {  // the sender keeps asking whether there is room
      each.send(1 - side, {connection::piece_kind::reset, {}});
    }
  });
}

void network_state::reset_between(const machine& a, const machine& b) {
  for (const auto& each : connections_) {
    const auto found = each.lock();
    if (found == nullptr) {
      continue;
    }
    const machine* const first = found->at(0).home;
    const machine* const second = found->at(1).home;
    if ((first == &a && second == &b) || (first == &b && second == &a)) {
      found->reset_both();
    }
  }
}

std::shared_ptr<listening> network_state::listen(machine& home, endpoint local, int backlog) {
  if (local.port == 0) {
    local.port = next_port();
  }
  auto& place = listening_[{home.number(), local.port}];
  if (place != nullptr && !place->is_closed && place->life == home.life()) {
    return nullptr;
  }
  place = std::make_shared<listening>();
  place->home = &home;
  place->life = home.life();
  place->address = std::move(local);
  place->backlog = static_cast<std::size_t>(std::max(backlog, 1));
  return place;
}

void network_state::stop_listening(listening& ended) {
  if (std::exchange(ended.is_closed, true)) {
    return;
  }
  for (const auto& each : std::exchange(ended.arrived, {})) {
    each->close(1);
  }
  const auto place = listening_.find({ended.home->number(), ended.address.port});
  if (place != listening_.end() && place->second.get() == &ended) {
    ended.acceptor.wake(place->second);
    listening_.erase(place);
  }
}

std::shared_ptr<listening> network_state::listener_at(const machine& home,
                                                      std::uint16_t port) const {
  const auto place = listening_.find({home.number(), port});
  const bool is_there =
      place != listening_.end() && home.is_running() && place->second->life == home.life();
  return is_there ? place->second : nullptr;
}

std::shared_ptr<connection> network_state::make_connection() {
  if (connections_.size() >= sweep_at_) {
    std::erase_if(connections_, [](const auto& each) { return each.expired(); });
    sweep_at_ = std::max<std::size_t>(64, connections_.size() * 2);
  }
  auto made = std::make_shared<connection>(clock_, *this);
  connections_.push_back(made);
  return made;
}

std::uint16_t network_state::next_port() {
  last_port_ = last_port_ == 65535 ? 32768 : static_cast<std::uint16_t>(last_port_ + 1);
  return last_port_;
}

}  // namespace barnabas::runtime::simulated::detail
