// Which names a topic may have: 1 to 249 of [a-zA-Z0-9._-], not "." and not "..". In the names of
// metrics '.' becomes
// '_', so two topics whose names differ only there collide and cannot both exist.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace barnabas::cluster {

// INVALID_TOPIC_EXCEPTION, with a text that says what is wrong with the name.
result<> validate_topic_name(std::string_view name);

// Equal for names that collide.
std::string colliding_form(std::string_view name);

// __consumer_offsets, __transaction_state and __share_group_state.
bool is_internal_topic(std::string_view name);

}  // namespace barnabas::cluster
