// The way to one broker: connects when a connection is wanted, with TLS and SASL if they are set,
// one attempt at a time which all who wait share, and backs off between failed attempts. Lives on
// one shard; the task group that runs its connections is joined before it goes.
#pragma once

#include <memory>
#include <optional>

#include "rpc/authentication.h"
#include "rpc/backoff.h"
#include "rpc/connection.h"
#include "runtime/socket.h"
#include "runtime/task_group.h"
#include "runtime/wait.h"
#include "security/tls_source.h"

namespace barnabas::rpc {

struct link_settings {
  connection_settings connection;
  runtime::duration setup_timeout = std::chrono::seconds(30);
  runtime::duration first_backoff = std::chrono::milliseconds(100);
  runtime::duration most_backoff = std::chrono::seconds(10);
  std::shared_ptr<security::tls_source> tls;  // null: plaintext
  std::shared_ptr<const sasl_settings> sasl;  // null: none
};

class link {
 public:
  link(runtime::network& network, runtime::task_group& tasks, runtime::endpoint to,
       const link_settings& settings);

  const runtime::endpoint& to() const { return to_; }
  // The open connection, or null.
  std::shared_ptr<connection> current() const;
  // The open connection or a new one. The error is the last attempt's, with the address.
  runtime::task<result<std::shared_ptr<connection>>> connected(runtime::steady_time deadline);
  bool is_connecting() const { return is_connecting_; }
  // Whether the last attempt failed and the time for the next has not come.
  bool is_backing_off() const;
  // Ends the connection, also one that is being made; what waits for one fails.
  void close();

 private:
  runtime::task<> connect();
  runtime::task<result<std::shared_ptr<connection>>> connect_once();
  runtime::task<result<std::unique_ptr<runtime::stream>>> open_stream(
      runtime::steady_time deadline);
  runtime::task<result<>> authenticate(std::shared_ptr<connection> with,
                                       runtime::steady_time deadline);

  runtime::network& network_;
  runtime::task_group& tasks_;
  runtime::endpoint to_;
  link_settings settings_;
  backoff backoff_;
  std::shared_ptr<connection> connection_;
  std::shared_ptr<connection> opening_;  // until it may be used
  runtime::connect_stop connecting_;
  bool is_connecting_ = false;
  bool is_closed_ = false;
  int attempts_ = 0;  // that have ended
  error last_error_;
  runtime::steady_time not_before_{};
  runtime::condition attempt_ended_;
  runtime::condition closed_;
};

}  // namespace barnabas::rpc
