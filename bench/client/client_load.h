// The same work for two clients: so many records of one value into, or out of, the partitions of a
// topic. Each returns how many records were delivered or read.
#pragma once

#include <map>
#include <string>

namespace bench {

struct load {
  std::string brokers;
  std::string topic;
  int partitions = 1;
  long long records = 0;
  std::string value;
  std::map<std::string, std::string> settings = {};  // beside bootstrap.servers
};

long long produce_ours(const load& work);
long long consume_ours(const load& work);
long long produce_theirs(const load& work);
long long consume_theirs(const load& work);

}  // namespace bench
