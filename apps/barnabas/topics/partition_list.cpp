#include "topics/partition_list.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <limits>

#include "frame/human_units.h"
#include "frame/json_text.h"
#include "frame/outside_world.h"

namespace barnabas::app {
namespace {

namespace json = boost::json;

std::optional<std::vector<std::int32_t>> parse_numbers(std::string_view list) {
  std::vector<std::int32_t> numbers;
  for (const std::string& one : CLI::detail::split(std::string(list), ',')) {
    const auto number = parse_number(one);
    if (!number || *number < 0 || *number > std::numeric_limits<std::int32_t>::max()) {
      return std::nullopt;
    }
    numbers.push_back(static_cast<std::int32_t>(*number));
  }
  return numbers;
}

outcome<> add_whole_topics(kafka::admin& admin, const std::vector<std::string>& names,
                           std::vector<kafka::topic_partition>& to) {
  if (names.empty()) {
    return {};
  }
  const auto topics = admin.describe_topics(names);
  if (!topics) {
    return fail_with(topics.error());
  }
  for (const auto& [name, topic] : *topics) {
    if (!topic) {
      return fail_with(topic.error(), "topic " + name + ": ");
    }
    for (const kafka::partition_description& partition : topic->partitions) {
      to.push_back({name, partition.partition});
    }
  }
  return {};
}

std::unexpected<failure> no_plan(const std::string& what) {
  return wrong_usage("this is no plan: " + what,
                     R"(As in {"version":1,"partitions":[{"topic":"letters","partition":0,)"
                     R"("replicas":[1,2]}]}; `barnabas topic plan TOPIC` prints one.)");
}

std::optional<std::int32_t> number_in(const json::value* value) {
  const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
  return number != nullptr && *number >= 0 && *number <= std::numeric_limits<std::int32_t>::max()
             ? std::optional(static_cast<std::int32_t>(*number))
             : std::nullopt;
}

outcome<planned_partition> replicas_in(const json::object& entry, const std::string& name) {
  planned_partition planned;
  const json::value* replicas = entry.if_contains("replicas");
  const json::value* dirs = entry.if_contains("log_dirs");
  if (replicas == nullptr || !replicas->is_array() || replicas->as_array().empty()) {
    return no_plan(name + " has no replicas");
  }
  for (const json::value& one : replicas->as_array()) {
    const auto broker = number_in(&one);
    if (!broker) {
      return no_plan(fmt::format("{}: replica {} is no broker", name, json::serialize(one)));
    }
    planned.replicas.push_back(*broker);
  }
  if (dirs == nullptr) {
    return planned;
  }
  if (!dirs->is_array() || dirs->as_array().size() != planned.replicas.size()) {
    return no_plan(name + " has not one of log_dirs for each replica");
  }
  for (const json::value& one : dirs->as_array()) {
    if (!one.is_string()) {
      return no_plan(fmt::format("{}: log_dirs has {}", name, json::serialize(one)));
    }
    planned.log_dirs.emplace_back(one.as_string().c_str());
  }
  return planned;
}

outcome<> add_entry(const json::value& value, bool needs_replicas, partition_plan& plan) {
  const json::object* entry = value.if_object();
  const json::value* topic = entry == nullptr ? nullptr : entry->if_contains("topic");
  const auto partition =
      entry == nullptr ? std::nullopt : number_in(entry->if_contains("partition"));
  if (topic == nullptr || !topic->is_string() || !partition) {
    return no_plan(fmt::format("{} has no topic and partition", json::serialize(value)));
  }
  const kafka::topic_partition of{topic->as_string().c_str(), *partition};
  const std::string name = partition_name(of);
  auto planned = needs_replicas ? replicas_in(*entry, name) : planned_partition();
  if (!planned) {
    return std::unexpected(planned.error());
  }
  return plan.emplace(of, std::move(*planned)).second ? outcome<>()
                                                      : no_plan(name + " comes twice");
}

}  // namespace

outcome<std::vector<kafka::topic_partition>> parse_partitions(
    kafka::admin& admin, const std::vector<std::string>& texts) {
  std::vector<kafka::topic_partition> all;
  std::vector<std::string> whole_topics;
  for (const std::string& text : texts) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) {
      whole_topics.push_back(text);
      continue;
    }
    const auto numbers = parse_numbers(std::string_view(text).substr(colon + 1));
    if (!numbers) {
      return wrong_usage(fmt::format("{}: \"{}\" are no partitions", text, text.substr(colon + 1)),
                         "As in letters for all, or letters:0,2.");
    }
    for (const std::int32_t number : *numbers) {
      all.push_back({text.substr(0, colon), number});
    }
  }
  const auto added = add_whole_topics(admin, whole_topics, all);
  return added ? outcome<std::vector<kafka::topic_partition>>(std::move(all))
               : std::unexpected(added.error());
}

