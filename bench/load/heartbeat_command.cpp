#include <unistd.h>

#include <span>
#include <vector>

#include "bench/load/blocking_client.h"
#include "bench/load/commands.h"
#include "bench/load/group_request.h"
#include "bench/load/measurement.h"
#include "bench/load/pacing.h"

namespace barnabas::bench {
namespace {

constexpr std::int64_t interval_seconds = 3;

struct member {
  std::string group;
  int descriptor = -1;
  joined as;
};

std::vector<std::byte> answer_to(const member& of) {
  std::vector<std::byte> answer;
  if (!receive_frame(of.descriptor, answer)) {
    die("a connection of a member of " + of.group + " broke");
  }
  return answer;
}

void tell(const member& from, const std::vector<std::byte>& frame) {
  if (!send_frame(from.descriptor, frame)) {
    die("a connection of a member of " + from.group + " broke");
  }
}

void take_join_answer(member& of) {
  of.as = read_join_answer(answer_to(of));
  if (of.as.error != 0) {
    die(fmt::format("joining {}: error {}", of.group, of.as.error));
  }
}

void take_sync_answer(const member& of) {
  if (const std::int16_t error = error_in_sync_answer(answer_to(of)); error != 0) {
    die(fmt::format("syncing {}: error {}", of.group, error));
  }
}

// Some groups at once, each `size` members in a row. The first joins alone; when the others wait
// for it to join again, it does, and all are in one generation.
void form(std::span<member> members, std::size_t size) {
  std::vector<member*> leaders, followers;
  for (std::size_t i = 0; i < members.size(); ++i) {
    (i % size == 0 ? leaders : followers).push_back(&members[i]);
  }
  const auto join = [](const std::vector<member*>& some) {
    for (const member* each : some) {
      tell(*each, make_join_request(each->group, each->as.member));
    }
  };
  const auto sync = [](const std::vector<member*>& some) {
    for (const member* each : some) {
      tell(*each, make_sync_request(each->group, each->as));
    }
    for (const member* each : some) {
      take_sync_answer(*each);
    }
  };
  join(leaders);
  for (member* each : leaders) {
    take_join_answer(*each);
  }
  join(followers);
  usleep(200'000);
  join(leaders);
  for (member& each : members) {
    take_join_answer(each);
  }
  for (const member* each : leaders) {
    if (each->as.members != static_cast<std::int32_t>(size)) {
      die(fmt::format("{} came together with {} members", each->group, each->as.members));
    }
  }
  sync(leaders);
  sync(followers);
}

std::vector<member> make_members(int port, std::int64_t groups, std::size_t size) {
  std::vector<member> members(static_cast<std::size_t>(groups) * size);
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i].group = fmt::format("group-{:06}", i / size);
    members[i].descriptor = connect_to(port);
    if (members[i].descriptor < 0) {
      die_of_errno("connecting");
    }
  }
  return members;
}

void wait_until_coordinated(blocking_client& client, const std::string& group) {
  for (const std::int64_t deadline = now_ns() + 120'000'000'000; now_ns() < deadline;) {
    const auto found = client.call(make_find_coordinator_request(group));
    if (found && error_in_find_coordinator_answer(*found) == 0) {
      return;
    }
    usleep(20'000);
  }
  die("nobody coordinates " + group);
}

}  // namespace

void run_heartbeat(const options& given) {
  const int port = static_cast<int>(given.required("port"));
  const int pid = static_cast<int>(given.required("pid"));
  const std::int64_t groups = given.number("groups", 1000);
  const auto size = static_cast<std::size_t>(given.number("members", 10));
  const std::int64_t seconds = given.number("seconds", 9);
  const std::int64_t settling_seconds = given.number("settling-seconds", 27);  // not measured
  given.finish();
  blocking_client client(port);
  wait_until_coordinated(client, "group-000000");
  std::vector<member> members = make_members(port, groups, size);
  constexpr std::size_t groups_at_once = 100;
  for (std::size_t first = 0; first < members.size(); first += groups_at_once * size) {
    const std::size_t count = std::min(groups_at_once * size, members.size() - first);
    form(std::span(members).subspan(first, count), size);
  }
  produce_run run;
  run.error_in = error_in_heartbeat_answer;
  event_loop loop;
  producing_connections connections;
  for (const member& each : members) {
    connections.push_back(std::make_unique<produce_connection>(
        each.descriptor, run, std::vector{make_heartbeat_request(each.group, each.as)}, -1));
    loop.watch(each.descriptor, *connections.back());
  }
  const double interval_ns = 1e9 * interval_seconds / static_cast<double>(members.size());
  const auto beat = [&](std::int64_t for_seconds) {
    run_open_loop(
        loop, run, connections, interval_ns, for_seconds,
        [&run](std::int64_t from_ns) { run.measured_from_ns = from_ns; }, [] { return true; });
  };
  beat(settling_seconds);
  run.answered = 0;
  run.latency = {};
  const measurement measured(pid);
  beat(seconds);
  measured.print({run.answered, 0, 0}, {}, run.latency, {});
}

}  // namespace barnabas::bench
