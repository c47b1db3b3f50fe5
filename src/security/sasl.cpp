#include "security/sasl.h"

#include <fmt/format.h>

#include "security/base64.h"

namespace barnabas::security {
namespace {

std::unexpected<error> refuse(const std::string& why) {
  return fail(error_code::sasl_authentication_failed, why);
}

class plain_client final : public sasl_client {
 public:
  plain_client(const std::string& user, const std::string& password)
      : message_('\0' + user + '\0' + password) {}
  std::string_view mechanism() const override { return "PLAIN"; }
  result<std::string> respond(std::string_view) override {
    is_done_ = true;
    return message_;
  }
  bool is_done() const override { return is_done_; }

 private:
  std::string message_;
  bool is_done_ = false;
};

// message = [authorization id] NUL user NUL password
class plain_server final : public sasl_server {
 public:
  explicit plain_server(std::function<bool(std::string_view, std::string_view)> is_right)
      : is_right_(std::move(is_right)) {}
  result<std::string> respond(std::string_view message) override {
    const std::size_t first = message.find('\0');
    const std::size_t second =
        first == std::string_view::npos ? first : message.find('\0', first + 1);
    if (second == std::string_view::npos ||
        message.find('\0', second + 1) != std::string_view::npos) {
      return refuse("a PLAIN message has three parts");
    }
    const std::string_view authorization = message.substr(0, first);
    const std::string_view user = message.substr(first + 1, second - first - 1);
    const std::string_view password = message.substr(second + 1);
    if (user.empty() || password.empty()) {
      return refuse("a PLAIN message without a user or without a password");
    }
    if (!authorization.empty() && authorization != user) {
      return refuse("a client may act for nobody but itself");
    }
    if (!is_right_(user, password)) {
      return refuse("Authentication failed: Invalid username or password");
    }
    user_ = user;
    return "";
  }
  bool is_done() const override { return !user_.empty(); }
  const std::string& user() const override { return user_; }

 private:
  std::function<bool(std::string_view, std::string_view)> is_right_;
  std::string user_;
};

// first message = "n,," %x01 "auth=Bearer " token %x01 *(name "=" value %x01) %x01
class bearer_client final : public sasl_client {
 public:
  explicit bearer_client(bearer_token token) : token_(std::move(token)) {}
  std::string_view mechanism() const override { return "OAUTHBEARER"; }
  result<std::string> respond(std::string_view challenge) override {
    if (!has_begun_) {
      has_begun_ = true;
      std::string message =
          "n,,\x01"
          "auth=Bearer " +
          token_.value + '\x01';
      for (const auto& [name, value] : token_.extensions) {
        message += name + '=' + value + '\x01';
      }
      return message + '\x01';
    }
    if (challenge.empty()) {
      is_done_ = true;
      return "";
    }
    if (has_failed_) {
      return refuse("the server goes on after it has refused a token");
    }
    // The server says why; it refuses for good when it has heard this.
    has_failed_ = true;
    return "\x01";
  }
  bool is_done() const override { return is_done_; }

 private:
  bearer_token token_;
  bool has_begun_ = false;
  bool has_failed_ = false;
  bool is_done_ = false;
};

std::string json_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char each : text) {
    if (each == '"' || each == '\\') {
      quoted += '\\';
    }
    quoted += static_cast<unsigned char>(each) < 0x20 ? ' ' : each;
  }
  return quoted + '"';
}

}  // namespace

std::unique_ptr<sasl_client> make_plain_client(std::string user, std::string password) {
  return std::make_unique<plain_client>(user, password);
}
std::unique_ptr<sasl_server> make_plain_server(
    std::function<bool(std::string_view, std::string_view)> is_right) {
  return std::make_unique<plain_server>(std::move(is_right));
}
std::unique_ptr<sasl_client> make_bearer_client(bearer_token token) {
  return std::make_unique<bearer_client>(std::move(token));
}

std::string unsecured_token(std::string_view principal, std::string_view scope,
                            std::int64_t wall_clock_ms, std::int64_t lifetime_s) {
  const std::int64_t now_s = wall_clock_ms / 1000;
  const std::string claims =
      fmt::format(R"({{"sub":{},"iat":{},"exp":{}{}}})", json_text(principal), now_s,
                  now_s + lifetime_s, scope.empty() ? "" : ",\"scope\":" + json_text(scope));
  return to_base64_url(R"({"alg":"none"})") + '.' + to_base64_url(claims) + '.';
}

}  // namespace barnabas::security
