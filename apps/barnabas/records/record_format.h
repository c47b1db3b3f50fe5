// How `consume -f` prints a record: kcat's format strings.
//   %s value   %S its bytes, -1 for null   %R its length as int32, big-endian
//   %k key     %K its bytes, -1 for null   %T timestamp in ms   %h headers, as name=value,...
//   %t topic   %p partition   %o offset    %% a percent sign
//   \n \r \t \\ \xHH  the byte
#pragma once

#include <barnabas/record.h>

#include <string>
#include <string_view>
#include <vector>

#include "frame/failure.h"

namespace barnabas::app {

class record_format {
 public:
  // `shows_null`: a null key, value or header value prints as NULL, not as nothing.
  static outcome<record_format> parse(std::string_view text, bool shows_null);
  void append(std::string& to, const kafka::record& record) const;

 private:
  struct piece {
    char what = 0;  // the letter behind '%'; 0 for text
    std::string text;
  };
  void append_bytes(std::string& to, const std::optional<std::string_view>& bytes) const;
  void append_headers(std::string& to, const kafka::record& record) const;
  void append_piece(std::string& to, char what, const kafka::record& record) const;

  std::vector<piece> pieces_;
  bool shows_null_ = false;
};

// \n \r \t \\ \0 \xHH as the bytes they stand for: of formats and delimiters.
outcome<std::string> unescaped(std::string_view text);

// {"topic":...,"partition":...,"offset":...,"timestamp":...,"key":...,"value":...,"headers":[...]}
// and a line feed. Keys and values that are not UTF-8 are base64, as key_base64 and value_base64.
void append_record_json(std::string& to, const kafka::record& record);

}  // namespace barnabas::app
