#include "runtime/detail/patient_events.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>

#include "base/ensure.h"
#include "runtime/socket.h"

namespace barnabas::runtime::detail {

patient_events::patient_events(shard& home, int outer)
    : home_(home), outer_(outer), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  ensure(epoll_ >= 0 && watch_once(EPOLL_CTL_ADD),
         "the process has descriptors left for its shards");
}

patient_events::~patient_events() {
  ::close(epoll_);
}

void patient_events::on_events(std::uint32_t /*events*/) {
  home_.arm(*this, home_.now() + stream_patience);
}

void patient_events::fired() {
  std::array<epoll_event, 64> events;
  std::size_t count = events.size();
  while (count == events.size()) {
    const int got = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
    count = got > 0 ? static_cast<std::size_t>(got) : 0;
    for (std::size_t i = 0; i < count; ++i) {
      static_cast<event_handler*>(events[i].data.ptr)->on_events(events[i].events);
    }
  }
  watch_once(EPOLL_CTL_MOD);
}

bool patient_events::watch_once(int operation) {
  epoll_event once{.events = EPOLLIN | EPOLLONESHOT,
                   .data = {.ptr = static_cast<event_handler*>(this)}};
  return ::epoll_ctl(outer_, operation, epoll_, &once) == 0;
}

}  // namespace barnabas::runtime::detail
