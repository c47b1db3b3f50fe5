// The same work for two clients: so many records into, or out of, the partitions of a topic. Each
// returns how many records were delivered or read.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace bench {

struct load {
  std::string brokers;
  std::string topic;
  int partitions = 1;
  long long records = 0;
  std::size_t bytes = 100;                           // of a value
  long long rate = 0;                                // records a second; 0: as fast as it goes
  std::vector<std::string> values = {};              // in turn
  std::map<std::string, std::string> settings = {};  // beside bootstrap.servers

  const std::string& value(long long i) const {
    return values[static_cast<std::size_t>(i) % values.size()];
  }
};

long long produce_ours(const load& work);
long long consume_ours(const load& work);
long long produce_theirs(const load& work);
// By rd_kafka_consume_batch_queue, and by rd_kafka_consumer_poll.
long long consume_theirs(const load& work);
long long poll_theirs(const load& work);
// What the kernel takes for the same bytes over a socket of 127.0.0.1.
long long produce_bare(const load& work);
long long consume_bare(const load& work);

// When records were meant to be produced, and how long after that each was delivered.
class latencies {
 public:
  using clock = std::chrono::steady_clock;

  explicit latencies(const load& work);
  // Waits for the moment of record i.
  void wait_for(long long i) const;
  void delivered(long long i);
  // The quantile, in ms, without the first half second.
  double quantile(double part) const;

 private:
  clock::time_point due(long long i) const;

  long long rate_;
  clock::time_point begin_ = clock::now();
  std::vector<double> ms_;
};

void latency_ours(const load& work, latencies& found);
void latency_theirs(const load& work, latencies& found);

}  // namespace bench
