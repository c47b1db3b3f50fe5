// The requests of one connection: reads their headers, starts their handlers in order, and sends
// the replies in the same order while up to max_running requests are in work. Lives on the
// connection's shard from its first byte to its last reply; when the requests are all about
// partitions of another shard, the two move there. A request that cannot be understood closes the
// connection with one line in the log; so does an exception that leaves a handler. A client that
// has used up a quota is answered at once, and then not read from for a while (KIP-219).
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>

#include "base/result.h"
#include "broker/api_table.h"
#include "broker/quota/client_quotas.h"
#include "broker/quota/request_quota.h"
#include "broker/request.h"
#include "broker/request_header.h"
#include "network/connection.h"
#include "runtime/frame_allocator.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"

namespace barnabas::broker {

class session {
 public:
  static constexpr std::size_t max_running = 64;  // requests whose replies have not left
  static constexpr std::size_t max_running_bytes =
      16 << 20;  // of their frames and replies; one is always let in

  // All outlive the session.
  session(network::connection& connection, const api_table& apis, services& services);
  // Until the connection has ended and every handler with it.
  runtime::task<> run();

 private:
  // A request from its start until its reply has left.
  struct running {
    network::memory_charge charge;
    std::size_t bytes = 0;
    bool is_ready = false;
    reply answer;
    std::optional<request_quota> quota;  // where one holds for the client
  };

  runtime::task<> wait_for_room();
  bool should_move() const;
  runtime::task<> move();
  void note_kind(protocol::api_key key);
  // False when the connection ends with this request.
  runtime::task<bool> start(network::frame frame);
  result<const api*> find_api(const request_header& header) const;
  // False. The connection closes when everything before has been answered.
  bool refuse(running& slot, std::string reason);
  runtime::task<started_request> call_handler(const api& api, request request);
  // The same, with the time until its first wait counted.
  runtime::task<started_request> call_counted(const api& api, request request);
  runtime::task<> call_into(const api& api, request request, std::optional<started_request>& into,
                            runtime::condition& ended);
  // Gives the request a quota if there is one for its client.
  void limit(running& slot, std::string_view client_id);
  // Reads nothing more for as long as the request's quota says.
  void mute(const running& slot);
  bool is_muted() const { return muted_until_ != runtime::steady_time(); }
  runtime::task<> wait_while_muted();
  void start_second_phase(running& slot, pending_reply later);
  runtime::task<> finish(running& slot, pending_reply later);
  void set_reply(running& slot, reply answer);
  runtime::task<> write_replies();
  bool is_full() const {
    return running_.size() >= max_running || running_bytes_ >= max_running_bytes;
  }

  network::connection& connection_;
  const api_table& apis_;
  services& services_;
  connection_facts facts_;
  // In request order; the front's reply is the next to leave.
  std::list<running, runtime::frame_allocator<running>> running_;
  std::size_t running_bytes_ = 0;
  client_limits_ptr limits_;  // of the client that asked last, where there are quotas
  runtime::steady_time muted_until_{};
  int heartbeats_ = 0;  // in a row
  bool is_writing_ = false;
  std::string refusal_;          // why nothing more is read
  runtime::condition progress_;  // a reply has left
  runtime::task_group group_{"session"};
};

}  // namespace barnabas::broker
