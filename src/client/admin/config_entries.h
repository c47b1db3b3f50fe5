// Entries of DescribeConfigs and CreateTopics answers as the public header has them.
#pragma once

#include <barnabas/admin/configs.h>
#include "client/each_call.h"

namespace barnabas::client {

template <class Said>
kafka::config_entry entry_of(const Said& said) {
  kafka::config_entry entry{.name = std::string(said.name),
                            .value = text_of(said.value),
                            .is_sensitive = said.is_sensitive,
                            .is_read_only = said.read_only,
                            .source = static_cast<kafka::config_source>(said.config_source)};
  entry.is_default = entry.source == kafka::config_source::standard;
  return entry;
}

}  // namespace barnabas::client
