// Takes typed values out of the settings that were given, and collects what is wrong with them instead of stopping at
// the first. A value of its caller, for the time of reading.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace barnabas::broker::detail {

class setting_reader {
 public:
  explicit setting_reader(const std::map<std::string, std::string>& values) : values_(values) {}

  bool has(const std::string& key) const { return values_.contains(key); }
  std::string text(const std::string& key, std::string_view otherwise) const;
  // One of the allowed words.
  std::string word(const std::string& key, std::string_view otherwise, std::span<const std::string_view> allowed);
  std::int64_t number(const std::string& key, std::int64_t otherwise, std::int64_t lowest, std::int64_t highest);
  bool boolean(const std::string& key, bool otherwise);
  // Between commas, blanks around them dropped.
  std::vector<std::string> list(const std::string& key, std::string_view otherwise) const;

  // "key=value: what is allowed"
  void complain(const std::string& key, const std::string& what_is_allowed);
  void complain(std::string line) { complaints_.push_back(std::move(line)); }
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  const std::map<std::string, std::string>& values_;
  std::vector<std::string> complaints_;
};

}  // namespace barnabas::broker::detail
