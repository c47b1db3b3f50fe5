#include "client/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <regex>

#include "client/setting_values.h"

namespace barnabas::client {
namespace {

constexpr std::uint16_t usual_port = 9092;
// What a broker remembers of a producer (KIP-98).
constexpr std::int64_t most_idempotent_in_flight = 5;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// "host", "host:port", "[v6]:port", each with a protocol before it if one
// likes (PLAINTEXT://), which security.protocol decides all the same.
result<runtime::endpoint> parse_address(std::string_view text) {
  const std::string_view whole = text;
  for (const std::string_view protocol :
       {"PLAINTEXT://", "SSL://", "SASL_PLAINTEXT://", "SASL_SSL://"}) {
    if (text.starts_with(protocol)) {
      text.remove_prefix(protocol.size());
    }
  }
  const auto colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && !text.ends_with(']');
  std::string_view host = text.substr(0, has_port ? colon : text.size());
  std::uint16_t port = usual_port;
  if (has_port) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (problem != std::errc() || end != digits.data() + digits.size() || port == 0) {
      host = {};
    }
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty()) {
    return fail(error_code::invalid_config,
                fmt::format("bootstrap.servers: \"{}\" is no host:port", whole));
  }
  return runtime::endpoint{std::string(host), port};
}

// Of a list, those that are not empty.
template <class F>
void for_each_element(std::string_view text, F use) {
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find(',', from), text.size());
    if (const std::string_view one = trimmed(text.substr(from, end - from)); !one.empty()) {
      use(one);
    }
    from = end + 1;
  }
}

result<std::vector<runtime::endpoint>> parse_addresses(std::string_view text) {
  std::vector<runtime::endpoint> all;
  result<> parsed;
  for_each_element(text, [&](std::string_view one) {
    auto address = parse_address(one);
    if (address) {
      all.push_back(std::move(*address));
    } else if (parsed) {
      parsed = fail(std::move(address.error()));
    }
  });
  if (!parsed) {
    return fail(std::move(parsed.error()));
  }
  if (all.empty()) {
    return fail(error_code::invalid_config, "bootstrap.servers names no broker");
  }
  return all;
}

result<cluster_configuration> cluster_of(const setting_values& values) {
  cluster_configuration all;
  auto bootstrap = parse_addresses(values.text("bootstrap.servers"));
  if (!bootstrap) {
    return fail(std::move(bootstrap.error()));
  }
  all.bootstrap = std::move(*bootstrap);
  auto secure = make_security_configuration(values);
  if (!secure) {
    return fail(std::move(secure.error()));
  }
  all.tls = std::move(secure->tls);
  all.tokens = std::move(secure->tokens);
  all.link.sasl = std::move(secure->sasl);
  rpc::connection_settings& connection = all.link.connection;
  connection.client_id = values.text("client.id");
  connection.largest_answer_bytes =
      static_cast<std::int32_t>(values.number("receive.message.max.bytes"));
  connection.send_buffer_bytes =
      std::max(0, static_cast<int>(values.number("socket.send.buffer.bytes")));
  connection.receive_buffer_bytes =
      std::max(0, static_cast<int>(values.number("socket.receive.buffer.bytes")));
  connection.is_nagle_disabled = values.flag("socket.nagle.disable");
  all.link.setup_timeout = values.milliseconds("socket.connection.setup.timeout.ms");
  all.link.first_backoff = values.milliseconds("reconnect.backoff.ms");
  all.link.most_backoff = values.milliseconds("reconnect.backoff.max.ms");
  all.first_retry_backoff = values.milliseconds("retry.backoff.ms");
  all.most_retry_backoff = values.milliseconds("retry.backoff.max.ms");
  all.request_timeout = values.milliseconds("socket.timeout.ms");
  all.refresh_interval = values.milliseconds("topic.metadata.refresh.interval.ms");
  all.may_begin_again = values.text("metadata.recovery.strategy") == "rebootstrap";
  all.begin_again_after = values.milliseconds("metadata.recovery.rebootstrap.trigger.ms");
  return all;
}

record::compression_choice compression_of(const setting_values& values) {
  record::compression_choice choice;
  choice.type = *record::compression_from_text(values.text("compression.type"));
  const auto level = static_cast<int>(values.number("compression.level"));
  const auto range = record::levels_of(choice.type);
  choice.level = level == -1 ? range.standard : std::clamp(level, range.lowest, range.highest);
  return choice;
}

