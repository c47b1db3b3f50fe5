// Every message as Kafka writes it is read, printed, measured and written again, and each part of
// it alone fails.
#include <gtest/gtest.h>

#include <fstream>

#include "protocol/api_keys.h"
#include "protocol/json.h"
#include "protocol/message_type.h"

namespace barnabas::protocol {
namespace {

struct vector_row {
  std::string name;
  std::int16_t version;
  std::vector<std::byte> bytes;
  std::string json;
  std::string label() const { return name + " " + std::to_string(version) + " " + json; }
};

std::vector<std::byte> from_hex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::vector<vector_row> read_rows(const std::string& file) {
  std::ifstream in(std::string(BARNABAS_TEST_DATA) + "/protocol/" + file);
  std::vector<vector_row> rows;
  std::string name, version, hex, json;
  while (std::getline(in, name, '\t') && std::getline(in, version, '\t') &&
         std::getline(in, hex, '\t') && std::getline(in, json)) {
    rows.push_back({name, static_cast<std::int16_t>(std::stoi(version)), from_hex(hex), json});
  }
  return rows;
}

void check(const vector_row& row) {
  const message_type* type = find_message_type(row.name);
  ASSERT_NE(type, nullptr) << row.name;
  EXPECT_GE(row.version, type->lowest_version) << row.name;
  EXPECT_LE(row.version, type->highest_version) << row.name;
  any_message message(*type);
  reader in(row.bytes);
  ASSERT_TRUE(message.read(in, row.version)) << in.error_text() << "\n" << row.label();
  EXPECT_EQ(in.remaining(), 0u) << row.label();
  EXPECT_EQ(to_json(*type->description, message.get(), row.version), row.json)
      << row.name << " " << row.version;
  ASSERT_EQ(message.encoded_size(row.version), row.bytes.size()) << row.label();
  std::vector<std::byte> written(row.bytes.size());
  writer out(written);
  ASSERT_TRUE(message.write(out, row.version)) << out.error_text() << "\n" << row.label();
  EXPECT_TRUE(out.is_full());
  EXPECT_EQ(written, row.bytes) << row.label();
}

void check_truncations(const vector_row& row) {
  for (std::size_t size = 0; size < row.bytes.size(); ++size) {
    // A copy, so that reading beyond it is seen by the address sanitizer.
    const std::vector<std::byte> part(row.bytes.begin(),
                                      row.bytes.begin() + static_cast<std::ptrdiff_t>(size));
    any_message message(*find_message_type(row.name));
    reader in(part);
    ASSERT_FALSE(message.read(in, row.version)) << size << " bytes of " << row.label();
    ASSERT_FALSE(in.error_text().empty());
  }
}

class vectors : public testing::TestWithParam<const char*> {};

TEST_P(vectors, are_read_printed_and_written_as_kafka_does) {
  const auto rows = read_rows(GetParam());
  EXPECT_GT(rows.size(), 200u);
  for (const vector_row& row : rows) {
    check(row);
  }
}

TEST_P(vectors, truncated_anywhere_are_errors) {
  for (const vector_row& row : read_rows(GetParam())) {
    check_truncations(row);
  }
}

INSTANTIATE_TEST_SUITE_P(kafka, vectors,
                         testing::Values("requests.tsv", "responses.tsv", "records.tsv"));

TEST(vectors, cover_every_version_of_every_api) {
  std::set<std::pair<std::string, std::int16_t>> seen;
  for (const char* file : {"requests.tsv", "responses.tsv"}) {
    for (const vector_row& row : read_rows(file)) {
      seen.emplace(row.name, row.version);
    }
  }
  for (const api& it : apis()) {
    for (std::int16_t version = it.lowest_version; version <= it.highest_version; ++version) {
      EXPECT_TRUE(seen.contains({std::string(it.name) + "Request", version}))
          << it.name << " " << version;
      EXPECT_TRUE(seen.contains({std::string(it.name) + "Response", version}))
          << it.name << " " << version;
    }
  }
}

}  // namespace
}  // namespace barnabas::protocol
