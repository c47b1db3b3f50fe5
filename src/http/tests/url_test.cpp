#include "http/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace barnabas::http {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(url, has_a_host_a_port_and_what_is_asked_for) {
  const auto plain = url::parse("http://login.castle/realms/a/token?x=1#part");
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_FALSE(plain->is_secure);
  EXPECT_EQ(plain->at, (runtime::endpoint{"login.castle", 80}));
  EXPECT_EQ(plain->target, "/realms/a/token?x=1");
  EXPECT_EQ(plain->text(), "http://login.castle:80/realms/a/token");

  const auto secure = url::parse("https://[::1]:8443?x");
  ASSERT_TRUE(secure) << secure.error().message;
  EXPECT_TRUE(secure->is_secure);
  EXPECT_EQ(secure->at, (runtime::endpoint{"::1", 8443}));
  EXPECT_EQ(secure->target, "/?x");
  EXPECT_EQ(url::parse("https://castle")->at.port, 443);
}

TEST(url, says_what_is_wrong_with_it) {
  for (const auto& [text, why] : std::initializer_list<std::pair<const char*, const char*>>{
           {"ftp://castle/", "https:// or http://"},
           {"castle:80", "https:// or http://"},
           {"", "https:// or http://"},
           {"http://", "no host"},
           {"http:///path", "no host"},
           {"http://[::1", "no host"},
           {"http://castle:", "from 1 to 65535"},
           {"http://castle:0", "from 1 to 65535"},
           {"http://castle:65536", "from 1 to 65535"},
           {"http://castle:80x/", "from 1 to 65535"},
           {"http://[::1]80/", "from 1 to 65535"},
           {"http://castle/a b", "neither spaces"},
           {"http://castle/\r\nHost: other", "neither spaces"}}) {
    const auto read = url::parse(text);
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, HasSubstr(why)) << text;
  }
  EXPECT_THAT(url::parse("http://alice:secret@castle").error().message, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace barnabas::http
