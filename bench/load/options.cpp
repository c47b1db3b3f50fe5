#include "bench/load/options.h"

#include "bench/event_loop.h"

namespace barnabas::bench {

options::options(int count, char** words) {
  for (int i = 0; i < count; ++i) {
    const std::string word = words[i];
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      die("'" + word + "' is not key=value");
    }
    values_[word.substr(0, equals)] = word.substr(equals + 1);
  }
}

const std::string* options::find(const std::string& key) const {
  known_.insert(key);
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

double options::fraction(const std::string& key, double otherwise) const {
  const std::string* value = find(key);
  return value == nullptr ? otherwise : std::stod(*value);
}

std::int64_t options::number(const std::string& key, std::int64_t otherwise) const {
  const std::string* value = find(key);
  return value == nullptr ? otherwise : std::stoll(*value);
}

std::string options::text(const std::string& key, const std::string& otherwise) const {
  const std::string* value = find(key);
  return value == nullptr ? otherwise : *value;
}

std::int64_t options::required(const std::string& key) const {
  if (find(key) == nullptr) {
    die("missing " + key + "=");
  }
  return number(key, 0);
}

void options::finish() const {
  for (const auto& [key, value] : values_) {
    if (!known_.contains(key)) {
      die("unknown option " + key);
    }
  }
}

}  // namespace barnabas::bench
