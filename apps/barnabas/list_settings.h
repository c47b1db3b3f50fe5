// `barnabas broker --list-settings`: every setting of brokers and topics from the tables, for
// reading in a pager.
#pragma once

#include <string>

namespace barnabas::app {

std::string settings_page();

}  // namespace barnabas::app
