#include "commands.h"

#include "broker_command.h"
#include "cluster/cluster_commands.h"
#include "cluster/config_commands.h"
#include "decode/decode_commands.h"
#include "log_dump/log_commands.h"
#include "pages/pages_commands.h"
#include "records/consume_command.h"
#include "records/produce_command.h"
#include "topics/topic_commands.h"

namespace barnabas::app {

void add_commands(command_tree& tree) {
  add_broker_command(tree);
  add_produce_command(tree);
  add_consume_command(tree);
  add_topic_commands(tree);
  add_config_commands(tree);
  add_cluster_commands(tree);
  add_log_commands(tree);
  add_decode_commands(tree);
  add_pages_commands(tree);
}

}  // namespace barnabas::app
