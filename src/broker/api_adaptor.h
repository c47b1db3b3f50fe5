// Between a row of the API table and a handler: reads the body, calls the handler, encodes what it
// returns.
//
//   one_phase<protocol::metadata_request>(std::move(r), [&s](const request& r,
//   protocol::metadata_request& m) {
//     return handlers::metadata(*s.images, r, m); });
//
// A handler of one phase returns a message or an owned_response of one, at once or as a task; the
// connection's next request starts when it has ended. One of two phases gets the request and the
// message to keep and returns a task<pending_reply>, or the pending_reply when it has nothing to do
// in the first. The callable lives as long as the request; the message's views as long as the
// request's frame.
#pragma once

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

#include "broker/api_table.h"
#include "broker/encode.h"
#include "broker/owned_response.h"
#include "broker/quota/request_quota.h"
#include "protocol/reader.h"

namespace barnabas::broker {

namespace detail {

// Empty when the body is a message of this type.
template <class Message>
std::string read_body(const request& request, Message& into) {
  protocol::reader in(request.body);
  return into.read(in, request.version) ? std::string() : in.error_text();
}

template <class T>
constexpr bool is_task = false;
template <class T>
constexpr bool is_task<runtime::task<T>> = true;

template <class Message>
reply encode(const request& request, Message message) {
  if constexpr (requires { message.throttle_time_ms; }) {
    if (request.quota != nullptr) {
      message.throttle_time_ms = std::max(message.throttle_time_ms, request.quota->settle());
    }
  }
  return encode_reply(request, message);
}
template <class Message>
reply encode(const request& request, owned_response<Message> response) {
  return encode(request, std::move(response.message));
}

}  // namespace detail

template <class Message, class F>
runtime::task<started_request> one_phase(request request, F call) {
  Message message;
  if (std::string problem = detail::read_body(request, message); !problem.empty()) {
    co_return started_request::malformed(std::move(problem));
  }
  const auto& const_request = request;
  if constexpr (detail::is_task<std::invoke_result_t<F&, const struct request&, Message&>>) {
    co_return started_request::answered(
        detail::encode(request, co_await call(const_request, message)));
  } else {
    co_return started_request::answered(detail::encode(request, call(const_request, message)));
  }
}

template <class Message, class F>
runtime::task<started_request> two_phase(request request, F call) {
  Message message;
  if (std::string problem = detail::read_body(request, message); !problem.empty()) {
    co_return started_request::malformed(std::move(problem));
  }
  co_return started_request::waiting(co_await call(std::move(request), std::move(message)));
}

// For a handler that is all second phase: the connection's next request starts at its first wait.
template <class Message, class F>
runtime::task<started_request> second_phase(request request, F call) {
  Message message;
  if (std::string problem = detail::read_body(request, message); !problem.empty()) {
    co_return started_request::malformed(std::move(problem));
  }
  co_return started_request::waiting(call(std::move(request), std::move(message)));
}

}  // namespace barnabas::broker
