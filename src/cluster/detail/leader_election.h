// Who leads a partition, decided from its state and the live brokers; the new state is to be
// written.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "cluster/image.h"

namespace barnabas::cluster::detail {

// What a live leader needs after brokers came and went; true when the partition's state has
// changed. A live replica that is not in sync may lead only if that is allowed: what it lacks is
// lost.
bool elect_leader(partition& partition, const image& image, std::int32_t controller_epoch,
                  bool may_be_unclean);

// unclean.leader.election.enable of a topic: its own, else the brokers' dynamic one, else `given`.
bool may_be_unclean(const topic& topic, const image& image, std::int32_t broker_id, bool given);

enum class election : std::uint8_t { preferred, unclean };

// ElectLeaders. ELECTION_NOT_NEEDED: the preferred replica leads, or for an unclean election
// anybody; PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE: nobody alive can take
// over.
result<> elect_on_demand(partition& partition, const image& image, std::int32_t controller_epoch,
                         election kind);

}  // namespace barnabas::cluster::detail
