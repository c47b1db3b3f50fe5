#include "client/login_module.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace barnabas::client {
namespace {

constexpr std::array<std::string_view, 4> control_flags = {"required", "requisite", "sufficient",
                                                           "optional"};

std::unexpected<error> refuse(const std::string& what) {
  return fail(error_code::invalid_config,
              "sasl.jaas.config: " + what +
                  "; it must be CLASS required username=\"NAME\" password=\"SECRET\";");
}

// A word, a text that stood in quotes, or one character of "=;". Nothing at the end.
struct token {
  enum class kind : std::uint8_t { word, quoted, sign, end };
  kind what = kind::end;
  std::string text;

  bool is(char sign) const { return what == kind::sign && text.front() == sign; }
  bool is_text() const { return what == kind::word || what == kind::quoted; }
};

class tokenizer {
 public:
  explicit tokenizer(std::string_view text) : rest_(text) {}

  result<token> next() {
    skip();
    if (rest_.empty()) {
      return token();
    }
    const char first = rest_.front();
    if (first == '"' || first == '\'') {
      return quoted(first);
    }
    if (is_sign(first)) {
      return token{token::kind::sign, std::string(take(1))};
    }
    const auto end = std::ranges::find_if(
        rest_, [](char c) { return is_sign(c) || is_blank(c) || c == '"' || c == '\''; });
    return token{token::kind::word,
                 std::string(take(static_cast<std::size_t>(end - rest_.begin())))};
  }

 private:
  static bool is_sign(char c) { return c == '=' || c == ';'; }
  static bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  void skip() {
    for (;;) {
      if (rest_.starts_with("//")) {
        take(rest_.find('\n'));
      } else if (rest_.starts_with("/*")) {
        const std::size_t end = rest_.find("*/", 2);
        take(end == std::string_view::npos ? end : end + 2);
      } else if (!rest_.empty() && is_blank(rest_.front())) {
        take(1);
      } else {
        return;
      }
    }
  }
  result<token> quoted(char quote) {
    take(1);
    token read{token::kind::quoted, {}};
    while (!rest_.empty() && rest_.front() != quote) {
      take(rest_.front() == '\\' && rest_.size() > 1 ? 1 : 0);
      read.text += take(1);
    }
    if (rest_.empty()) {
      return refuse("a quote is not closed");
    }
    take(1);
    return read;
  }

  std::string_view rest_;
};

result<token> expect_text(tokenizer& tokens, const std::string& what) {
  auto read = tokens.next();
  return read && !read->is_text() ? refuse(what) : read;
}

// `name` has been read.
result<> read_option(tokenizer& tokens, const std::string& name, login_module& module) {
  const auto equals = tokens.next();
  if (!equals) {
    return fail(equals.error());
  }
  if (!equals->is('=')) {
    return refuse(fmt::format("= is missing behind {}", name));
  }
  auto value = expect_text(tokens, fmt::format("a value is missing behind {}=", name));
  if (!value) {
    return fail(value.error());
  }
  return module.options.emplace(name, std::move(value->text)).second
             ? result<>{}
             : refuse(name + " is given twice");
}

result<> read_options(tokenizer& tokens, login_module& module) {
  for (;;) {
    const auto name = tokens.next();
    if (!name) {
      return fail(name.error());
    }
    if (name->is(';')) {
      return {};
    }
    if (name->what != token::kind::word) {
      return refuse(name->what == token::kind::end ? "the ; at its end is missing"
                                                   : "the name of an option is missing");
    }
    if (auto option = read_option(tokens, name->text, module); !option) {
      return option;
    }
  }
}

bool is_control_flag(std::string word) {
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::find(control_flags, word) != control_flags.end();
}

}  // namespace

std::string_view login_module::option(std::string_view name) const {
  const auto found = options.find(name);
  return found == options.end() ? std::string_view() : found->second;
}

result<login_module> parse_login_module(std::string_view text) {
  tokenizer tokens(text);
  const auto name = expect_text(tokens, "the name of a login module is missing");
  if (!name) {
    return fail(name.error());
  }
  const auto flag = tokens.next();
  if (!flag) {
    return fail(flag.error());
  }
  if (flag->what != token::kind::word || !is_control_flag(flag->text)) {
    return refuse(fmt::format("required is missing behind {}", name->text));
  }
  login_module module{.name = name->text, .options = {}};
  if (auto options = read_options(tokens, module); !options) {
    return fail(std::move(options.error()));
  }
  const auto behind = tokens.next();
  if (!behind || behind->what != token::kind::end) {
    return refuse("something stands behind the ;, and a client has one login module");
  }
  return module;
}

}  // namespace barnabas::client
