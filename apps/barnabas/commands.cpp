#include "commands.h"

#include "broker_command.h"
#include "records/consume_command.h"
#include "records/produce_command.h"

namespace barnabas::app {

void add_commands(command_tree& tree) {
  add_broker_command(tree);
  add_produce_command(tree);
  add_consume_command(tree);
}

}  // namespace barnabas::app
