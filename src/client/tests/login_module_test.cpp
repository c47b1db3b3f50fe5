#include "client/login_module.h"

#include <gmock/gmock.h>

namespace barnabas::client {
namespace {

using testing::HasSubstr;

std::string refusal(std::string_view text) {
  const auto parsed = parse_login_module(text);
  return parsed ? "" : parsed.error().message;
}

TEST(login_module, is_a_class_and_options) {
  const auto parsed = parse_login_module(
      "// where we log in\n com.example.Login /* as ever */ Required\n"
      "  a=word b=\"two words; a \\\"quote\\\" and \\\\\" c='it is \"x\"' d=\"\" ; ");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->name, "com.example.Login");
  EXPECT_EQ(parsed->option("a"), "word");
  EXPECT_EQ(parsed->option("b"), "two words; a \"quote\" and \\");
  EXPECT_EQ(parsed->option("c"), "it is \"x\"");
  EXPECT_TRUE(parsed->options.contains("d"));
  EXPECT_EQ(parsed->option("e"), "");
}

TEST(login_module, says_what_was_expected) {
  EXPECT_THAT(refusal(""), HasSubstr("the name of a login module is missing"));
  EXPECT_THAT(refusal("A;"), HasSubstr("required is missing behind A"));
  EXPECT_THAT(refusal("A user=x;"), HasSubstr("required is missing behind A"));
  EXPECT_THAT(refusal("A required user x;"), HasSubstr("= is missing behind user"));
  EXPECT_THAT(refusal("A required user=;"), HasSubstr("a value is missing behind user="));
  EXPECT_THAT(refusal("A required user=x user=y;"), HasSubstr("user is given twice"));
  EXPECT_THAT(refusal("A required user=\"x;"), HasSubstr("a quote is not closed"));
  EXPECT_THAT(refusal("A required user=x"), HasSubstr("the ; at its end is missing"));
  EXPECT_THAT(refusal("A required ='x';"), HasSubstr("the name of an option is missing"));
  EXPECT_THAT(refusal("A required; B required;"), HasSubstr("one login module"));
  EXPECT_THAT(refusal("A required /* for ever"), HasSubstr("the ; at its end is missing"));
  EXPECT_THAT(refusal("A required user=x"), HasSubstr("CLASS required username="));
}

}  // namespace
}  // namespace barnabas::client
