#include "security/scram_exchange.h"

#include <charconv>

#include "security/base64.h"

namespace barnabas::security {
namespace {

constexpr std::string_view no_channel_binding = "n,,";
// A server that asks for more would only keep the client busy.
constexpr int most_iterations = 1'000'000;

std::unexpected<error> refuse(const std::string& why) {
  return fail(error_code::sasl_authentication_failed, why);
}

// Attributes are letter=value, by commas.
std::optional<std::string_view> take_attribute(std::string_view& rest, char letter) {
  if (rest.size() < 2 || rest[0] != letter || rest[1] != '=') {
    return std::nullopt;
  }
  const std::size_t end = std::min(rest.find(','), rest.size());
  const std::string_view value = rest.substr(2, end - 2);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return value;
}

// In names a comma is =2C and an equals sign =3D.
std::string escaped(std::string_view name) {
  std::string text;
  for (const char each : name) {
    text += each == ',' ? "=2C" : each == '=' ? "=3D" : std::string(1, each);
  }
  return text;
}
std::optional<std::string> unescaped(std::string_view text) {
  std::string name;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '=') {
      name += text[at];
      continue;
    }
    const std::string_view code = text.substr(at, 3);
    if (code != "=2C" && code != "=3D") {
      return std::nullopt;
    }
    name += code == "=2C" ? ',' : '=';
    at += 2;
  }
  return name;
}

std::string combined(std::string one, std::string_view other) {
  for (std::size_t i = 0; i < one.size() && i < other.size(); ++i) {
    one[i] = static_cast<char>(one[i] ^ other[i]);
  }
  return one;
}

class scram_client final : public sasl_client {
 public:
  scram_client(scram_mechanism mechanism, const std::string& user, std::string password,
               std::string nonce, bool is_delegation_token)
      : mechanism_(mechanism),
        password_(std::move(password)),
        nonce_(std::move(nonce)),
        first_("n=" + escaped(user) + ",r=" + nonce_ +
               (is_delegation_token ? ",tokenauth=true" : "")) {}

  std::string_view mechanism() const override { return name_of(mechanism_); }
  bool is_done() const override { return state_ == state::done; }
  result<std::string> respond(std::string_view challenge) override {
    switch (state_) {
      case state::begins:
        state_ = state::waits_for_salt;
        return std::string(no_channel_binding) + first_;
      case state::waits_for_salt:
        state_ = state::waits_for_proof;
        return prove(challenge);
      case state::waits_for_proof:
        return check(challenge);
      case state::done:
        break;
    }
    return refuse("the server goes on after the end");
  }

 private:
  enum class state : std::uint8_t { begins, waits_for_salt, waits_for_proof, done };

  // server-first = "r=" nonces ",s=" salt ",i=" iterations
  result<std::string> prove(std::string_view server_first) {
    std::string_view rest = server_first;
    const auto nonces = take_attribute(rest, 'r');
    const auto salt_text = take_attribute(rest, 's');
    const auto count_text = take_attribute(rest, 'i');
    const auto salt = salt_text ? from_base64(*salt_text) : std::nullopt;
    if (!nonces || !salt || salt->empty() || !count_text) {
      return refuse("the server's first SCRAM message is malformed");
    }
    if (!nonces->starts_with(nonce_) || nonces->size() == nonce_.size()) {
      return refuse("the server's nonce does not go on from ours");
    }
    int iterations = 0;
    std::from_chars(count_text->data(), count_text->data() + count_text->size(), iterations);
    if (iterations < least_scram_iterations || iterations > most_iterations) {
      return refuse("the server asks for " + std::string(*count_text) + " iterations, not from " +
                    std::to_string(least_scram_iterations) + " to " +
                    std::to_string(most_iterations));
    }
    const digest kind = digest_of(mechanism_);
    const std::string salted = salted_password(mechanism_, password_, *salt, iterations);
    const std::string client_key = hmac(kind, salted, "Client Key");
    const std::string without_proof =
        "c=" + to_base64(no_channel_binding) + ",r=" + std::string(*nonces);
    const std::string all = first_ + ',' + std::string(server_first) + ',' + without_proof;
    expected_ = hmac(kind, hmac(kind, salted, "Server Key"), all);
    return without_proof +
           ",p=" + to_base64(combined(client_key, hmac(kind, hash(kind, client_key), all)));
  }

  // server-final = "v=" signature | "e=" error
  result<std::string> check(std::string_view server_final) {
    std::string_view rest = server_final;
    if (const auto why = take_attribute(rest, 'e')) {
      return refuse("the server says " + std::string(*why));
    }
    const auto text = take_attribute(rest, 'v');
    const auto signature = text ? from_base64(*text) : std::nullopt;
    if (!signature || !is_same_secret(*signature, expected_)) {
      return refuse("the server does not know the password: its signature is wrong");
    }
    state_ = state::done;
    return "";
  }

