// One connection of a producer, or of anybody who sends alike: sends prebuilt requests in turn, at
// most `depth` unanswered, and records for each how long after its intended time the answer came.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "bench/event_loop.h"
#include "bench/load/histogram.h"
#include "bench/load/produce_request.h"
#include "bench/load/schedule.h"
#include "bench/load/send_queue.h"

namespace barnabas::bench {

// What all connections of a run share.
struct produce_run {
  std::int64_t unclaimed = 0;  // closed loop: requests that no connection has taken yet
  std::int64_t answered = 0;
  std::int64_t measured_from_ns = 0;  // answers to what was intended earlier are not recorded
  std::size_t depth = 5;
  schedule* times = nullptr;  // open loop with readers
  std::int16_t (*error_in)(bytes_view answer) = error_in_produce_answer;
  histogram latency;
};

class produce_connection final : public ready_handler {
 public:
  produce_connection(int descriptor, produce_run& run, std::vector<produce_request> requests,
                     std::int64_t producer_id);
  ~produce_connection() override;

  void offer(std::int64_t intended_ns) { waiting_.push_back(intended_ns); }
  // Sends what is offered or unclaimed, as far as the depth allows.
  void pump();
  void on_ready() override;

 private:
  struct unanswered {
    std::int32_t correlation;
    std::int64_t intended_ns;
  };
  void send(std::int64_t intended_ns);
  void take_answers();
  void take_answer(bytes_view answer, std::int64_t now);

  int descriptor_;
  produce_run& run_;
  std::vector<produce_request> requests_;
  std::int64_t producer_id_;
  std::size_t next_request_ = 0;
  std::int32_t next_correlation_ = 1;
  std::deque<std::int64_t> waiting_;
  std::deque<unanswered> in_flight_;
  send_queue outgoing_;
  std::vector<std::byte> incoming_;
  std::size_t received_ = 0;
};

}  // namespace barnabas::bench
