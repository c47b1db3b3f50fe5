#include "client/security_configuration.h"

#include <gmock/gmock.h>

#include "client/settings_table.h"
#include "client/token_sources.h"

namespace barnabas::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

result<security_configuration> made_of(std::map<std::string, std::string> given) {
  given.emplace("bootstrap.servers", "here");
  const auto values = setting_values::check(admin_settings(), given);
  return values ? make_security_configuration(*values)
                : result<security_configuration>(fail(values.error()));
}
std::string refusal(const std::map<std::string, std::string>& given) {
  const auto made = made_of(given);
  return made ? "" : made.error().message;
}

TEST(security_configuration, is_plaintext_unless_asked) {
  EXPECT_FALSE(made_of({})->tls);
  EXPECT_EQ(made_of({})->sasl, nullptr);
  EXPECT_TRUE(made_of({{"security.protocol", "SSL"}})->tls);
  const auto both = made_of({{"security.protocol", "sasl_ssl"},
                             {"sasl.mechanism", "PLAIN"},
                             {"sasl.username", "alice"},
                             {"sasl.password", "secret"}});
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_TRUE(both->tls);
  EXPECT_EQ(both->sasl->user, "alice");
  EXPECT_FALSE(made_of({{"security.protocol", "sasl_plaintext"},
                        {"sasl.mechanisms", "SCRAM-SHA-512"},
                        {"sasl.username", "alice"},
                        {"sasl.password", "secret"}})
                   ->tls);
}

TEST(security_configuration, takes_the_names_of_librdkafka) {
  const auto made = made_of({{"security.protocol", "ssl"},
                             {"ssl.ca.location", "/ca"},
                             {"ssl.certificate.location", "/certificate"},
                             {"ssl.key.location", "/key"},
                             {"ssl.key.password", "secret"},
                             {"ssl.endpoint.identification.algorithm", "none"},
                             {"ssl.crl.location", "/crl"}});
  ASSERT_TRUE(made) << made.error().message;
  const security::tls_settings& tls = *made->tls;
  EXPECT_EQ(tls.trust.name(), "ssl.ca.location=/ca");
  EXPECT_EQ(tls.certificate.location, "/certificate");
  EXPECT_EQ(tls.key.location, "/key");
  EXPECT_EQ(tls.key_password, "secret");
  EXPECT_EQ(tls.revocations.location, "/crl");
  EXPECT_FALSE(tls.verifies_host);
  EXPECT_TRUE(tls.verifies_server);
}

TEST(security_configuration, takes_the_names_of_java) {
  const auto made = made_of({{"security.protocol", "SSL"},
                             {"ssl.truststore.location", "/trust"},
                             {"ssl.truststore.password", "one"},
                             {"ssl.truststore.type", "JKS"},
                             {"ssl.keystore.location", "/keys"},
                             {"ssl.keystore.password", "two"},
                             {"ssl.key.password", "three"},
                             {"ssl.enabled.protocols", "TLSv1.2"}});
  ASSERT_TRUE(made) << made.error().message;
  const security::tls_settings& tls = *made->tls;
  EXPECT_EQ(tls.trust.location, "/trust");
  EXPECT_EQ(tls.trust.password, "one");
  EXPECT_EQ(tls.certificate.location, "/keys");
  EXPECT_EQ(tls.certificate.password, "two");
  EXPECT_FALSE(tls.key.is_set());
  EXPECT_EQ(tls.key_password, "three");
  EXPECT_EQ(tls.highest, security::tls_version::tls_1_2);
}

TEST(security_configuration, takes_texts_and_the_trust_of_the_system) {
  const auto made = made_of({{"security.protocol", "ssl"},
                             {"ssl.ca.pem", "trust"},
                             {"ssl.keystore.certificate.chain", "chain"},
                             {"ssl.keystore.key", "key"}});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->tls->trust.content, "trust");
  EXPECT_EQ(made->tls->trust.name(), "ssl.ca.pem");
  EXPECT_EQ(made->tls->certificate.content, "chain");
  EXPECT_EQ(made->tls->key.content, "key");
  EXPECT_FALSE(
      made_of({{"security.protocol", "ssl"}, {"ssl.ca.location", "probe"}})->tls->trust.is_set());
}

TEST(security_configuration, makes_unsecured_tokens) {
  const auto made = made_of({{"security.protocol", "sasl_plaintext"},
                             {"sasl.mechanisms", "OAUTHBEARER"},
                             {"enable.sasl.oauthbearer.unsecure.jwt", "true"},
                             {"sasl.oauthbearer.config", "lifeSeconds=60 principal=alice"}});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->sasl->token(1'000)->value, security::unsecured_token("alice", "", 1'000, 60));
}

