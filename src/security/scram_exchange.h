// The messages of SCRAM (RFC 5802), without channel binding, as Kafka speaks it: both sides prove
// that they know what follows from the password, and neither learns more.
#pragma once

#include <functional>
#include <memory>

#include "security/sasl.h"
#include "security/scram.h"

namespace barnabas::security {

// `nonce` is fresh chance, printable and without a comma. User and password may be the id and the
// secret of a delegation token, which Kafka must be told (KIP-48).
std::unique_ptr<sasl_client> make_scram_client(scram_mechanism mechanism, std::string user,
                                               std::string password, std::string nonce,
                                               bool is_delegation_token = false);
// `find` gives the credential of a user, or nothing.
std::unique_ptr<sasl_server> make_scram_server(
    scram_mechanism mechanism,
    std::function<std::optional<scram_credential>(std::string_view)> find, std::string nonce);

}  // namespace barnabas::security
