#include "cluster/detail/config_plans.h"

#include <fmt/format.h>

#include <set>

#include "cluster/detail/setting_rules.h"
#include "cluster/detail/znodes.h"

namespace barnabas::cluster::detail {
namespace {

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> items;
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    item = item.substr(0, item.find_last_not_of(' ') + 1);
    if (!item.empty()) {
      items.emplace_back(item);
    }
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return items;
}

std::string join(const std::vector<std::string>& items) {
  std::string list;
  for (const auto& item : items) {
    list += (list.empty() ? "" : ",") + item;
  }
  return list;
}

result<std::string> edited_list(const overrides& now, config_scope scope, const config_edit& edit) {
  const auto standard = default_of_list(scope, edit.key);
  if (!standard) {
    return fail(
        error_code::invalid_config,
        fmt::format("{} is not a list, so nothing can be appended or subtracted", edit.key));
  }
  const auto found = now.find(edit.key);
  std::vector<std::string> items = split(found == now.end() ? *standard : found->second);
  for (const std::string& item : split(*edit.value)) {
    if (edit.operation == config_operation::subtract) {
      std::erase(items, item);
    } else if (std::ranges::find(items, item) == items.end()) {
      items.push_back(item);
    }
  }
  return join(items);
}

result<> apply(overrides& config, config_scope scope, const config_edit& edit) {
  if (edit.operation == config_operation::remove) {
    config.erase(edit.key);
    return {};
  }
  if (!edit.value) {
    return fail(error_code::invalid_request, fmt::format("{} has no value", edit.key));
  }
  if (edit.operation == config_operation::set) {
    config[edit.key] = *edit.value;
    return {};
  }
  auto list = edited_list(config, scope, edit);
  if (!list) {
    return std::unexpected(std::move(list.error()));
  }
  config[edit.key] = std::move(*list);
  return {};
}

// What the change touches, with its new value; "" for what it removes.
overrides touched(const overrides& before, const overrides& after) {
  overrides changed;
  for (const auto& [key, value] : after) {
    const auto former = before.find(key);
    if (former == before.end() || former->second != value) {
      changed[key] = value;
    }
  }
  for (const auto& [key, value] : before) {
    if (!after.contains(key)) {
      changed[key] = "";
    }
  }
  return changed;
}

}  // namespace

result<overrides> plan_overrides(const overrides& now, const config_change& change) {
  overrides config = change.replaces_all ? overrides() : now;
  std::set<std::string_view> keys;
  for (const config_edit& edit : change.edits) {
    if (!keys.insert(edit.key).second) {
      return fail(error_code::invalid_request, fmt::format("{} is named twice", edit.key));
    }
    if (auto applied = apply(config, change.scope, edit); !applied) {
      return std::unexpected(std::move(applied.error()));
    }
  }
  if (auto valid = validate_overrides(config, touched(now, config), change); !valid) {
    return std::unexpected(std::move(valid.error()));
  }
  return config;
}

std::string key_of(const config_change& change) {
  return change.scope == config_scope::broker && change.name.empty() ? "<default>" : change.name;
}

std::string entity_of(const config_change& change) {
  switch (change.scope) {
    case config_scope::topic:
      return "topics/" + change.name;
    case config_scope::broker:
      return "brokers/" + key_of(change);
    case config_scope::group:
      return "groups/" + znodes::sanitized(change.name);
  }
  return {};
}

}  // namespace barnabas::cluster::detail
