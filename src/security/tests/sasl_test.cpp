#include "security/sasl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "security/base64.h"
#include "security/scram_exchange.h"

namespace barnabas::security {
namespace {

using testing::HasSubstr;

TEST(base64, goes_both_ways_and_takes_nothing_else) {
  for (const auto& [plain, text] : {std::pair{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(to_base64(plain), text);
    EXPECT_EQ(from_base64(text), plain);
  }
  for (const char* wrong : {"Zg", "Zg=", "Zh==", "Z===", "====", "Zm9v\n", "Zg==Zg=="}) {
    EXPECT_EQ(from_base64(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(to_base64_url("\xFB\xFF?"), "-_8_");
}

// The example of RFC 7677.
const std::string client_nonce = "rOprNGfwEbeRWgbNEkqO";
const std::string server_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const std::string server_first =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const std::string client_final =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const std::string server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

std::unique_ptr<sasl_client> rfc_client() {
  return make_scram_client(scram_mechanism::sha_256, "user", "pencil", client_nonce);
}
std::optional<scram_credential> rfc_user(std::string_view user) {
  if (user != "user") {
    return std::nullopt;
  }
  const std::string salt = from_base64("W22ZaJ0SNY7soEsUEjb6gQ==").value();
  return make_scram_credential(scram_mechanism::sha_256, salt, 4096,
                               salted_password(scram_mechanism::sha_256, "pencil", salt, 4096));
}
std::unique_ptr<sasl_server> rfc_server() {
  return make_scram_server(scram_mechanism::sha_256, rfc_user, server_nonce);
}

TEST(scram_exchange, says_what_the_rfc_says) {
  const auto client = rfc_client();
  const auto server = rfc_server();
  EXPECT_EQ(client->respond(""), "n,,n=user,r=" + client_nonce);
  EXPECT_EQ(server->respond("n,,n=user,r=" + client_nonce), server_first);
  EXPECT_EQ(client->respond(server_first), client_final);
  EXPECT_FALSE(client->is_done());
  EXPECT_EQ(server->respond(client_final), server_final);
  EXPECT_TRUE(server->is_done());
  EXPECT_EQ(server->user(), "user");
  EXPECT_EQ(client->respond(server_final), "");
  EXPECT_TRUE(client->is_done());
}

TEST(scram_exchange, both_sides_agree_with_sha_512_and_names_with_commas) {
  const std::string salt = "0123456789";
  const std::string salted = salted_password(scram_mechanism::sha_512, "p\xC3\xA4ss", salt, 8192);
  const auto credential = make_scram_credential(scram_mechanism::sha_512, salt, 8192, salted);
  std::string asked;
  const auto server = make_scram_server(
      scram_mechanism::sha_512,
      [&](std::string_view user) {
        asked = user;
        return std::optional(credential);
      },
      "server");
  const auto client = make_scram_client(scram_mechanism::sha_512, "a,b=c", "p\xC3\xA4ss", "client");
  std::string message = client->respond("").value();
  EXPECT_EQ(message, "n,,n=a=2Cb=3Dc,r=client");
  for (int i = 0; i < 2; ++i) {
    message = client->respond(server->respond(message).value()).value();
  }
  EXPECT_TRUE(client->is_done() && server->is_done());
  EXPECT_EQ(asked, "a,b=c");
  EXPECT_EQ(server->user(), "a,b=c");
}

TEST(scram_exchange, a_delegation_token_is_called_one_and_the_proof_is_about_that_too) {
  const auto server = rfc_server();
  const auto client =
      make_scram_client(scram_mechanism::sha_256, "user", "pencil", client_nonce, true);
  const auto first = client->respond("");
  EXPECT_EQ(first, "n,,n=user,r=" + client_nonce + ",tokenauth=true");
  const auto final = server->respond(client->respond(server->respond(*first).value()).value());
  ASSERT_TRUE(final) << final.error().message;
  EXPECT_TRUE(client->respond(*final).has_value());
}

TEST(scram_exchange, a_server_refuses_a_wrong_password_and_a_stranger) {
  const auto server = rfc_server();
  const auto client = make_scram_client(scram_mechanism::sha_256, "user", "wrong", client_nonce);
  const auto first = server->respond(client->respond("").value());
  const auto final = server->respond(client->respond(*first).value());
  ASSERT_FALSE(final);
  EXPECT_EQ(final.error().code, error_code::sasl_authentication_failed);
  EXPECT_FALSE(server->is_done());
  EXPECT_FALSE(rfc_server()->respond("n,,n=stranger,r=x"));
}

TEST(scram_exchange, a_server_takes_nothing_malformed) {
  for (const char* first : {"", "n", "n,", "n,,", "n,,n=user", "n,,n=,r=x", "n,,n=user,r=",
                            "p=tls-unique,,n=user,r=x", "n,a=other,n=user,r=x", "n,,n=us=er,r=x"}) {
    EXPECT_FALSE(rfc_server()->respond(first)) << first;
  }
  for (std::size_t at = 0; at < client_final.size(); ++at) {
    const auto server = rfc_server();
    ASSERT_TRUE(server->respond("n,,n=user,r=" + client_nonce));
    std::string changed = client_final;
    changed[at] ^= 1;
    EXPECT_FALSE(server->respond(changed)) << at;
    EXPECT_FALSE(server->is_done());
  }
}

TEST(scram_exchange, a_client_takes_nothing_malformed) {
  for (const std::string& first :
       {std::string(), std::string("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
        std::string("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
        std::string("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=4095"),
        std::string("r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=2000000000"),
        std::string("r=rOprNGfwEbeRWgbNEkqOx,s=!,i=4096"), "m=x," + server_first}) {
    const auto client = rfc_client();
    ASSERT_TRUE(client->respond(""));
    EXPECT_FALSE(client->respond(first)) << first;
  }
}

TEST(scram_exchange, a_client_believes_no_server_without_proof) {
  for (const char* final : {"", "v=", "v=AAAA", "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="}) {
    const auto client = rfc_client();
    ASSERT_TRUE(client->respond(""));
    ASSERT_TRUE(client->respond(server_first));
    EXPECT_THAT(client->respond(final).error().message, HasSubstr("signature is wrong")) << final;
    EXPECT_FALSE(client->is_done());
  }
  const auto client = rfc_client();
  ASSERT_TRUE(client->respond(""));
  ASSERT_TRUE(client->respond(server_first));
  EXPECT_THAT(client->respond("e=unknown-user").error().message, HasSubstr("unknown-user"));
}

bool is_alice(std::string_view user, std::string_view password) {
  return user == "alice" && password == "secret";
}

TEST(plain, tells_a_user_from_others) {
  const auto client = make_plain_client("alice", "secret");
  const auto server = make_plain_server(is_alice);
  EXPECT_EQ(server->respond(client->respond("").value()), "");
  EXPECT_TRUE(client->is_done());
  EXPECT_EQ(server->user(), "alice");
  using namespace std::string_literals;
  for (const std::string& wrong :
       {""s, "alice"s, "\0alice"s, "\0alice\0"s, "\0\0secret"s, "\0alice\0wrong"s,
        "bob\0alice\0secret"s, "\0alice\0secret\0"s}) {
    const auto other = make_plain_server(is_alice);
    EXPECT_FALSE(other->respond(wrong));
    EXPECT_FALSE(other->is_done());
  }
  EXPECT_EQ(make_plain_server(is_alice)->respond("alice\0alice\0secret"s), "");
}

TEST(bearer, shows_its_token_and_hears_why_it_is_refused) {
  const auto client = make_bearer_client({.value = "abc.def.", .extensions = {{"a", "1"}}});
  EXPECT_EQ(client->respond(""),
            "n,,\x01"
            "auth=Bearer abc.def.\x01"
            "a=1\x01\x01");
  EXPECT_FALSE(client->is_done());
  const auto refused = make_bearer_client({.value = "x", .extensions = {}});
  ASSERT_TRUE(refused->respond(""));
  EXPECT_EQ(refused->respond(R"({"status":"invalid_token"})"), "\x01");
  EXPECT_FALSE(refused->is_done());
  EXPECT_FALSE(refused->respond("more"));
  EXPECT_EQ(client->respond(""), "");
  EXPECT_TRUE(client->is_done());
}

TEST(bearer, makes_tokens_that_nobody_has_signed) {
  // {"alg":"none"} and {"sub":"al\"ice","iat":1800000000,"exp":1800003600,"scope":"all"}
  EXPECT_EQ(unsecured_token("al\"ice", "all", 1'800'000'000'123, 3600),
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbFwiaWNlIiwiaWF0IjoxODAwMDAwMDAwLCJleHAiOjE4MDAwMDM2M"
            "DAsInNjb3BlIjoiYWxsIn0.");
}

}  // namespace
}  // namespace barnabas::security
