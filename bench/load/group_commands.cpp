#include <unistd.h>

#include <vector>

#include "bench/load/blocking_client.h"
#include "bench/load/commands.h"
#include "bench/load/group_request.h"
#include "bench/load/measurement.h"
#include "bench/load/pacing.h"

namespace barnabas::bench {
namespace {

std::string group_name(std::int64_t number) {
  return fmt::format("group-{:06}", number);
}

struct commit_plan {
  int port, pid;
  std::string topic;
  std::int32_t partitions, at_once;
  std::int64_t groups, connections, commits, rate, seconds, depth;

  explicit commit_plan(const options& given)
      : port(static_cast<int>(given.required("port"))),
        pid(static_cast<int>(given.required("pid"))),
        topic(given.text("topic", "bench")),
        partitions(static_cast<std::int32_t>(given.number("partitions", 1))),
        at_once(static_cast<std::int32_t>(given.number("at_once", 1))),
        groups(given.number("groups", 1000)),
        connections(given.number("connections", 10)),
        commits(given.number("commits", 0)),
        rate(given.number("rate", 0)),
        seconds(given.number("seconds", 5)),
        depth(given.number("depth", 5)) {}
};

// Until each group's coordinator takes a commit.
void wait_until_coordinated(blocking_client& client, const commit_plan& plan) {
  const std::int64_t deadline = now_ns() + 120'000'000'000;
  for (std::int64_t group = 0; group < plan.groups; ++group) {
    const auto find = make_find_coordinator_request(group_name(group));
    const produce_request commit = make_commit_request(group_name(group), plan.topic, 0, 1);
    for (;;) {
      const auto found = client.call(find);
      if (found && error_in_find_coordinator_answer(*found) == 0) {
        const auto answer = client.call(commit.bytes);
        if (answer && error_in_commit_answer(*answer) == 0) {
          break;
        }
      }
      if (now_ns() > deadline) {
        die("nobody coordinates " + group_name(group));
      }
      usleep(20'000);
    }
  }
}

// The commits of the `index`th connection: its groups in turn, and in each the partitions in turn.
std::vector<produce_request> commits_of(const commit_plan& plan, std::int64_t index) {
  std::vector<produce_request> requests;
  for (std::int32_t first = 0; first < plan.partitions; first += plan.at_once) {
    for (std::int64_t group = index; group < plan.groups; group += plan.connections) {
      requests.push_back(make_commit_request(group_name(group), plan.topic, first,
                                             std::min(plan.at_once, plan.partitions - first)));
    }
  }
  return requests;
}

}  // namespace

void run_commit(const options& given) {
  const commit_plan plan(given);
  given.finish();
  blocking_client client(plan.port);
  if (!create_topic(client, plan.topic, plan.partitions)) {
    die("nobody answers at that port");
  }
  wait_until_served(client, plan.topic, plan.partitions);
  wait_until_coordinated(client, plan);
  produce_run run;
  run.depth = static_cast<std::size_t>(plan.depth);
  run.error_in = error_in_commit_answer;
  event_loop loop;
  producing_connections connections;
  for (std::int64_t i = 0; i < plan.connections; ++i) {
    const int descriptor = connect_to(plan.port);
    if (descriptor < 0) {
      die_of_errno("connecting");
    }
    connections.push_back(
        std::make_unique<produce_connection>(descriptor, run, commits_of(plan, i), -1));
    loop.watch(descriptor, *connections.back());
  }
  const auto is_done = [] { return true; };
  const measurement measured(plan.pid);
  if (plan.rate > 0) {
    run_open_loop(
        loop, run, connections, 1e9 / static_cast<double>(plan.rate), plan.seconds,
        [&run](std::int64_t from_ns) { run.measured_from_ns = from_ns; }, is_done);
  } else {
    run_closed_loop(loop, run, connections, std::max<std::int64_t>(plan.commits, 1), is_done);
  }
  measured.print({run.answered, run.answered * plan.at_once, 0}, {}, run.latency, {});
}

void run_join(const options& given) {
  blocking_client client(static_cast<int>(given.required("port")));
  const std::int64_t group = given.number("group", 0);
  const std::int64_t since = given.required("since");
  const std::int64_t deadline = since + given.number("seconds", 300) * 1'000'000'000;
  given.finish();
  const auto find = make_find_coordinator_request(group_name(group));
  const auto join = make_join_request(group_name(group));
  for (;;) {
    if (now_ns() > deadline) {
      die("nobody let it join in time");
    }
    const auto found = client.call(find);
    if (found && error_in_find_coordinator_answer(*found) == 0) {
      const auto answer = client.call(join);
      if (answer && error_in_join_answer(*answer) == 0) {
        break;
      }
    }
    usleep(500);
  }
  fmt::print("{{\"joined_ms\":{:.3f}}}\n", static_cast<double>(now_ns() - since) / 1e6);
}

}  // namespace barnabas::bench
