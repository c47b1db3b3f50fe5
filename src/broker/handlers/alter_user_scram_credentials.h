// AlterUserScramCredentials (API 51), version 0 (KIP-554): sets and deletes what users log in with.
// A client sends the salted password; only keys that follow from it are kept, in Kafka's form. One
// answer a user; where one of his changes is refused, none of them is done.
//
// Errors of a user: UNACCEPTABLE_CREDENTIAL (an empty name, too few or too many iterations),
// UNSUPPORTED_SASL_MECHANISM, DUPLICATE_RESOURCE (a mechanism twice), RESOURCE_NOT_FOUND (nothing
// to delete), NOT_CONTROLLER, KAFKA_STORAGE_ERROR.
#pragma once

#include "broker/handlers/metadata_services.h"
#include "broker/owned_response.h"
#include "protocol/messages/alter_user_scram_credentials_request.h"
#include "protocol/messages/alter_user_scram_credentials_response.h"

namespace barnabas::broker::handlers {

runtime::task<owned_response<protocol::alter_user_scram_credentials_response>>
alter_user_scram_credentials(metadata_services services,
                             protocol::alter_user_scram_credentials_request message);

}  // namespace barnabas::broker::handlers