// Idempotence is on unless something that was given contradicts it, as in
// Java's client.
result<> settle_idempotence(const setting_values& values, producer_configuration& all) {
  const bool was_asked = values.was_given("enable.idempotence") && all.is_idempotent;
  const auto in_flight = static_cast<std::int64_t>(all.in_flight_per_broker);
  const bool is_needed = was_asked || !all.transactional_id.empty();
  const std::string contradiction =
      all.acks != -1     ? "acks=" + values.text("acks")
      : all.retries == 0 ? "retries=0"
      : in_flight > most_idempotent_in_flight
          ? fmt::format("max.in.flight.requests.per.connection={}", in_flight)
          : "";
  if (!all.is_idempotent && !all.transactional_id.empty()) {
    return fail(error_code::invalid_config,
                "transactional.id contradicts enable.idempotence=false");
  }
  if (contradiction.empty() || !all.is_idempotent) {
    return {};
  }
  if (is_needed) {
    return fail(
        error_code::invalid_config,
        fmt::format("{} contradicts {}", was_asked ? "enable.idempotence=true" : "transactional.id",
                    contradiction));
  }
  all.is_idempotent = false;
  return {};
}

// A record that is late is late for its transaction, too.
result<> settle_transactions(const setting_values& values, producer_configuration& all) {
  all.transactional_id = values.text("transactional.id");
  all.transaction_timeout = values.milliseconds("transaction.timeout.ms");
  const bool is_within = all.delivery_timeout != runtime::duration::zero() &&
                         all.delivery_timeout <= all.transaction_timeout;
  if (all.transactional_id.empty() || is_within) {
    return {};
  }
  if (values.was_given("delivery.timeout.ms")) {
    return fail(
        error_code::invalid_config,
        fmt::format("delivery.timeout.ms={} must not exceed transaction.timeout.ms={}",
                    values.text("delivery.timeout.ms"), values.text("transaction.timeout.ms")));
  }
  all.delivery_timeout = all.transaction_timeout;
  return {};
}

result<> set_offset_reset(const std::string& text, consumer_configuration& all) {
  constexpr std::string_view by_duration = "by_duration:";
  constexpr std::pair<std::string_view, offset_reset> words[] = {
      {"earliest", offset_reset::earliest},  {"smallest", offset_reset::earliest},
      {"beginning", offset_reset::earliest}, {"latest", offset_reset::latest},
      {"largest", offset_reset::latest},     {"end", offset_reset::latest},
      {"none", offset_reset::none},          {"error", offset_reset::none}};
  if (text.starts_with(by_duration)) {
    if (const auto age = parse_iso_duration(std::string_view(text).substr(by_duration.size()))) {
      all.reset = offset_reset::by_duration;
      all.reset_age = *age;
      return {};
    }
  }
  for (const auto& [word, meaning] : words) {
    if (text == word) {
      all.reset = meaning;
      return {};
    }
  }
  return fail(
      error_code::invalid_config,
      fmt::format("auto.offset.reset={}: allowed is earliest, latest, none, or by_duration: "
                  "and a duration as in PT1H30M",
                  text));
}

group_configuration group_of(const setting_values& values) {
  group_configuration all;
  all.id = values.text("group.id");
  all.instance_id = values.text("group.instance.id");
  all.session_timeout = values.milliseconds("session.timeout.ms");
  all.most_poll_interval = values.milliseconds("max.poll.interval.ms");
  // Java's client, too, lets max.poll.interval.ms be shorter than all others.
  all.heartbeat_interval =
      std::min(values.milliseconds("heartbeat.interval.ms"), all.most_poll_interval / 3);
  all.most_silence = std::min(all.session_timeout, all.most_poll_interval);
  all.commits_automatically = values.flag("enable.auto.commit");
  all.commit_interval = values.milliseconds("auto.commit.interval.ms");
  for_each_element(values.text("partition.assignment.strategy"),
                   [&](std::string_view name) { all.strategies.push_back(find_assignor(name)); });
  return all;
}

}  // namespace

