// Typed values of settings, as setting_sources resolves them: of a broker, or of a topic. All
// values have been validated when they were set. A value of its caller, for the time of reading.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/setting_sources.h"

namespace barnabas::broker {

// Between commas, blanks around them dropped.
std::vector<std::string> elements_of_list(std::string_view text);

class setting_reader {
 public:
  // Of a broker.
  explicit setting_reader(const broker_settings& broker) : broker_(broker) {}
  // Of a topic with these overrides, which outlive the reader.
  setting_reader(const cluster::overrides& topic, const broker_settings& broker)
      : topic_(&topic), broker_(broker) {}

  // `key` is in the table. Empty when it is not set and has no default.
  std::string text(std::string_view key) const;
  std::int64_t number(std::string_view key) const;
  std::int32_t number32(std::string_view key) const {
    return static_cast<std::int32_t>(number(key));
  }
  double real(std::string_view key) const;
  bool is_on(std::string_view key) const;
  // The elements of a list.
  std::vector<std::string> list(std::string_view key) const;
  // Of a name that is no row of the table, as those of one listener: what was set.
  // With a beginning ("listener.name.inside.") first, and as text() otherwise.
  std::string own_text(const std::string& prefix, std::string_view key) const;
  std::int32_t own_number32(std::string_view name, std::int32_t otherwise) const;

 private:
  const cluster::overrides* topic_ = nullptr;
  broker_settings broker_;
};

}  // namespace barnabas::broker
