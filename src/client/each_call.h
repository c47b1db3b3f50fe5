// A call of the admin client about keys of one kind, as data: which keys, where each goes, how a
// request about some of them is made and how its answer is read. ask_each() carries it out.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <variant>

#include <barnabas/admin/each.h>
#include <barnabas/record.h>
#include "client/call_routing.h"
#include "client/public_error.h"
#include "runtime/shard.h"

namespace barnabas::client {

template <class T>
using answer_to = runtime::task<kafka::result<T>>;

// What a request is made for besides its keys.
struct request_terms {
  std::int16_t version = 0;
  std::int32_t timeout_ms = 0;  // for requests that say how long the broker may take
};

// What an answer says of the keys that a request was about.
template <class Key, class T>
class outcomes {
 public:
  explicit outcomes(const std::vector<Key>& asked) : asked_(asked) {}

  const std::vector<Key>& asked() const { return asked_; }
  void tell(auto&& key, kafka::result<T> outcome) {
    told_.insert_or_assign(Key(std::forward<decltype(key)>(key)), std::move(outcome));
  }
  // When it was about one key.
  void tell_only(kafka::result<T> outcome) { tell(asked_.front(), std::move(outcome)); }
  void tell_all(kafka::each<Key, T> all) { told_ = std::move(all); }
  const kafka::each<Key, T>& told() const { return told_; }

 private:
  const std::vector<Key>& asked_;
  kafka::each<Key, T> told_;
};

template <class Request, class Response, class Key, class T = void>
struct call_about {
  using request_type = Request;
  using response_type = Response;
  using key_type = Key;
  using value_type = T;
  using outcome_type = kafka::each<Key, T>;

  std::vector<Key> keys;
  std::function<call_route(const Key&)> route;
  // Views in the request point into the keys, or into what outlives the call.
  std::function<Request(const std::vector<Key>&, const request_terms&)> request;
  // What the answer says of each key. An error of the answer as a whole is seen to before.
  std::function<void(const Response&, outcomes<Key, T>&)> read;
  // Older versions take one key a request.
  std::int16_t first_with_many_keys = 0;
  std::int16_t lowest = Request::lowest_version;
  std::int16_t highest = Request::highest_version;
};

// What an answer, or an entry of it, says of its subject: its error_code and, where it has any, its
// error_message.
template <class Said>
kafka::result<> outcome_of(const Said& said) {
  if (said.error_code == error_code::none) {
    return {};
  }
  if constexpr (requires { said.error_message; }) {
    return public_error(said.error_code, said.error_message);
  } else {
    return public_error(said.error_code, std::optional<std::string>());
  }
}
// With the value that make() reads from it, when it is no error.
template <class Said, class Make>
auto outcome_of(const Said& said, Make make) -> kafka::result<decltype(make())> {
  const auto outcome = outcome_of(said);
  return outcome ? kafka::result<decltype(make())>(make()) : outcome.error();
}

template <class Call>
class each_call final : public routed_call {
 public:
  explicit each_call(Call call) : call_(std::move(call)) {
    std::ranges::sort(call_.keys);
    call_.keys.erase(std::unique(call_.keys.begin(), call_.keys.end()), call_.keys.end());
  }

  std::size_t keys() const override { return call_.keys.size(); }
  call_route route(std::size_t key) const override { return call_.route(call_.keys[key]); }
  error_code code(std::size_t key) const override {
    const auto& outcome = told_.at(call_.keys[key]);
    return outcome ? error_code::none : static_cast<error_code>(outcome.error().code);
  }
  void fail(std::size_t key, const error& why) override {
    told_.insert_or_assign(call_.keys[key], public_error(why));
  }
  runtime::task<result<>> ask(connection_ptr to, std::vector<std::size_t> some,
                              runtime::steady_time deadline) override {
    const auto version =
        to->versions().choose(Call::request_type::api, {call_.lowest, call_.highest});
    if (!version) {
      co_return barnabas::fail(version.error());
    }
    std::vector<key_list> parts(*version < call_.first_with_many_keys ? some.size() : 1);
    for (std::size_t i = 0; i < some.size(); ++i) {
      parts[i % parts.size()].push_back(call_.keys[some[i]]);
    }
    for (const key_list& part : parts) {  // one after the other
      if (auto done = co_await ask_about(to, part, *version, deadline); !done) {
        co_return done;
      }
    }
    co_return result<>{};
  }