  scram_mechanism mechanism_;
  std::string password_;
  std::string nonce_;
  std::string first_;  // message without its header
  std::string expected_;
  state state_ = state::begins;
};

class scram_server final : public sasl_server {
 public:
  scram_server(scram_mechanism mechanism,
               std::function<std::optional<scram_credential>(std::string_view)> find,
               std::string nonce)
      : mechanism_(mechanism), find_(std::move(find)), nonce_(std::move(nonce)) {}

  bool is_done() const override { return is_done_; }
  const std::string& user() const override { return user_; }
  result<std::string> respond(std::string_view message) override {
    if (is_done_) {
      return refuse("the client goes on after the end");
    }
    return credential_ ? check(message) : greet(message);
  }

 private:
  // client-first = ("n" | "y") ",," "n=" user ",r=" nonce [extensions]
  result<std::string> greet(std::string_view message) {
    if (!message.starts_with("n,") && !message.starts_with("y,")) {
      return refuse("a SCRAM client that binds to its channel");
    }
    const std::size_t end = message.find(',', 2);
    if (end == std::string_view::npos) {
      return refuse("the first SCRAM message is malformed");
    }
    const std::string_view authorization = message.substr(2, end - 2);
    header_ = message.substr(0, end + 1);
    client_first_ = message.substr(end + 1);
    std::string_view rest = client_first_;
    const auto name = take_attribute(rest, 'n');
    const auto nonce = take_attribute(rest, 'r');
    const auto user = name ? unescaped(*name) : std::nullopt;
    if (!user || user->empty() || !nonce || nonce->empty()) {
      return refuse("the first SCRAM message is malformed");
    }
    if (!authorization.empty() && authorization != "a=" + std::string(*name)) {
      return refuse("a client may act for nobody but itself");
    }
    credential_ = find_(*user);
    if (!credential_) {
      return refuse(wrong_credentials);
    }
    user_ = *user;
    nonces_ = std::string(*nonce) + nonce_;
    server_first_ = "r=" + nonces_ + ",s=" + to_base64(credential_->salt) +
                    ",i=" + std::to_string(credential_->iterations);
    return server_first_;
  }

  // client-final = "c=" header in base64 ",r=" nonces ",p=" proof
  result<std::string> check(std::string_view message) {
    std::string_view rest = message;
    const auto binding = take_attribute(rest, 'c');
    const auto nonces = take_attribute(rest, 'r');
    const std::size_t proof_at = message.rfind(",p=");
    if (!binding || !nonces || proof_at == std::string_view::npos) {
      return refuse("the last SCRAM message is malformed");
    }
    const auto proof = from_base64(message.substr(proof_at + 3));
    if (from_base64(*binding) != header_ || *nonces != nonces_ || !proof) {
      return refuse("the last SCRAM message does not go with the first");
    }
    const digest kind = digest_of(mechanism_);
    const std::string all =
        client_first_ + ',' + server_first_ + ',' + std::string(message.substr(0, proof_at));
    const std::string client_key = combined(*proof, hmac(kind, credential_->stored_key, all));
    if (!is_same_secret(hash(kind, client_key), credential_->stored_key)) {
      return refuse(wrong_credentials);
    }
    is_done_ = true;
    return "v=" + to_base64(hmac(kind, credential_->server_key, all));
  }

  static constexpr const char* wrong_credentials =
      "Authentication failed during authentication due to invalid credentials with SASL mechanism "
      "SCRAM";

  scram_mechanism mechanism_;
  std::function<std::optional<scram_credential>(std::string_view)> find_;
  std::string nonce_;
  std::optional<scram_credential> credential_;
  std::string header_;
  std::string client_first_;
  std::string server_first_;
  std::string nonces_;
  std::string user_;
  bool is_done_ = false;
};

}  // namespace

std::unique_ptr<sasl_client> make_scram_client(scram_mechanism mechanism, std::string user,
                                               std::string password, std::string nonce,
                                               bool is_delegation_token) {
  return std::make_unique<scram_client>(mechanism, user, std::move(password), std::move(nonce),
                                        is_delegation_token);
}

std::unique_ptr<sasl_server> make_scram_server(
    scram_mechanism mechanism,
    std::function<std::optional<scram_credential>(std::string_view)> find, std::string nonce) {
  return std::make_unique<scram_server>(mechanism, std::move(find), std::move(nonce));
}

}  // namespace barnabas::security
