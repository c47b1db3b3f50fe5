// The functions that make tokens, by the names that settings call them: kept for the process, asked
// for by any thread.
#pragma once

#include <optional>
#include <string>

#include <barnabas/credentials.h>

namespace barnabas::client {

std::optional<kafka::token_source> find_token_source(const std::string& name);

}  // namespace barnabas::client