std::optional<runtime::duration> parse_iso_duration(std::string_view text) {
  static const std::regex form(
      R"(P(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?)?)");
  std::cmatch parts;
  if (!std::regex_match(text.data(), text.data() + text.size(), parts, form) ||
      text.ends_with('T') || text == "P") {
    return std::nullopt;
  }
  const auto number = [&](std::size_t i) {
    return parts[i].matched ? std::stoll(parts[i].str()) : 0;
  };
  std::string nanoseconds = parts[5].str();
  nanoseconds.resize(9, '0');
  return std::chrono::hours(24 * number(1) + number(2)) + std::chrono::minutes(number(3)) +
         std::chrono::seconds(number(4)) + std::chrono::nanoseconds(std::stoll(nanoseconds));
}

result<producer_configuration> make_producer_configuration(const setting_map& settings) {
  const auto values = setting_values::check(producer_settings(), settings);
  if (!values) {
    return fail(values.error());
  }
  auto cluster = cluster_of(*values);
  if (!cluster) {
    return fail(std::move(cluster.error()));
  }
  producer_configuration all{.cluster = std::move(*cluster)};
  const std::string& acks = values->text("acks");
  all.acks = static_cast<std::int16_t>(acks == "all" || acks == "-1" ? -1 : acks == "1" ? 1 : 0);
  all.is_idempotent = values->flag("enable.idempotence");
  all.batch_bytes = values->number("batch.size");
  all.batch_records = static_cast<std::int32_t>(values->number("batch.num.messages"));
  all.linger = values->milliseconds("linger.ms");
  all.most_block = values->milliseconds("max.block.ms");
  all.delivery_timeout = values->milliseconds("delivery.timeout.ms");
  all.request_timeout = values->milliseconds("request.timeout.ms");
  all.retries = static_cast<int>(values->number("retries"));
  all.in_flight_per_broker =
      static_cast<std::size_t>(values->number("max.in.flight.requests.per.connection"));
  all.request_bytes = values->number("message.max.bytes");
  all.queue_bytes = values->number("queue.buffering.max.kbytes") * 1024;
  all.queue_records = values->number("queue.buffering.max.messages");
  all.compression = compression_of(*values);
  all.partitioner = *partitioner_from_text(values->text("partitioner"));
  all.is_adaptive = values->flag("partitioner.adaptive.partitioning.enable");
  all.reports_only_failures = values->flag("delivery.report.only.error");
  if (auto settled = settle_transactions(*values, all); !settled) {
    return fail(std::move(settled.error()));
  }
  if (auto settled = settle_idempotence(*values, all); !settled) {
    return fail(std::move(settled.error()));
  }
  return all;
}

result<consumer_configuration> make_consumer_configuration(const setting_map& settings) {
  const auto values = setting_values::check(consumer_settings(), settings);
  if (!values) {
    return fail(values.error());
  }
  auto cluster = cluster_of(*values);
  if (!cluster) {
    return fail(std::move(cluster.error()));
  }
  consumer_configuration all{.cluster = std::move(*cluster)};
  all.cluster.creates_topics = values->flag("allow.auto.create.topics");
  if (auto set = set_offset_reset(values->text("auto.offset.reset"), all); !set) {
    return fail(std::move(set.error()));
  }
  all.group = group_of(*values);
  if (values->milliseconds("heartbeat.interval.ms") >= all.group.session_timeout) {
    return fail(
        error_code::invalid_config,
        fmt::format("heartbeat.interval.ms={} must be below session.timeout.ms={}",
                    values->text("heartbeat.interval.ms"), values->text("session.timeout.ms")));
  }
  all.checks_crcs = values->flag("check.crcs");
  all.reads_uncommitted = values->text("isolation.level") == "read_uncommitted";
  all.rack = values->text("client.rack");
  all.fetch_bytes = static_cast<std::int32_t>(values->number("fetch.max.bytes"));
  all.fetch_least_bytes = static_cast<std::int32_t>(values->number("fetch.min.bytes"));
  all.partition_fetch_bytes =
      static_cast<std::int32_t>(values->number("max.partition.fetch.bytes"));
  all.fetch_wait = values->milliseconds("fetch.wait.max.ms");
  all.poll_records = static_cast<std::size_t>(values->number("max.poll.records"));
  all.queue_bytes = values->number("queued.max.messages.kbytes") * 1024;
  return all;
}

result<cluster_configuration> make_admin_configuration(const setting_map& settings) {
  const auto values = setting_values::check(admin_settings(), settings);
  if (!values) {
    return fail(values.error());
  }
  auto cluster = cluster_of(*values);
  if (cluster) {
    cluster->attempt_timeout = values->milliseconds("request.timeout.ms");
  }
  return cluster;
}

}  // namespace barnabas::client
