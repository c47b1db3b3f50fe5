// Our own client as an actor (tests/clients/README.md): usage: client_actor HOST:PORT.
#include <barnabas/admin.h>
#include <barnabas/consumer.h>
#include <barnabas/producer.h>

#include <atomic>
#include <future>
#include <iostream>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

using namespace barnabas::kafka;

namespace {

constexpr auto longest = std::chrono::seconds(110);

std::mutex output;

template <class... Words>
void say(const Words&... words) {
  std::ostringstream line;
  ((line << words << ' '), ...);
  const std::lock_guard held(output);
  std::cout << line.str() << std::endl;
}

// What a command answers in the end: nothing when it is done.
using failure = std::optional<error>;

template <class T>
failure failure_of(const result<T>& outcome) {
  return outcome ? failure() : failure(outcome.error());
}

// A member that is polled on a thread of its own; one thread at a time has the consumer.
class member {
 public:
  member(const settings& all, const std::string& topic)
      : consumer_(all, {.on_assigned = [this](auto&, const auto& some) { change(some, true); },
                        .on_revoked = [this](auto&, const auto& some) { change(some, false); }}),
        topic_(topic) {}
  ~member() {
    is_ending_ = true;
    thread_.join();
  }

  failure start() {
    const auto done = consumer_.subscribe({topic_});
    thread_ = std::thread([this] { run(); });
    return failure_of(done);
  }
  template <class F>
  failure with(F use) {
    const std::lock_guard held(guard_);
    return use(consumer_);
  }
  topic_partition named(int partition) const { return {topic_, partition}; }
  partition_offsets said_positions() const {
    partition_offsets offsets;
    for (const auto& [partition, offset] : positions_) {
      say("position", partition, offset);
      offsets[named(partition)].offset = offset;
    }
    return offsets;
  }

 private:
  void change(const std::vector<topic_partition>& some, bool is_owned) {
    for (const topic_partition& each : some) {
      if (is_owned) {
        owned_.insert(each.partition);
      } else {
        owned_.erase(each.partition);
        positions_.erase(each.partition);
      }
    }
    std::ostringstream all;
    for (const int each : owned_) {
      all << each << ' ';
    }
    say("assigned", all.str());
  }
  void run() {
    while (!is_ending_) {
      const std::lock_guard held(guard_);
      const auto some = consumer_.poll(std::chrono::milliseconds(20));
      if (!some) {
        say("trouble", some.error().message);
        continue;
      }
      for (const record& each : *some) {
        positions_[each.partition] = each.offset + 1;
        say("record", each.partition, each.offset, each.key.value_or(""), each.value.value_or(""));
      }
    }
  }

  consumer consumer_;
  std::string topic_;
  std::set<int> owned_;
  std::map<int, std::int64_t> positions_;
  std::mutex guard_;
  std::atomic<bool> is_ending_ = false;
  std::thread thread_;
};

class actor {
 public:
  explicit actor(std::string servers) : servers_(std::move(servers)), admin_(all({})) {}

  failure create(const std::string& topic, int partitions) {
    const auto done = admin_.create_topics({{.name = topic, .partitions = partitions}});
    return done ? failure_of(done->at(topic)) : done.error();
  }
  failure produce(const std::string& topic, int first, int count, const std::string& codec);
  failure join(const std::string& group, const std::string& topic, const std::string& instance,
               const std::string& assignor, const std::string& session_ms);
  failure commit(bool is_async);
  failure seek(int partition, std::int64_t offset) {
    return member_->with(
        [&](consumer& it) { return failure_of(it.seek(member_->named(partition), offset)); });
  }
  failure pause(int partition, bool is_on) {
    return member_->with([&](consumer& it) {
      return failure_of(is_on ? it.pause({member_->named(partition)})
                              : it.resume({member_->named(partition)}));
    });
  }
  failure leave() {
    const auto why =
        member_->with([](consumer& it) { return failure_of(it.close(std::chrono::seconds(30))); });
    member_.reset();
    return why;
  }
  failure groups();
  failure describe(const std::string& group);
  failure committed(const std::string& group);
  failure delete_group(const std::string& group) {
    const auto done = admin_.delete_groups({group});
    return done ? failure_of(done->at(group)) : done.error();
  }

 private:
  settings all(settings more) const {
    more.emplace("bootstrap.servers", servers_);
    more.emplace("reconnect.backoff.max.ms", "1000");
    return more;
  }

