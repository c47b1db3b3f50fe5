// Typed values of broker settings: what was given, else what the table (schema/config/broker.txt)
// falls back to, else its default. All given values have been validated. A value of its caller, for
// the time of reading.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace barnabas::broker::detail {

class setting_reader {
 public:
  explicit setting_reader(const std::map<std::string, std::string>& values) : values_(values) {}

  bool has(const std::string& key) const { return values_.contains(key); }
  // Empty when it is not set and has no default.
  std::string text(const std::string& key) const;
  std::int64_t number(const std::string& key) const;
  std::int32_t number32(const std::string& key) const {
    return static_cast<std::int32_t>(number(key));
  }
  // Between commas, blanks around them dropped.
  std::vector<std::string> list(const std::string& key) const;

  // What the table cannot say about values that do not fit each other.
  void complain(std::string line) { complaints_.push_back(std::move(line)); }
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  const std::map<std::string, std::string>& values_;
  std::vector<std::string> complaints_;
};

}  // namespace barnabas::broker::detail
