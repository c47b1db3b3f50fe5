#include "commands.h"

#include "bench/bench_commands.h"
#include "broker_command.h"
#include "brokers/cluster_commands.h"
#include "brokers/config_commands.h"
#include "decode/decode_commands.h"
#include "groups/group_commands.h"
#include "log_dump/log_commands.h"
#include "pages/pages_commands.h"
#include "records/consume_command.h"
#include "records/produce_command.h"
#include "topics/topic_commands.h"
#include "users/acl_commands.h"
#include "users/quota_commands.h"
#include "users/token_commands.h"
#include "users/user_commands.h"

namespace barnabas::app {

void add_commands(command_tree& tree) {
  add_broker_command(tree);
  add_produce_command(tree);
  add_consume_command(tree);
  add_topic_commands(tree);
  add_group_commands(tree);
  add_config_commands(tree);
  add_cluster_commands(tree);
  add_acl_commands(tree);
  add_quota_commands(tree);
  add_user_commands(tree);
  add_token_commands(tree);
  add_log_commands(tree);
  add_decode_commands(tree);
  add_bench_commands(tree);
  add_pages_commands(tree);
}

}  // namespace barnabas::app
