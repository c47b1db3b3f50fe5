// The clients of a trial: producers that repeat what was not acknowledged, readers that follow the
// log, and the auditor that reads all of it at the end. Each lives on the one shard of its machine;
// the model that they report to belongs to the test.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "model.h"
#include "plan.h"
#include "runtime/wait.h"
#include "wire.h"

namespace barnabas::trial {

// What all clients of a trial share; outlives them.
struct surroundings {
  const struct plan& plan;
  class model& model;
  bool should_end = false;  // readers stop, set by the test
};

// The topic's id once every partition has a leader; makes the topic when it is not there.
runtime::task<result<uuid>> find_topic(surroundings& around, wire& to);

class producer {
 public:
  producer(surroundings& around, const producer_plan& plan);

  runtime::task<> run(runtime::world& world);
  bool is_finished() const { return is_finished_; }
  std::string state_text() const;

 private:
  struct batch {
    std::int32_t partition = 0;
    std::int64_t first = 0;
    std::int32_t count = 0;
    bool is_sent = false;
    int power_losses = 0;  // when it was sent
  };
  using request = std::vector<batch>;

  runtime::task<result<>> use(runtime::world& world, wire& to);
  runtime::task<result<>> prepare(wire& to);
  runtime::task<result<>> send_one(wire& to, bool& has_sent);
  runtime::task<result<>> receive_one(wire& to);
  // Something that may be sent now to a partition that is not in `taken` yet.
  batch* next_batch(const request& taken);
  batch* new_batch(const request& taken);
  bool has_more() const;
  std::vector<std::byte> bytes_of(const batch& batch) const;
  void answered(const batch& sent, error_code code, std::int64_t offset);
  void remove(const batch& sent);
  void forget_sent();

  surroundings& around_;
  const producer_plan& plan_;
  std::int64_t producer_id_ = -1;
  std::int16_t epoch_ = -1;
  uuid topic_id_;
  int batches_left_;
  std::vector<std::int64_t> next_of_partition_;
  std::vector<std::deque<batch>> queues_;  // by partition, in order; not acknowledged yet
  std::deque<request> in_flight_;
  bool must_repeat_ = false;
  bool is_finished_ = false;
  std::string last_problem_;
};

class reader {
 public:
  reader(surroundings& around, const reader_plan& plan);
  runtime::task<> run(runtime::world& world);

 private:
  runtime::task<result<>> use(wire& to, int power_losses);
  runtime::task<result<>> fetch_once(wire& to, int power_losses);
  result<> take(const struct fetched_partition& data, int power_losses);

  surroundings& around_;
  const reader_plan& plan_;
  uuid topic_id_;
  std::vector<std::int64_t> positions_;
  // Of this connection.
  std::vector<std::int64_t> high_watermarks_;
  std::vector<bool> is_changed_;  // since the session's last request
  std::int32_t session_id_ = 0;
  std::int32_t session_epoch_ = 0;
};

// Reads every partition from the beginning to its high watermark; an error when it cannot.
runtime::task<result<std::vector<std::vector<record_id>>>> read_all(surroundings& around,
                                                                    runtime::world& world);

}  // namespace barnabas::trial
