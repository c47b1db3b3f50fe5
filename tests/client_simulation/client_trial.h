// One trial: a broker, an idempotent producer and a consumer of the client
// library in a simulated world. While records are produced the broker is
// killed, connections are reset, the network is cut and delayed, as the seed
// says; then all is healed and everything is read back with the consumer.
//
//   told_of_every_record   each record was reported, once
//   delivered_once         a record that was reported as delivered stands in
//   the log once, at its
//                          offset when that was said, and one that was reported
//                          as failed at most once
//   order_kept             the records of a partition stand in the order of
//   producing everything_ends        nothing hangs
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace barnabas::trial {

struct client_outcome {
  std::vector<std::string> failures;  // "invariant: what was seen"
  int delivered = 0;
  int failed = 0;
  int kills = 0;
  std::uint64_t hash = 0;
};

client_outcome run_client_trial(std::uint64_t seed);

}  // namespace barnabas::trial