  typename Call::outcome_type& told() { return told_; }

 private:
  using key_list = std::vector<typename Call::key_type>;

  runtime::task<result<>> ask_about(connection_ptr to, const key_list& keys, std::int16_t version,
                                    runtime::steady_time deadline) {
    const auto left = deadline - runtime::shard::current().now();
    const auto request = call_.request(
        keys, {version, static_cast<std::int32_t>(left / std::chrono::milliseconds(1))});
    const auto answer =
        co_await to->template call<typename Call::response_type>(request, deadline, version);
    if (!answer) {
      co_return barnabas::fail(answer.error());
    }
    take(answer->message, keys);
    co_return result<>{};
  }

  void take(const typename Call::response_type& message, const key_list& keys) {
    outcomes<typename Call::key_type, typename Call::value_type> said(keys);
    const auto whole = outcome_of_whole(message);
    if (whole) {
      call_.read(message, said);
    }
    for (const auto& key : keys) {
      const auto found = said.told().find(key);
      if (found != said.told().end()) {
        told_.insert_or_assign(key, found->second);
      } else {
        told_.insert_or_assign(key, whole ? left_out() : whole.error());
      }
    }
  }
  static kafka::result<> outcome_of_whole(const typename Call::response_type& message) {
    if constexpr (requires { message.error_code; }) {
      return outcome_of(message);
    } else {
      return {};
    }
  }
  static kafka::error left_out() {
    return public_error(error{error_code::unknown_server_error,
                              "the broker's answer leaves out what was asked for"});
  }

  Call call_;
  typename Call::outcome_type told_;
};

// What became of each key. An error when no broker has said anything of any.
template <class Call>
answer_to<typename Call::outcome_type> ask_each(cluster& cluster, Call call) {
  each_call<Call> carried(std::move(call));
  if (const auto done = co_await carry_out(cluster, carried); !done) {
    co_return public_error(done.error());
  }
  co_return std::move(carried.told());
}

// A call that is about one thing: the outcome of its only key.
template <class Call>
answer_to<typename Call::value_type> ask_one(cluster& cluster, Call call) {
  auto all = co_await ask_each(cluster, std::move(call));
  if (!all) {
    co_return all.error();
  }
  co_return std::move(all->begin()->second);
}
// The only key of a call that names nothing.
using nothing = std::monostate;
constexpr std::int16_t never_many_keys = std::numeric_limits<std::int16_t>::max();

template <class Request, class Response, class T = void>
call_about<Request, Response, nothing, T> call_of_one(
    std::function<call_route(const nothing&)> route) {
  call_about<Request, Response, nothing, T> call{
      .keys = {nothing()}, .route = std::move(route), .first_with_many_keys = never_many_keys};
  if constexpr (std::is_void_v<T>) {
    call.read = [](const Response&, auto& told) { told.tell_only(kafka::result<>()); };
  }
  return call;
}

inline constexpr auto to_any_broker = [](const auto& /*key*/) { return call_route(); };
inline constexpr auto to_controller = [](const auto& /*key*/) {
  return call_route{.target = call_target::controller};
};
inline call_route to_coordinator(const std::string& group) {
  return {.target = call_target::group_coordinator, .name = group};
}
inline call_route to_leader(const kafka::topic_partition& of) {
  return {.target = call_target::leader, .number = of.partition, .name = of.topic};
}
inline call_route to_broker(std::int32_t id) {
  return {.target = call_target::one_broker, .number = id};
}

template <class Key, class T>
std::vector<Key> keys_of(const std::map<Key, T>& all) {
  std::vector<Key> keys;
  for (const auto& [key, value] : all) {
    keys.push_back(key);
  }
  return keys;
}

// The entry of a topic in a request that is filled in the order of its topics.
template <class Topic>
Topic& topic_in(std::vector<Topic>& topics, std::string_view Topic::* name,
                std::string_view topic) {
  if (topics.empty() || topics.back().*name != topic) {
    topics.emplace_back().*name = topic;
  }
  return topics.back();
}

inline std::optional<std::string> text_of(const std::optional<std::string_view>& text) {
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

}  // namespace barnabas::client
