// Asks servers of HTTP, each request on a connection of its own, one at a time. Lives on one shard,
// whose loop it never blocks.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/url.h"
#include "security/tls_source.h"

namespace barnabas::http {

struct request {
  url to;
  std::vector<std::pair<std::string, std::string>> header;  // beside Host and Content-Length
  std::string body;
};
struct answer {
  int status = 0;
  std::string reason;  // the server's words behind the status
  std::string body;
};

class client {
 public:
  // The network outlives it; `tls` is for https.
  client(runtime::network& network, std::shared_ptr<security::tls_source> tls)
      : network_(network), tls_(std::move(tls)) {}

  // Whatever the server answers is an answer, of any status. Errors name the address:
  // network_exception, request_timed_out, and what tls_source says.
  runtime::task<result<answer>> post(request what, runtime::steady_time deadline);
  // Ends a request that waits for the server; further ones fail.
  void close();

 private:
  runtime::task<result<std::unique_ptr<runtime::stream>>> open(const url& to,
                                                               runtime::steady_time deadline);
  runtime::task<result<answer>> post_once(request what, runtime::steady_time deadline);

  runtime::network& network_;
  std::shared_ptr<security::tls_source> tls_;
  runtime::connect_stop connecting_;
  runtime::stream* open_ = nullptr;  // that somebody waits for
  bool is_closed_ = false;
};

}  // namespace barnabas::http
