// The command line: key=value words. Every getter marks its key as known; finish() refuses the
// rest.
#pragma once

#include <map>
#include <set>
#include <string>

namespace barnabas::bench {

class options {
 public:
  options(int count, char** words);

  std::int64_t number(const std::string& key, std::int64_t otherwise) const;
  double fraction(const std::string& key, double otherwise) const;
  std::string text(const std::string& key, const std::string& otherwise) const;
  std::int64_t required(const std::string& key) const;
  void finish() const;

 private:
  const std::string* find(const std::string& key) const;

  std::map<std::string, std::string> values_;
  mutable std::set<std::string> known_;
};

}  // namespace barnabas::bench
