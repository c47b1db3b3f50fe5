// What this broker answers: one row an API, with the versions that it advertises and those that it
// serves, and the function that reads the body, calls the handler and encodes its response.
// Immutable; shared by all shards.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "broker/reply.h"
#include "broker/request.h"
#include "protocol/api_keys.h"
#include "runtime/task.h"

namespace barnabas::broker {

struct services;

// What the first phase of a request comes to.
struct started_request {
  static started_request answered(reply answer) { return {std::move(answer), {}, {}}; }
  static started_request waiting(pending_reply later) { return {{}, std::move(later), {}}; }
  // The body is not a message of this API and version: the connection is closed with this reason.
  static started_request malformed(std::string reason) { return {{}, {}, std::move(reason)}; }

  reply answer;         // when `later` is empty
  pending_reply later;  // the second phase
  std::string malformed_reason;
};

using api_handler = runtime::task<started_request> (*)(services&, request);

struct api {
  protocol::api_key key{};
  std::int16_t lowest_version = 0;
  std::int16_t highest_version = -1;
  api_handler handle = nullptr;
  // For clients that conclude other things from it (Produce: librdkafka compresses only where 0 is
  // there).
  std::int16_t lowest_advertised = lowest_version;
};

class api_table {
 public:
  explicit api_table(std::vector<api> rows);

  // Null when this broker does not have it.
  const api* find(std::int16_t key) const;
  // In the order of their keys.
  std::span<const api> rows() const { return rows_; }

 private:
  std::vector<api> rows_;
  std::array<std::int8_t, 128> row_of_key_;  // -1: none
};

// Every API of the broker.
const api_table& all_apis();

}  // namespace barnabas::broker
