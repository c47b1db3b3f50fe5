#include "protocol/json.h"

#include <gtest/gtest.h>

#include "protocol/messages/describe_client_quotas_response.h"
#include "protocol/messages/push_telemetry_request.h"

namespace barnabas::protocol {
namespace {

std::string printed(double value) {
  describe_client_quotas_response message;
  message.entries.emplace().push_back({.values = {{.key = "k", .value = value}}});
  const std::string text = to_json(message, 0);
  const std::size_t at = text.find("\"value\":") + 8;
  return text.substr(at, text.find('}', at) - at);
}

TEST(json, prints_doubles_as_java_does) {
  EXPECT_EQ(printed(0), "0.0");
  EXPECT_EQ(printed(-0.5), "-0.5");
  EXPECT_EQ(printed(1048576), "1048576.0");
  EXPECT_EQ(printed(929010.2318837758), "929010.2318837758");
  EXPECT_EQ(printed(1e7), "1.0E7");
  EXPECT_EQ(printed(1.25e-9), "1.25E-9");
  EXPECT_EQ(printed(1.7976931348623157e308), "1.7976931348623157E308");
  EXPECT_EQ(printed(4.9e-324), "5.0E-324");
}

TEST(json, escapes_strings_and_encodes_bytes) {
  push_telemetry_request message;
  const std::string text = "\x01\"\\\n";
  for (const std::size_t size : {0u, 1u, 2u, 3u}) {
    message.metrics = as_bytes(text).first(size);
    const std::string expected = size == 0 ? "" : size == 1 ? "AQ==" : size == 2 ? "ASI=" : "ASJc";
    EXPECT_TRUE(to_json(message, 0).ends_with("\"metrics\":\"" + expected + "\"}"))
        << to_json(message, 0);
  }
  describe_client_quotas_response quotas;
  quotas.error_message = text;
  EXPECT_EQ(to_json(quotas, 0),
            R"({"throttleTimeMs":0,"errorCode":0,"errorMessage":"\u0001\"\\\n","entries":[]})");
}

}  // namespace
}  // namespace barnabas::protocol