  std::string servers_;
  admin admin_;
  std::map<std::string, producer> producers_;
  std::unique_ptr<member> member_;
};

failure actor::produce(const std::string& topic, int first, int count, const std::string& codec) {
  auto& writer =
      producers_.try_emplace(codec, all({{"compression.type", codec}, {"linger.ms", "5"}}))
          .first->second;
  std::atomic<int> told = 0;
  std::mutex guard;
  failure why;
  std::vector<std::string> values;
  for (int n = first; n < first + count; ++n) {
    const std::string key = "key-" + std::to_string(n % 20);
    const std::string value = std::to_string(n);
    writer
        .send_async(
            {.topic = topic, .key = key, .value = value, .tag = static_cast<std::uint64_t>(n)})
        .then([&](const result<delivery>& sent) {
          if (sent) {
            say("sent", sent->partition, sent->offset, sent->tag);
          } else {
            const std::lock_guard held(guard);
            why = sent.error();
          }
          ++told;
        });
  }
  const auto flushed = writer.flush(longest);
  while (flushed && told < count) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const std::lock_guard held(guard);
  return flushed ? why : flushed.error();
}

failure actor::join(const std::string& group, const std::string& topic, const std::string& instance,
                    const std::string& assignor, const std::string& session_ms) {
  member_ = std::make_unique<member>(all({{"group.id", group},
                                          {"group.instance.id", instance == "-" ? "" : instance},
                                          {"enable.auto.commit", "false"},
                                          {"auto.offset.reset", "earliest"},
                                          {"session.timeout.ms", session_ms},
                                          {"heartbeat.interval.ms", "500"},
                                          {"fetch.wait.max.ms", "100"},
                                          {"partition.assignment.strategy", assignor}}),
                                     topic);
  return member_->start();
}

failure actor::commit(bool is_async) {
  std::promise<failure> told;
  const auto refused = member_->with([&](consumer& it) -> failure {
    const partition_offsets offsets = member_->said_positions();
    if (is_async) {
      it.commit_async(offsets).then(
          [&](const result<>& done) { told.set_value(failure_of(done)); });
      return std::nullopt;
    }
    return failure_of(it.commit(offsets));
  });
  return is_async ? told.get_future().get() : refused;
}

failure actor::groups() {
  const auto by_broker = admin_.list_groups();
  if (!by_broker) {
    return by_broker.error();
  }
  for (const auto& [broker, groups] : *by_broker) {
    if (!groups) {
      return groups.error();
    }
    for (const group_listing& each : *groups) {
      say("group", each.id);
    }
  }
  return std::nullopt;
}

failure actor::describe(const std::string& group) {
  const auto described = admin_.describe_consumer_groups({group});
  if (!described || !described->at(group)) {
    return described ? described->at(group).error() : described.error();
  }
  const group_description& it = *described->at(group);
  std::string state = it.state;
  for (char& each : state) {
    each = static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
  }
  say("state", state, it.members.size());
  return std::nullopt;
}

failure actor::committed(const std::string& group) {
  const auto listed = admin_.list_group_offsets({{group, {}}});
  if (!listed || !listed->at(group)) {
    return listed ? listed->at(group).error() : listed.error();
  }
  for (const auto& [name, offset] : *listed->at(group)) {
    if (!offset) {
      return offset.error();
    }
    say("committed", name.partition, offset->offset);
  }
  return std::nullopt;
}

failure obey(actor& it, const std::string& line) {
  std::istringstream in(line);
  std::string what;
  std::string a;
  std::string b;
  std::string c;
  std::string d;
  std::string e;
  in >> what >> a >> b >> c >> d >> e;
  if (what == "create") return it.create(a, std::stoi(b));
  if (what == "produce") return it.produce(a, std::stoi(b), std::stoi(c), d);
  if (what == "join") return it.join(a, b, c, d, e);
  if (what == "commit" || what == "commit-async") return it.commit(what != "commit");
  if (what == "seek") return it.seek(std::stoi(a), std::stoll(b));
  if (what == "pause" || what == "resume") return it.pause(std::stoi(a), what == "pause");
  if (what == "leave") return it.leave();
  if (what == "groups") return it.groups();
  if (what == "describe") return it.describe(a);
  if (what == "committed") return it.committed(a);
  if (what == "delete-group") return it.delete_group(a);
  return error{.message = "no command " + what};
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    return 2;
  }
  actor it(arguments[1]);
  for (std::string line; std::getline(std::cin, line);) {
    if (const failure why = obey(it, line)) {
      say("failed", why->message);
    } else {
      say("done");
    }
  }
  return 0;
}
