// Ctrl-C and SIGTERM for commands that end what they do in order: the first is noted, the second
// ends the process.
#pragma once

namespace barnabas::app {

void watch_for_interruption();
bool is_interrupted();

}  // namespace barnabas::app