CLI::Option& add_partition_names(CLI::App& command, std::vector<std::string>& texts,
                                 const std::string& help) {
  return *command.add_option("partition", texts, help)->type_name("TOPIC[:N]");
}

void add_partitions_option(CLI::App& command, chosen_partitions& chosen, const std::string& all) {
  add_partition_names(command, chosen.texts);
  command
      .add_option("--file", chosen.file, "Partitions from a file of Kafka's tools (JSON), as below")
      ->type_name("FILE");
  command.add_flag("--all", chosen.are_all, all);
  command.footer(R"(FILE is {"partitions":[{"topic":"letters","partition":0}]}, or a plan.)");
}

outcome<std::vector<kafka::topic_partition>> partitions_of(kafka::admin& admin,
                                                           const chosen_partitions& chosen) {
  if (int(!chosen.texts.empty()) + int(!chosen.file.empty()) + int(chosen.are_all) != 1) {
    return wrong_usage("which partitions?", "Name topics or partitions, or --file, or --all.");
  }
  if (chosen.file.empty()) {
    return parse_partitions(admin, chosen.texts);
  }
  const auto plan = read_plan(chosen.file, false);
  if (!plan) {
    return std::unexpected(plan.error());
  }
  std::vector<kafka::topic_partition> all;
  for (const auto& [partition, planned] : *plan) {
    all.push_back(partition);
  }
  return all.empty() ? outcome<std::vector<kafka::topic_partition>>(
                           wrong_usage(chosen.file + " names no partition"))
                     : all;
}

outcome<kafka::replica_list> parse_brokers(std::string_view text, const std::string& flag) {
  auto numbers = parse_numbers(text);
  return numbers && !numbers->empty()
             ? outcome<kafka::replica_list>(std::move(*numbers))
             : wrong_usage(fmt::format("{}: \"{}\" are no brokers", flag, text),
                           "Ids by commas, as in 1,2; `barnabas cluster describe` shows them.");
}

outcome<partition_plan> parse_plan(std::string_view text, bool needs_replicas) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  if (error) {
    return no_plan(error.message());
  }
  const json::object* whole = parsed.if_object();
  const json::value* list = whole == nullptr ? nullptr : whole->if_contains("partitions");
  if (list == nullptr || !list->is_array()) {
    return no_plan("it has no list of partitions");
  }
  partition_plan plan;
  for (const json::value& entry : list->as_array()) {
    if (auto added = add_entry(entry, needs_replicas, plan); !added) {
      return std::unexpected(added.error());
    }
  }
  return plan;
}

outcome<partition_plan> read_plan(const std::string& path, bool needs_replicas) {
  const auto text = files().read_text(path);
  if (!text) {
    return fail_with(text.error());
  }
  auto plan = parse_plan(*text, needs_replicas);
  if (!plan) {
    plan.error().message = path + ": " + plan.error().message;
  }
  return plan;
}

std::string plan_json(const partition_plan& plan) {
  std::string entries;
  for (const auto& [of, planned] : plan) {
    entries += fmt::format("{}{{\"topic\":{},\"partition\":{},\"replicas\":[{}]",
                           entries.empty() ? "" : ",", json_of(of.topic), of.partition,
                           fmt::join(planned.replicas, ","));
    for (std::size_t i = 0; i < planned.log_dirs.size(); ++i) {
      entries += (i == 0 ? ",\"log_dirs\":[" : ",") + json_of(planned.log_dirs[i]);
    }
    entries += planned.log_dirs.empty() ? "}" : "]}";
  }
  return "{\"version\":1,\"partitions\":[" + entries + "]}";
}

}  // namespace barnabas::app
