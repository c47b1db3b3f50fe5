#include "frame/administrator.h"

#include <fmt/format.h>

#include "frame/output.h"

namespace barnabas::app {

outcome<kafka::admin> open_admin(const connection_flags& flags) {
  const auto settings = client_settings(flags, client_kind::admin);
  if (!settings) {
    return std::unexpected(settings.error());
  }
  auto admin = kafka::admin::open(*settings);
  if (!admin) {
    return fail_with(admin.error());
  }
  return std::move(*admin);
}

std::string partition_name(const kafka::topic_partition& partition) {
  return fmt::format("{}-{}", partition.topic, partition.partition);
}

outcome<std::pair<std::string, std::string>> parse_assignment(std::string_view text,
                                                              std::string_view flag) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return wrong_usage(fmt::format("{} {}: it must be NAME=VALUE", flag, text));
  }
  return std::pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

void failed_parts::add(const std::string& what, const kafka::error& why) {
  failure told = fail_with(why, what + ": ").error();
  if (first_) {
    told.advice.clear();
  } else {
    first_ = told.code;
  }
  standard_out().flush();
  print_failure(told);
}

outcome<> failed_parts::verdict() const {
  return first_ ? outcome<>(std::unexpected(failure{*first_, {}, {}})) : outcome<>();
}

}  // namespace barnabas::app
