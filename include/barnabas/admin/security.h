// Who may do what, and the users and tokens that brokers know themselves. The numbers are those of
// Kafka's messages.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace barnabas::kafka {

// Permissions. `any` is for filters.
enum class acl_resource_type : std::int8_t {
  unknown = 0,
  any = 1,
  topic = 2,
  group = 3,
  cluster = 4,  // its only name is kafka-cluster
  transactional_id = 5,
  delegation_token = 6,
  user = 7
};
enum class acl_pattern : std::int8_t {
  unknown = 0,
  any = 1,
  match = 2,  // for filters: whatever applies to the name
  literal = 3,
  prefixed = 4
};
enum class acl_operation : std::int8_t {
  unknown = 0,
  any = 1,
  all = 2,
  read = 3,
  write = 4,
  create = 5,
  remove = 6,  // DELETE
  alter = 7,
  describe = 8,
  cluster_action = 9,
  describe_configs = 10,
  alter_configs = 11,
  idempotent_write = 12,
  create_tokens = 13,
  describe_tokens = 14,
  two_phase_commit = 15
};
// What a client may do to a thing, by name or by a rule for all.
using operation_list = std::vector<acl_operation>;

enum class acl_permission : std::int8_t { unknown = 0, any = 1, deny = 2, allow = 3 };

struct acl_binding {
  acl_resource_type type = acl_resource_type::topic;
  std::string name;
  acl_pattern pattern = acl_pattern::literal;
  std::string principal;  // as in User:alice
  std::string host = "*";
  acl_operation operation = acl_operation::all;
  acl_permission permission = acl_permission::allow;

  auto operator<=>(const acl_binding&) const = default;
};
struct acl_filter {
  acl_resource_type type = acl_resource_type::any;
  std::optional<std::string> name = std::nullopt;
  acl_pattern pattern = acl_pattern::any;
  std::optional<std::string> principal = std::nullopt;
  std::optional<std::string> host = std::nullopt;
  acl_operation operation = acl_operation::any;
  acl_permission permission = acl_permission::any;

  auto operator<=>(const acl_filter&) const = default;
};

// Users of SASL/SCRAM (KIP-554).
enum class scram_mechanism : std::int8_t { sha_256 = 1, sha_512 = 2 };
struct scram_credential_info {
  scram_mechanism mechanism = scram_mechanism::sha_256;
  std::int32_t iterations = 0;
};
// A password to be set, or, where there is none, a credential to be deleted.
struct scram_change {
  scram_mechanism mechanism = scram_mechanism::sha_256;
  std::optional<std::string> password = std::nullopt;  // salted here: it does not leave the process
  std::int32_t iterations = 4096;                      // 4096 to 16384
};

// Delegation tokens (KIP-48).
struct principal_name {
  std::string type = "User";
  std::string name;
};
struct new_delegation_token {
  std::optional<principal_name> owner = std::nullopt;  // nothing: who asks
  std::vector<principal_name> renewers = {};
  std::int64_t max_lifetime_ms = -1;  // -1: as the brokers' settings say
};
struct delegation_token {
  principal_name owner;
  principal_name requester;
  std::string id;
  std::string hmac;  // bytes: the token's password
  std::int64_t issued_ms = 0;
  std::int64_t expires_ms = 0;
  std::int64_t expires_at_most_ms = 0;
  std::vector<principal_name> renewers = {};
};

}  // namespace barnabas::kafka
