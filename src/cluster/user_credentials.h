// Requests to change what users log in with (KIP-554). The cluster keeps the texts; what they mean
// knows security.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace barnabas::cluster {

struct credential_edit {
  std::string mechanism;            // the key in the user's node: "SCRAM-SHA-256"
  std::optional<std::string> text;  // nothing: the credential goes
};
struct credential_change {
  std::string user;  // not empty
  std::vector<credential_edit> edits;
};

}  // namespace barnabas::cluster
