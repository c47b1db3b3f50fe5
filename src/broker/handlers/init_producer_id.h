// InitProducerId (API 22), versions 0 to 5: an id for an idempotent producer (KIP-98). Without a
// transactional id each call gives a new id with epoch 0, whatever the producer had before.
//
// Errors: INVALID_REQUEST (an empty transactional id; only one of producer id and epoch),
// UNSUPPORTED_VERSION (a transactional id: there is no transaction coordinator),
// COORDINATOR_NOT_AVAILABLE when the store cannot be reached.
#pragma once

#include "broker/producer_ids.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"

namespace barnabas::broker::handlers {

runtime::task<protocol::init_producer_id_response> init_producer_id(
    producer_ids& ids, protocol::init_producer_id_request message);

}  // namespace barnabas::broker::handlers
