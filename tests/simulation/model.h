// What the clients of a trial were told, and what must therefore be true of the log: the invariants
// by name. Owned by the test, outside of the simulated machines; clients write to it while they
// run.
//
// A power loss may take what was not acknowledged, also when a reader has seen it (readers see a
// record when it is written). Power losses are counted; a statement holds from one count on.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "failures.h"

namespace barnabas::trial {

// The n-th record of one producer in one partition.
struct record_id {
  std::int32_t producer = 0;
  std::int64_t n = 0;

  auto operator<=>(const record_id&) const = default;
};

// "producer/partition/n/..." and padding that follows from them; the whole value is checked when it
// is read.
std::string value_of(std::int32_t partition, record_id id, int padding_bytes);
struct parsed_value {
  record_id id;
  std::int32_t partition = -1;
  bool is_whole = false;  // false: not a value that anybody wrote
};
parsed_value parse_value(bytes_view value);
std::string to_text(record_id id);

class model : public failures {
 public:
  model(int partitions, std::vector<bool> idempotent_producers);

  // From outside, when it happens.
  void power_lost() { ++power_losses_; }
  int power_losses() const { return power_losses_; }

  // acks=all (idempotent) or acks=1. Offset -1: the broker said that it has it without saying
  // where. `power_losses` when it was sent: an answer may arrive after its broker has gone.
  void acknowledged(std::int32_t partition, std::int64_t offset, record_id id, int power_losses);
  // `power_losses` at the moment when the reader's connection was begun.
  void seen(std::int32_t partition, std::int64_t offset, record_id id, int power_losses);

  // The whole log of a partition, from offset 0, after everything has come to rest.
  void compare(std::int32_t partition, const std::vector<record_id>& log);

  std::int64_t acknowledged_records() const { return acknowledged_records_; }
  std::int64_t seen_records() const { return seen_records_; }
  // Changes with everything that clients were told.
  std::uint64_t hash() const { return hash_; }

 private:
  struct acknowledgement {
    record_id id;
    int power_losses = 0;
  };
  struct sight {
    record_id id;
    int power_losses = 0;
  };
  struct partition {
    std::map<std::int64_t, acknowledgement> acknowledged;
    std::vector<acknowledgement> acknowledged_somewhere;
    std::map<std::int64_t, std::vector<sight>> seen;  // each different sight of an offset
  };

  bool must_survive(const acknowledgement& told) const;
  void compare_acknowledged(const partition& at, const std::string& name,
                            const std::vector<record_id>& log);
  void compare_order(const std::string& name, const std::vector<record_id>& log);
  void compare_seen(const partition& at, const std::string& name,
                    const std::vector<record_id>& log);
  void stir(std::uint64_t value);

  std::vector<partition> partitions_;
  std::vector<bool> is_idempotent_;
  int power_losses_ = 0;
  std::int64_t acknowledged_records_ = 0;
  std::int64_t seen_records_ = 0;
  std::uint64_t hash_ = 0;
};

}  // namespace barnabas::trial