kafka::result<kafka::bearer_token> own_token() {
  static int made = 0;
  if (++made == 2) {
    return kafka::error{.message = "nobody is at home"};
  }
  return kafka::bearer_token{.value = "token " + std::to_string(made), .extensions = {{"a", "b"}}};
}

TEST(security_configuration, asks_the_programs_own_function_for_tokens) {
  const std::map<std::string, std::string> given = {{"security.protocol", "sasl_ssl"},
                                                    {"sasl.mechanisms", "OAUTHBEARER"},
                                                    {"sasl.oauthbearer.token.source", "mine"}};
  EXPECT_THAT(refusal(given), HasSubstr("nothing named mine"));
  kafka::set_token_source("mine", own_token);
  const auto made = made_of(given);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->sasl->token(0)->value, "token 1");
  EXPECT_EQ(made->sasl->token(0).error().message, "nobody is at home");
  EXPECT_EQ(made->sasl->token(0)->extensions.at("a"), "b");
}

std::map<std::string, std::string> login_with(const std::string& mechanism,
                                              const std::string& jaas) {
  return {{"security.protocol", "SASL_SSL"},
          {"sasl.mechanism", mechanism},
          {"sasl.jaas.config", "org.apache.kafka.common.security." + jaas}};
}

TEST(security_configuration, takes_login_modules_of_java) {
  const auto plain = made_of(login_with(
      "PLAIN", "plain.PlainLoginModule required username=\"alice\" password=\"se=c;ret\";"));
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->sasl->user, "alice");
  EXPECT_EQ(plain->sasl->password, "se=c;ret");
  EXPECT_FALSE(plain->sasl->is_delegation_token);

  const auto scram = made_of(login_with(
      "SCRAM-SHA-512",
      "scram.ScramLoginModule REQUIRED\n username='id' password='hmac' tokenauth=true ;"));
  ASSERT_TRUE(scram) << scram.error().message;
  EXPECT_EQ(scram->sasl->user, "id");
  EXPECT_TRUE(scram->sasl->is_delegation_token);

  const auto bearer = made_of(login_with(
      "OAUTHBEARER",
      "oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"alice\" "
      "unsecuredLoginListClaim_scope=\",a,b\" unsecuredLoginLifetimeSeconds=\"60\" "
      "unsecuredLoginExtension_traceId=\"7\";"));
  ASSERT_TRUE(bearer) << bearer.error().message;
  EXPECT_EQ(bearer->sasl->token(1'000)->value,
            security::unsecured_token("alice", "a b", 1'000, 60));
  EXPECT_EQ(bearer->sasl->token(1'000)->extensions.at("traceId"), "7");
}

TEST(security_configuration, says_what_a_login_module_should_be) {
  const std::string plain = "plain.PlainLoginModule required ";
  const auto of_plain = [&](const std::string& rest) {
    return refusal(login_with("PLAIN", plain + rest));
  };
  EXPECT_THAT(of_plain("username=\"alice\";"), HasSubstr("needs password=\"SECRET\""));
  EXPECT_THAT(of_plain("password=\"secret\";"), HasSubstr("needs username=\"NAME\""));
  EXPECT_THAT(of_plain("username=\"alice\" password=\"hidden\""),
              AllOf(HasSubstr("the ; at its end is missing"), Not(HasSubstr("hidden"))));
  EXPECT_THAT(refusal(login_with("SCRAM-SHA-256", plain + "username=\"a\" password=\"b\";")),
              HasSubstr("does not speak sasl.mechanisms=SCRAM-SHA-256"));
  EXPECT_THAT(refusal(login_with("PLAIN", "kerberos.Krb5LoginModule required;")),
              AllOf(HasSubstr("Krb5LoginModule is not known here"), HasSubstr("ScramLoginModule")));
  auto twice = login_with("PLAIN", plain + "username=\"a\" password=\"b\";");
  twice["sasl.username"] = "a";
  EXPECT_THAT(refusal(twice), HasSubstr("sasl.jaas.config and sasl.username both"));
  EXPECT_THAT(refusal(login_with("OAUTHBEARER",
                                 "oauthbearer.OAuthBearerLoginModule required clientId=\"x\";")),
              HasSubstr("unsecuredLoginStringClaim_sub"));
}

TEST(security_configuration, knows_where_tokens_are_fetched) {
  std::map<std::string, std::string> given{
      {"security.protocol", "SASL_SSL"},
      {"sasl.mechanisms", "OAUTHBEARER"},
      {"sasl.oauthbearer.method", "oidc"},
      {"sasl.oauthbearer.token.endpoint.url", "https://castle/token"},
      {"sasl.oauthbearer.client.id", "k"},
      {"sasl.oauthbearer.client.secret", "s"},
      {"sasl.oauthbearer.scope", "a b"},
      {"sasl.oauthbearer.extensions", "house=inn,guest=1"},
      {"https.ca.location", "/etc/ca.pem"}};
  const auto made = made_of(given);
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(made->tokens);
  EXPECT_EQ(made->tokens->at.at.host, "castle");
  EXPECT_EQ(made->tokens->scope, "a b");
  EXPECT_EQ(made->tokens->extensions.at("guest"), "1");
  EXPECT_EQ(made->tokens->tls.trust.name(), "https.ca.location=/etc/ca.pem");

  const auto refusal_with = [&](const std::string& name, const std::string& value) {
    auto other = given;
    other[name] = value;
    return refusal(other);
  };
  EXPECT_THAT(refusal_with("sasl.oauthbearer.token.endpoint.url", "castle"),
              HasSubstr("sasl.oauthbearer.token.endpoint.url: castle"));
  EXPECT_THAT(refusal_with("sasl.oauthbearer.token.endpoint.url", ""),
              HasSubstr("oidc needs sasl.oauthbearer.token.endpoint.url"));
  EXPECT_THAT(refusal_with("sasl.oauthbearer.client.secret", ""),
              HasSubstr("needs sasl.oauthbearer.client.secret"));
  EXPECT_THAT(refusal_with("sasl.oauthbearer.extensions", "a"), HasSubstr("= is missing in a"));
  EXPECT_THAT(refusal_with("sasl.oauthbearer.extensions", "auth=a"), HasSubstr("no extension"));
  EXPECT_THAT(refusal_with("sasl.oauthbearer.method", "own"), HasSubstr("default, oidc"));
}

TEST(security_configuration, knows_javas_way_to_say_where_tokens_are_fetched) {
  auto given = login_with("OAUTHBEARER",
                          "oauthbearer.OAuthBearerLoginModule required clientId=\"k\" "
                          "clientSecret=\"s\" scope=\"a\" extension_house=\"inn\";");
  given["sasl.oauthbearer.token.endpoint.url"] = "http://castle:8080/token";
  given["sasl.login.callback.handler.class"] =
      "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler";
  const auto made = made_of(given);
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(made->tokens);
  EXPECT_EQ(made->tokens->client_id + made->tokens->client_secret + made->tokens->scope, "ksa");
  EXPECT_EQ(made->tokens->extensions.at("house"), "inn");
  given["sasl.login.callback.handler.class"] = "com.example.Handler";
  EXPECT_THAT(refusal(given), HasSubstr("com.example.Handler is not known here"));
}

TEST(security_configuration, says_what_is_missing) {
  EXPECT_THAT(refusal({{"security.protocol", "ssl"}, {"ssl.certificate.location", "/c"}}),
              HasSubstr("without ssl.key.location"));
  EXPECT_THAT(refusal({{"security.protocol", "ssl"}, {"ssl.key.location", "/k"}}),
              HasSubstr("without ssl.certificate.location"));
  EXPECT_THAT(refusal({{"security.protocol", "ssl"}, {"ssl.enabled.protocols", "TLSv1"}}),
              HasSubstr("ssl.enabled.protocols"));
  EXPECT_THAT(refusal({{"security.protocol", "sasl_ssl"}}), HasSubstr("GSSAPI is not spoken"));
  EXPECT_THAT(refusal({{"security.protocol", "sasl_ssl"}, {"sasl.mechanisms", "PLAIN"}}),
              HasSubstr("needs sasl.username"));
  EXPECT_THAT(refusal({{"security.protocol", "sasl_ssl"},
                       {"sasl.mechanisms", "PLAIN"},
                       {"sasl.username", "alice"}}),
              HasSubstr("needs sasl.password"));
  EXPECT_THAT(refusal({{"security.protocol", "sasl_ssl"}, {"sasl.mechanisms", "OAUTHBEARER"}}),
              HasSubstr("enable.sasl.oauthbearer.unsecure.jwt"));
  EXPECT_THAT(refusal({{"security.protocol", "sasl_ssl"},
                       {"sasl.mechanisms", "OAUTHBEARER"},
                       {"enable.sasl.oauthbearer.unsecure.jwt", "true"}}),
              HasSubstr("principal=NAME is missing"));
  EXPECT_THAT(refusal({{"ssl.endpoint.identification.algorithm", "http"}}),
              HasSubstr("ssl.endpoint.identification.algorithm"));
}

}  // namespace
}  // namespace barnabas::client
