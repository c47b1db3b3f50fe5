#include "commands.h"

int main(int count, char** arguments) {
  barnabas::app::command_tree tree;
  barnabas::app::add_commands(tree);
  return tree.run(count, arguments);
}
