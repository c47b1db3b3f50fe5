#include "frame/failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "frame/terminal.h"

namespace barnabas::app {
namespace {

constexpr std::array meanings{
    exit_code_meaning{exit_code::done, "Done."},
    exit_code_meaning{exit_code::failed, "Something failed, or a part of what was asked for."},
    exit_code_meaning{exit_code::wrong_usage, "The command line or a setting is wrong."},
    exit_code_meaning{exit_code::unreachable, "No broker answered in time."},
    exit_code_meaning{exit_code::not_found, "A topic, group, user or file is not there."},
    exit_code_meaning{exit_code::denied, "The broker refused who asked, or what was asked."},
    exit_code_meaning{exit_code::interrupted, "Ctrl-C or SIGTERM ended it before it was done."},
};

struct advice_row {
  error_code error;
  exit_code code;
  std::string_view advice;
};

constexpr std::string_view where_brokers_are =
    "Is a broker there? -b HOST:PORT or --cluster NAME says where to look; "
    "`barnabas broker` starts one.";
constexpr std::string_view what_topics_are =
    "`barnabas topic list` shows the topics, `barnabas topic create NAME` makes one.";
constexpr std::string_view who_may =
    "`barnabas acl list` shows who may do what; -X sasl.username=... says who asks.";
constexpr std::string_view too_old =
    "`barnabas cluster describe` shows what the brokers are; this one does not know the request.";

constexpr std::array advices{
    advice_row{error_code::network_exception, exit_code::unreachable, where_brokers_are},
    advice_row{error_code::request_timed_out, exit_code::unreachable, where_brokers_are},
    advice_row{error_code::broker_not_available, exit_code::unreachable, where_brokers_are},
    advice_row{error_code::coordinator_not_available, exit_code::unreachable,
               "The group's coordinator is not there yet: try again in a moment."},
    advice_row{error_code::unknown_topic_or_partition, exit_code::not_found, what_topics_are},
    advice_row{error_code::unknown_topic_id, exit_code::not_found, what_topics_are},
    advice_row{error_code::group_id_not_found, exit_code::not_found,
               "`barnabas group list` shows the groups."},
    advice_row{error_code::resource_not_found, exit_code::not_found,
               "`barnabas user list` and `barnabas quota list` show what is there."},
    advice_row{error_code::topic_already_exists, exit_code::failed,
               "`barnabas topic alter` changes a topic that is there."},
    advice_row{error_code::non_empty_group, exit_code::failed,
               "Stop the members first: `barnabas group describe GROUP` shows who they are."},
    advice_row{error_code::offset_out_of_range, exit_code::failed,
               "`barnabas topic describe TOPIC` shows where the partitions begin and end."},
    advice_row{error_code::message_too_large, exit_code::failed,
               "-X message.max.bytes=N lets the client send more; the topic's max.message.bytes "
               "must allow it, too."},
    advice_row{error_code::invalid_replication_factor, exit_code::failed,
               "`barnabas cluster describe` shows how many brokers there are."},
    advice_row{error_code::invalid_config, exit_code::wrong_usage,
               "`barnabas config describe TYPE NAME --all` lists a topic's or broker's settings, "
               "docs/client-settings.md those of -X."},
    advice_row{error_code::unsupported_version, exit_code::failed, too_old},
    advice_row{error_code::topic_authorization_failed, exit_code::denied, who_may},
    advice_row{error_code::group_authorization_failed, exit_code::denied, who_may},
    advice_row{error_code::cluster_authorization_failed, exit_code::denied, who_may},
    advice_row{error_code::transactional_id_authorization_failed, exit_code::denied, who_may},
    advice_row{error_code::sasl_authentication_failed, exit_code::denied,
               "Look at sasl.mechanism, sasl.username and sasl.password of -X or the clusters' "
               "file."},
    advice_row{error_code::security_disabled, exit_code::failed,
               "The brokers have no authorizer: authorizer.class.name sets one."},
};

failure failure_of(error_code error, std::string message) {
  const auto found = std::ranges::find(advices, error, &advice_row::error);
  if (found == advices.end()) {
    return {exit_code::failed, std::move(message), {}};
  }
  return {found->code, std::move(message), std::string(found->advice)};
}

}  // namespace

std::span<const exit_code_meaning> exit_codes() {
  return meanings;
}

std::unexpected<failure> fail_with(const kafka::error& why, const std::string& context) {
  return std::unexpected(failure_of(static_cast<error_code>(why.code), context + why.message));
}

std::unexpected<failure> fail_with(const error& why, const std::string& context) {
  if (why.system_error == ENOENT) {
    return not_found(context + why.message);
  }
  return std::unexpected(failure_of(why.code, context + why.message));
}

std::unexpected<failure> wrong_usage(std::string message, std::string advice) {
  return std::unexpected(failure{exit_code::wrong_usage, std::move(message), std::move(advice)});
}

std::unexpected<failure> not_found(std::string message, std::string advice) {
  return std::unexpected(failure{exit_code::not_found, std::move(message), std::move(advice)});
}

void print_failure(const failure& why) {
  if (why.message.empty()) {
    return;  // it has been said
  }
  const auto red = standard_error().paint(colour::red);
  fmt::print(stderr, "{}barnabas:{} {}\n", red.on, red.off, why.message);
  if (!why.advice.empty()) {
    fmt::print(stderr, "{}\n", why.advice);
  }
}

}  // namespace barnabas::app
