// One accepted connection: frames in, frames out, over any byte stream (a socket, or TLS over one).
// It lives on one shard, on which its handler runs, and moves only with it. One task reads and one
// writes at a time. The first reason given to close_for() is the one line that the log gets about
// its end.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "network/closing_signal.h"
#include "network/frame.h"
#include "network/frame_receiver.h"
#include "network/memory_budget.h"
#include "network/outgoing_frame.h"
#include "network/server_limits.h"
#include "runtime/socket.h"
#include "runtime/task.h"
#include "runtime/time.h"

namespace barnabas::network {

class connection {
 public:
  // All but the stream outlive the connection.
  connection(std::unique_ptr<runtime::stream> stream, const std::string& listener_name,
             const server_limits& limits, memory_budget& budget, std::string peer_name = {});
  virtual ~connection() = default;

  const runtime::endpoint& peer() const { return stream_->peer(); }
  const runtime::endpoint& local() const { return stream_->local(); }
  const std::string& listener_name() const { return listener_name_; }
  // Of the peer's certificate, as in RFC 2253; empty without one.
  const std::string& peer_name() const { return peer_name_; }

  // The next frame; nothing when there will be none: the peer has closed, the server stops, or
  // close() was called. After a frame that breaks the rules the connection is closed for it, and
  // the answer is nothing too. Holds no buffer while it waits between frames. Waits while the
  // shard's memory budget is used up.
  runtime::task<std::optional<frame>> read_frame();
  // A frame that has arrived already, if there is one: what read_frame() would give without a wait.
  std::optional<frame> next_received();

  // Sends the frames as if they were one, memory gathered and large slices by sendfile. False when
  // it fails; the connection is closed then.
  runtime::task<bool> write(std::span<const outgoing_frame* const> frames);

  // Goes on on another shard, together with the coroutine that calls this: every frame has been
  // answered, and those held have no charge. One that is closed when it arrives stays closed.
  virtual runtime::task<> move_to(int shard) = 0;

  // As stream::set_patient, for what it receives.
  void set_patient(bool yes) { stream_->set_patient(yes); }

  // A request is being worked on, from its frame to the end of its answer: such a connection is not
  // idle, and stop() waits for it.
  void request_started() { ++running_requests_; }
  void request_finished();

  // Ends reading and writing now.
  void close();
  // As close(), and says why in the log, once.
  void close_for(const std::string& reason);
  bool is_closed() const { return is_closed_; }
  // Reads no further frame, and closes when the running requests are answered.
  void stop();
  // Set by stop() and by close().
  closing_signal& closing() { return closing_; }

  // Closes it if nothing moved since `limit` and no request is running, or if a write has been
  // stuck since then.
  void close_if_idle_since(runtime::steady_time limit);

 protected:
  // For move_to(): before and after the coroutine changes shards.
  void leave_for(runtime::shard& shard) { stream_->move_to(shard); }
  void arrived(memory_budget& budget) { budget_ = &budget; }

 private:
  runtime::task<bool> receive();
  void touch() { last_activity_ = runtime::shard::current().now(); }

  std::unique_ptr<runtime::stream> stream_;
  const std::string& listener_name_;
  std::string peer_name_;
  memory_budget* budget_;
  frame_receiver receiver_;
  closing_signal closing_;
  runtime::steady_time last_activity_;
  int running_requests_ = 0;
  bool is_dry_ = true;  // the last read took all there was
  bool is_writing_ = false;
  bool is_stopping_ = false;
  bool is_closed_ = false;
};

}  // namespace barnabas::network
