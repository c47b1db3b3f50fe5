#include "network/connection.h"

#include "base/log.h"
#include "network/detail/frame_writer.h"
#include "runtime/shard.h"

namespace barnabas::network {

connection::connection(std::unique_ptr<runtime::stream> stream, const std::string& listener_name,
                       const server_limits& limits, memory_budget& budget, std::string peer_name)
    : stream_(std::move(stream)),
      listener_name_(listener_name),
      peer_name_(std::move(peer_name)),
      budget_(&budget),
      receiver_(limits.request_bytes),
      last_activity_(runtime::shard::current().now()) {
  stream_->set_no_delay(true);
  stream_->set_buffer_sizes(limits.send_buffer_bytes, limits.receive_buffer_bytes);
}

std::optional<frame> connection::next_received() {
  if (is_stopping_ || is_closed_) {
    return std::nullopt;
  }
  auto next = receiver_.next();
  if (!next) {
    close_for(next.error().message);
    return std::nullopt;
  }
  if (next->has_value()) {
    (*next)->charge = memory_charge(*budget_, (*next)->payload.size());
  }
  return std::move(*next);
}

runtime::task<std::optional<frame>> connection::read_frame() {
  while (true) {
    auto next = next_received();
    if (next || is_stopping_ || is_closed_) {
      co_return next;
    }
    if (!co_await receive()) {
      co_return std::nullopt;
    }
  }
}

runtime::task<bool> connection::receive() {
  while (!budget_->has_room() && !closing_.is_set()) {
    receiver_.rest();
    closing_watch watch(closing_, budget_->freed());
    co_await budget_->freed().wait_until(runtime::no_deadline);  // running requests end
  }
  if (is_dry_ && !is_closed_) {
    receiver_.rest();
    if (const auto ready = co_await stream_->wait_readable(); !ready) {
      close();
    }
    is_dry_ = false;
  }
  if (is_closed_) {
    co_return false;
  }
  const mutable_bytes space = receiver_.space();
  const auto got = stream_->try_read(space);
  if (!got || (got->has_value() && **got == 0)) {
    close();
    co_return false;
  }
  if (got->has_value()) {
    receiver_.received(**got);
    touch();
  }
  is_dry_ = !got->has_value() || **got < space.size();
  co_return true;
}

runtime::task<bool> connection::write(std::span<const outgoing_frame* const> frames) {
  touch();
  is_writing_ = true;
  detail::frame_writer writer(*stream_, last_activity_);
  result<> done;
  for (const outgoing_frame* frame : frames) {
    if (done = co_await writer.add(*frame); !done) {
      break;
    }
  }
  if (done) {
    done = co_await writer.finish();
  }
  is_writing_ = false;
  if (!done && done.error().code == error_code::kafka_storage_error) {
    close_for(done.error().message);
  } else if (!done) {
    close();
  }
  co_return !is_closed_;
}

void connection::request_finished() {
  --running_requests_;
  touch();
  if (is_stopping_ && running_requests_ == 0) {
    close();
  }
}

void connection::close() {
  if (!is_closed_) {
    is_closed_ = true;
    stream_->close();
    closing_.set();
  }
}

void connection::close_for(const std::string& reason) {
  if (!is_closed_) {
    log(log_level::info, "network", "closed connection",
        {field("peer", peer().to_string()), field("listener", listener_name_),
         field("reason", reason)});
    close();
  }
}

void connection::stop() {
  is_stopping_ = true;
  closing_.set();
  if (running_requests_ == 0) {
    close();
  }
}

void connection::close_if_idle_since(runtime::steady_time limit) {
  if (last_activity_ >= limit || (running_requests_ != 0 && !is_writing_)) {
    return;
  }
  close_for(is_writing_ ? "the peer has taken nothing for connections.max.idle.ms"
                        : "idle for connections.max.idle.ms");
}

}  // namespace barnabas::network
