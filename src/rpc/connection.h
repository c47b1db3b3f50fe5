// One multiplexed connection to a broker: requests are sent in the order of the calls, several may
// be in flight, answers are matched by their correlation ids. It stands on any runtime::stream (a
// socket, its simulated twin, TLS). Lives on one shard, shared by its callers and its two tasks;
// when it has ended, with the first error, it never works again, and every call fails with that
// error.
//
// A connection ends when the peer closes it, when an answer is no frame, is too large, cannot be
// read, or was not asked for, and when an answer does not come before the deadline of its call.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "network/frame_receiver.h"
#include "protocol/message_bytes.h"
#include "rpc/api_versions.h"
#include "rpc/request.h"
#include "runtime/socket.h"
#include "runtime/task_group.h"

namespace barnabas::rpc {

struct connection_settings {
  std::string client_id = "barnabas";
  std::int32_t largest_answer_bytes = 100'000'000;  // receive.message.max.bytes
  int send_buffer_bytes = 0;                        // 0 leaves it to the system
  int receive_buffer_bytes = 0;
  bool is_nagle_disabled = true;
  bool is_encrypted = false;  // the stream is TLS: a hint for what may be wrong
};

// An answer and the bytes that its views point into.
template <class Message>
struct answer {
  std::shared_ptr<std::byte[]> bytes;
  Message message;
};

class connection {
 public:
  // `tasks` runs what reads and writes, and is joined after the connection's end.
  static std::shared_ptr<connection> begin(std::unique_ptr<runtime::stream> stream,
                                           runtime::task_group& tasks,
                                           connection_settings settings);
  // Asks the broker at the other end for its versions, before anything else. It has ended when
  // that fails.
  runtime::task<result<>> learn_versions(runtime::steady_time deadline);
  connection(std::unique_ptr<runtime::stream> stream, connection_settings settings);

  bool is_open() const { return !has_ended_; }
  // Why it has ended.
  const error& end_reason() const { return why_; }
  const runtime::endpoint& peer() const { return stream_->peer(); }
  const api_versions& versions() const { return versions_; }
  // Requests whose answers have not come.
  std::size_t in_flight() const { return in_flight_.size(); }
  // Ends it; calls fail with `reason`.
  void end(error reason);
  // Notified by its end.
  runtime::condition& ended() { return ended_; }
  // From hold() to release() only requests of SASL leave: a broker that is being told who the
  // client is takes no others (KIP-368).
  void hold() { is_held_ = true; }
  void release();

  // Sends a request in the highest version that both know, at most `highest`, and waits for its
  // answer. Errors: network_exception (the connection has ended), request_timed_out,
  // unsupported_version. `payloads` are those of records::external by slot.
  template <class Response, class Request>
  runtime::task<result<answer<Response>>> call(const Request& message,
                                               runtime::steady_time deadline,
                                               std::int16_t highest = Request::highest_version,
                                               std::span<const payload> payloads = {}) {
    const auto version = versions_.choose(Request::api, {Request::lowest_version, highest});
    if (!version) {
      co_return fail(version.error());
    }
    auto encoded = encode_request(message, *version, settings_.client_id, payloads);
    if (!encoded) {
      co_return fail(std::move(encoded.error()));
    }
    auto frame = co_await exchange(std::move(*encoded), deadline);
    if (!frame) {
      co_return fail(std::move(frame.error()));
    }
    auto read = protocol::from_bytes<Response>(frame->payload, *version);
    if (!read) {
      end(unreadable(Request::api, *version, read.error()));
      co_return fail(why_);
    }
    co_return answer<Response>{std::move(frame->buffer), std::move(*read)};
  }

  // Sends a request that has no answer (Produce with acks=0); ends when it has been written.
  template <class Request>
  runtime::task<result<>> send(const Request& message, runtime::steady_time deadline,
                               std::int16_t highest = Request::highest_version,
                               std::span<const payload> payloads = {}) {
    const auto version = versions_.choose(Request::api, {Request::lowest_version, highest});
    if (!version) {
      co_return fail(version.error());
    }
    auto encoded = encode_request(message, *version, settings_.client_id, payloads);
    if (!encoded) {
      co_return fail(std::move(encoded.error()));
    }
    co_return co_await write_only(std::move(*encoded), deadline);
  }

 private:
  // A call; lives in the frame of the coroutine that waits for it.
  struct pending;

  runtime::task<result<network::frame>> exchange(request what, runtime::steady_time deadline);
  runtime::task<result<>> write_only(request what, runtime::steady_time deadline);
  runtime::task<> wait(pending& call);
  void enqueue(pending& call);
  void send_in_turn(pending& call);
  runtime::task<result<>> ask_for_versions(runtime::steady_time deadline);
  static runtime::task<> write_requests(std::shared_ptr<connection> self);
  static runtime::task<> read_answers(std::shared_ptr<connection> self);
  // False when the connection has ended by it.
  bool take_received();
  void take_answer(network::frame frame);
  error unreadable(protocol::api_key key, std::int16_t version, const error& why) const;
  error broken(const std::string& what) const;
  // Why the other side may have ended a connection that had hardly begun.
  std::string hint() const;

  std::unique_ptr<runtime::stream> stream_;
  connection_settings settings_;
  api_versions versions_;
  network::frame_receiver receiver_;
  std::int32_t last_correlation_id_ = 0;
  std::deque<pending*> to_write_;
  std::deque<pending*> in_flight_;  // in the order of sending
  std::deque<pending*> held_;       // by hold()
  runtime::condition has_work_;     // for the writer
  runtime::condition ended_;
  std::size_t answers_ = 0;
  bool is_held_ = false;
  bool has_ended_ = false;
  error why_;
};

}  // namespace barnabas::rpc
