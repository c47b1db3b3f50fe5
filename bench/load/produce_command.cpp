#include <memory>
#include <optional>
#include <vector>

#include "bench/load/blocking_client.h"
#include "bench/load/commands.h"
#include "bench/load/fetch_connection.h"
#include "bench/load/measurement.h"
#include "bench/load/pacing.h"
#include "bench/load/produce_connection.h"

namespace barnabas::bench {
namespace {

struct produce_plan {
  int port, pid;
  std::string topic;
  std::int32_t partitions, at_once;
  std::int64_t connections, readers, bytes, rate, seconds;
  std::int16_t acks;
  bool is_bare, is_idempotent;
  record_batch batch;

  explicit produce_plan(const options& given)
      : port(static_cast<int>(given.required("port"))),
        pid(static_cast<int>(given.required("pid"))),
        topic(given.text("topic", "bench")),
        partitions(static_cast<std::int32_t>(given.number("partitions", 1))),
        at_once(static_cast<std::int32_t>(given.number("at_once", 1))),
        connections(given.number("connections", 1)),
        readers(given.number("readers", 0)),
        bytes(given.number("bytes", 0)),
        rate(given.number("rate", 0)),
        seconds(given.number("seconds", 5)),
        acks(static_cast<std::int16_t>(given.number("acks", 1))),
        is_bare(given.number("bare", 0) != 0),
        is_idempotent(given.number("idempotent", 0) != 0),
        batch(record_batch::make(static_cast<std::size_t>(given.number("record", 1024)),
                                 static_cast<std::size_t>(given.number("batch", 65536)))) {}

  std::int64_t request_bytes() const {
    return static_cast<std::int64_t>(batch.bytes.size()) * at_once;
  }
};

// A run from the first request to the last answer and, with readers, to the last batch read.
class produce_session {
 public:
  produce_session(const produce_plan& plan, std::int64_t depth)
      : plan_(plan), times_(static_cast<std::size_t>(plan.partitions)) {
    run_.depth = static_cast<std::size_t>(depth);
    run_.times = plan.readers > 0 ? &times_ : nullptr;
    fetched_.topic = plan.topic;
    fetched_.batch_bytes = static_cast<std::int64_t>(plan.batch.bytes.size());
    fetched_.batch_records = plan.batch.records;
    fetched_.times = run_.times;
    prepare();
  }

  void run() {
    const measurement measured(plan_.pid);
    for (const auto& reader : readers_) {
      reader->start();
    }
    const auto is_done = [this] { return are_readers_done(); };
    if (plan_.rate > 0) {
      const double interval_ns =
          1e9 * static_cast<double>(plan_.request_bytes()) / static_cast<double>(plan_.rate);
      run_open_loop(
          loop_, run_, producers_, interval_ns, plan_.seconds,
          [this](std::int64_t from_ns) {
            run_.measured_from_ns = fetched_.measured_from_ns = from_ns;
          },
          is_done);
    } else {
      const std::int64_t total = std::max<std::int64_t>(plan_.bytes / plan_.request_bytes(), 1);
      run_closed_loop(loop_, run_, producers_, total, is_done);
    }
    const std::int64_t bytes = run_.answered * plan_.request_bytes();
    const std::int64_t batches = run_.answered * plan_.at_once;
    const std::int64_t read_records = fetched_.bytes / fetched_.batch_bytes * plan_.batch.records;
    measured.print({run_.answered, batches * plan_.batch.records, bytes},
                   {fetched_.answers, read_records, fetched_.bytes}, run_.latency,
                   fetched_.delivery);
  }

 private:
  void prepare() {
    blocking_client client(plan_.port);
    if (!plan_.is_bare) {
      if (!create_topic(client, plan_.topic, plan_.partitions)) {
        die("nobody answers at that port");
      }
      wait_until_served(client, plan_.topic, plan_.partitions);
    }
    for (std::int64_t i = 0; i < plan_.connections; ++i) {
      const std::int64_t producer = !plan_.is_idempotent ? -1
                                    : plan_.is_bare      ? i
                                                         : new_producer_id(client);
      producers_.push_back(
          std::make_unique<produce_connection>(connect(), run_, requests_of(i), producer));
      loop_.watch(sockets_.back(), *producers_.back());
    }
    for (std::int64_t i = 0; i < plan_.readers; ++i) {
      const auto partition = static_cast<std::int32_t>(i % plan_.partitions);
      readers_.push_back(std::make_unique<fetch_connection>(connect(), fetched_, partition, 0));
      loop_.watch(sockets_.back(), *readers_.back());
    }
  }

  int connect() {
    const int descriptor = connect_to(plan_.port);
    if (descriptor < 0) {
      die_of_errno("connecting");
    }
    sockets_.push_back(descriptor);
    return descriptor;
  }

  // The groups of partitions of the `index`th connection: every group has one connection, unless
  // there are more connections than groups.
  std::vector<produce_request> requests_of(std::int64_t index) const {
    const std::int64_t groups = plan_.partitions / plan_.at_once;
    std::vector<produce_request> requests;
    for (std::int64_t group = index % groups; group < groups; group += plan_.connections) {
      requests.push_back(
          make_produce_request(plan_.topic, static_cast<std::int32_t>(group) * plan_.at_once,
                               plan_.at_once, plan_.acks, plan_.batch, plan_.is_idempotent));
    }
    return requests;
  }

  bool are_readers_done() const {
    for (const auto& reader : readers_) {
      if (reader->batches() < times_.batches(reader->partition())) {
        return false;
      }
    }
    return true;
  }

  const produce_plan& plan_;
  produce_run run_;
  fetch_run fetched_;
  schedule times_;
  event_loop loop_;
  std::vector<int> sockets_;
  producing_connections producers_;
  std::vector<std::unique_ptr<fetch_connection>> readers_;
};

}  // namespace

void run_produce(const options& given) {
  const produce_plan plan(given);
  const std::int64_t depth = given.number("depth", 5);
  given.finish();
  if (plan.partitions % plan.at_once != 0) {
    die("partitions has to be a multiple of at_once");
  }
  if (plan.is_idempotent && plan.at_once != 1) {
    die("idempotent requests carry one partition");
  }
  if (plan.readers > 0 && plan.connections > plan.partitions / plan.at_once) {
    die("with readers, each partition has one producing connection");
  }
  produce_session(plan, depth).run();
}

}  // namespace barnabas::bench
