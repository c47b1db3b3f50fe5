// The settings that a client was given, checked against its table, defaults
// filled in. A value.
#pragma once

#include <map>
#include <string>

#include "client/settings_table.h"
#include "runtime/time.h"

namespace barnabas::client {

class setting_values {
 public:
  // invalid_config names what is unknown (and the nearest known name), wrong,
  // missing, or given twice under two names.
  static result<setting_values> check(const settings_table& table,
                                      const std::map<std::string, std::string>& given);

  // Of names that the table has, and of their types.
  const std::string& text(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  double fraction(std::string_view name) const;
  bool flag(std::string_view name) const;
  runtime::duration milliseconds(std::string_view name) const;
  bool was_given(std::string_view name) const;

 private:
  struct value {
    std::string text;
    bool was_given = false;
  };
  const value& find(std::string_view name) const;

  std::map<std::string, value, std::less<>> values_;
};

}  // namespace barnabas::client
