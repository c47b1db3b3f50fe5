// Transactions of our producer against a real broker.
//   client_transactions HOST:PORT PREFIX
//     its scenarios, a line each: "ok NAME", or "FAILED NAME WHY"
//   client_transactions HOST:PORT PREFIX open
//     leaves a transaction open, and says so
//   client_transactions HOST:PORT PREFIX next
//     aborts that and commits one of its own
//   client_transactions HOST:PORT PREFIX init
//     says what init_transactions() says
#include <barnabas/admin.h>
#include <barnabas/consumer.h>
#include <barnabas/producer.h>

#include <algorithm>
#include <future>
#include <iostream>
#include <set>
#include <stdexcept>
#include <thread>

using namespace barnabas::kafka;

namespace {

constexpr int count = 200;
constexpr auto patience = std::chrono::seconds(20);

template <class T>
T must(result<T> outcome, const char* what) {
  if (!outcome) {
    throw std::runtime_error(std::string(what) + ": " + outcome.error().message);
  }
  if constexpr (!std::is_void_v<T>) {
    return std::move(*outcome);
  }
}
void check(bool is_so, const std::string& what) {
  if (!is_so) {
    throw std::runtime_error(what);
  }
}

struct place {
  std::string servers;
  std::string prefix;

  std::string topic(const std::string& name) const { return prefix + "-" + name; }
  settings with(settings more) const {
    more.emplace("bootstrap.servers", servers);
    return more;
  }
  producer writer(const std::string& id) const {
    producer made(with({{"transactional.id", topic(id)}, {"linger.ms", "1"}}));
    must(made.init_transactions(), "init");
    return made;
  }
  void create(const std::string& name) const {
    admin cluster(with({}));
    const std::vector<new_topic> wanted = {{.name = topic(name), .partitions = 3}};
    must(must(cluster.create_topics(wanted), "creating").at(topic(name)), "creating");
  }
};

void write(producer& to, const std::string& topic, const std::string& text, int first = 0,
           int records = count) {
  for (int i = first; i < first + records; ++i) {
    const std::string value = text + std::to_string(i);
    must(to.produce({.topic = topic, .key = value, .value = value}), "produce");
  }
}

// A transaction of its own.
void commit(producer& to, const std::string& topic, const std::string& text) {
  must(to.begin_transaction(), "begin");
  write(to, topic, text);
  must(to.commit_transaction(), "commit");
}

std::multiset<std::string> wanted(const std::string& text, int first = 0, int records = count) {
  std::multiset<std::string> all;
  for (int i = first; i < first + records; ++i) {
    all.insert(text + std::to_string(i));
  }
  return all;
}

// A transaction has been committed before its markers are written: until then its end is not
// stable. One that is left open stays so.
void wait_until_stable(const place& at, const std::vector<topic_partition>& all) {
  consumer stable(at.with({{"isolation.level", "read_committed"}}));
  consumer written(at.with({{"isolation.level", "read_uncommitted"}}));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const auto is_stable = [&] {
    const auto stable_bounds = must(stable.bounds(all, patience), "bounds");
    const auto written_bounds = must(written.bounds(all, patience), "bounds");
    return std::ranges::all_of(all, [&](const topic_partition& each) {
      return stable_bounds.at(each).end == written_bounds.at(each).end;
    });
  };
  while (!is_stable() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

// What a reader sees up to what is stable.
std::multiset<std::string> read(const place& at, const std::string& topic,
                                const std::string& isolation = "read_committed") {
  consumer reader(at.with({{"isolation.level", isolation}, {"auto.offset.reset", "earliest"}}));
  const std::vector<topic_partition> all = {{topic, 0}, {topic, 1}, {topic, 2}};
  if (isolation == "read_committed") {
    wait_until_stable(at, all);
  }
  reader.assign(all);
  const auto bounds = must(reader.bounds(all, patience), "bounds");
  std::multiset<std::string> found;
  const auto until = std::chrono::steady_clock::now() + patience;
  const auto is_at_end = [&] {
    return std::all_of(all.begin(), all.end(), [&](const topic_partition& each) {
      return bounds.at(each).end == bounds.at(each).begin ||
             *reader.position(each) >= bounds.at(each).end;
    });
  };
  std::size_t quiet = 0;
  while (quiet < 5 && !is_at_end() && std::chrono::steady_clock::now() < until) {
    const auto some = must(reader.poll(std::chrono::milliseconds(500)), "poll");
    quiet = some.empty() ? quiet + 1 : 0;  // markers at the end are passed without a record
    for (const record& each : some) {
      found.emplace(*each.value);
    }
  }
  return found;
}

void commits_and_aborts(const place& at) {
  at.create("both");
  producer writer = at.writer("both");
  for (const bool commits : {true, false, true}) {
    must(writer.begin_transaction(), "begin");
    write(writer, at.topic("both"), commits ? "committed-" : "aborted-");
    if (!commits) {
      must(writer.flush(patience), "flush");
    }
    must(commits ? writer.commit_transaction() : writer.abort_transaction(), "end");
  }
  auto expected = wanted("committed-");
  expected.merge(wanted("committed-"));
  check(read(at, at.topic("both")) == expected, "other records are read than were committed");
  check(read(at, at.topic("both"), "read_uncommitted").size() == 3 * count, "records are missing");
}

// Many small ones, so that the next begins while the last is still being ended.
void one_after_the_other(const place& at) {
  at.create("many");
  producer writer = at.writer("many");
  for (int i = 0; i < 50; ++i) {
    must(writer.begin_transaction(), "begin");
    write(writer, at.topic("many"), i % 5 == 4 ? "aborted-" : "committed-", 10 * i, 10);
    must(i % 5 == 4 ? writer.abort_transaction() : writer.commit_transaction(), "end");
  }
  check(read(at, at.topic("many")).size() == 400, "other records are read than were committed");
}

void commits_offsets(const place& at) {
  at.create("in");
  at.create("out");
  const std::string group = at.topic("group");
  producer first = at.writer("in");
  commit(first, at.topic("in"), "in-");
  consumer reader(at.with(
      {{"group.id", group}, {"auto.offset.reset", "earliest"}, {"enable.auto.commit", "false"}}));
  must(reader.subscribe({at.topic("in")}), "subscribe");
  producer writer = at.writer("out");
  partition_offsets committed;
  std::size_t copied = 0;
  for (bool commits = true; copied < count; commits = !commits) {
    const auto some = must(reader.poll(patience), "poll");
    check(!some.empty(), "nothing comes any more");
    must(writer.begin_transaction(), "begin");
    partition_offsets offsets;
    for (const record& each : some) {
      must(writer.produce({.topic = at.topic("out"), .value = each.value}), "produce");
      offsets[{std::string(each.topic), each.partition}].offset = each.offset + 1;
    }
    must(writer.send_offsets_to_transaction(offsets, reader.metadata()), "send offsets");
    if (!commits) {  // and is read again
      must(writer.abort_transaction(), "abort");
      for (const record& each : some) {
        const topic_partition where{std::string(each.topic), each.partition};
        const auto before = committed.find(where);
        must(reader.seek(where, before == committed.end() ? log_begin : before->second.offset),
             "seek");
      }
      continue;
    }
    must(writer.commit_transaction(), "commit");
    copied += some.size();
    for (auto& [where, offset] : offsets) {
      committed[where] = offset;
    }
  }
  std::vector<topic_partition> all;
  for (const auto& [where, offset] : committed) {
    all.push_back(where);
  }
  for (const auto& [where, offset] : must(reader.committed(all, patience), "committed")) {
    check(offset.offset == committed.at(where).offset, "another offset is committed");
  }
  check(read(at, at.topic("out")) == wanted("in-"), "the copies are others than the originals");
  must(reader.close(patience), "close");
}

void refuses_a_member_of_the_past(const place& at) {
  at.create("past");
  producer writer = at.writer("past");
  must(writer.begin_transaction(), "begin");
  const auto done = writer.send_offsets_to_transaction(
      {{{at.topic("past"), 0}, {.offset = 1}}},
      {.group_id = at.topic("past"), .generation = 5, .member_id = "somebody"});
  check(!done && done.error().requires_abort, "offsets of a stranger are taken");
  check(!writer.commit_transaction(), "it is committed all the same");
  must(writer.abort_transaction(), "abort");
  commit(writer, at.topic("past"), "after-");
}

void fences(const place& at) {
  at.create("fence");
  producer first = at.writer("fence");
  must(first.begin_transaction(), "begin");
  write(first, at.topic("fence"), "first-");
  must(first.flush(patience), "flush");
  producer second = at.writer("fence");
  commit(second, at.topic("fence"), "second-");
  const auto late = first.commit_transaction();
  check(!late && late.error().is_fatal, "the first is not fenced");
  check(!first.begin_transaction() && !first.abort_transaction(), "the first goes on");
  check(read(at, at.topic("fence")) == wanted("second-"), "records of the first are read");
}

void asynchronously(const place& at) {
  at.create("async");
  producer writer(at.with({{"transactional.id", at.topic("async")}}));
  const auto wait = [](awaitable<void> call) {
    std::promise<result<>> told;
    std::move(call).then([&](result<> done) { told.set_value(std::move(done)); });
    return told.get_future().get();
  };
  must(wait(writer.init_transactions_async()), "init");
  must(writer.begin_transaction(), "begin");
  write(writer, at.topic("async"), "async-");
  must(wait(writer.send_offsets_to_transaction_async({{{at.topic("async"), 0}, {.offset = 1}}},
                                                     {.group_id = at.topic("async")})),
       "send offsets");
  must(wait(writer.commit_transaction_async()), "commit");
  must(writer.begin_transaction(), "begin");
  write(writer, at.topic("async"), "aborted-");
  must(wait(writer.abort_transaction_async()), "abort");
  check(read(at, at.topic("async")) == wanted("async-"), "other records are read");
}

int open(const place& at) {
  at.create("killed");
  producer writer = at.writer("killed");
  must(writer.begin_transaction(), "begin");
  write(writer, at.topic("killed"), "open-");
  must(writer.flush(patience), "flush");
  std::cout << "open" << std::endl;
  std::this_thread::sleep_for(std::chrono::minutes(5));
  return 1;
}

void next(const place& at) {
  producer writer = at.writer("killed");
  commit(writer, at.topic("killed"), "next-");
  check(read(at, at.topic("killed")) == wanted("next-"), "what was left open is read");
}

int scenarios(const place& at) {
  constexpr std::pair<const char*, void (*)(const place&)> all[] = {
      {"commits-and-aborts", commits_and_aborts},
      {"one-after-the-other", one_after_the_other},
      {"commits-offsets", commits_offsets},
      {"refuses-a-member-of-the-past", refuses_a_member_of_the_past},
      {"fences", fences},
      {"asynchronously", asynchronously}};
  int failed = 0;
  for (const auto& [name, run] : all) {
    try {
      run(at);
      std::cout << "ok " << name << std::endl;
    } catch (const std::exception& problem) {
      ++failed;
      std::cout << "FAILED " << name << ' ' << problem.what() << std::endl;
    }
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int given, char** words) {
  const place at{words[1], words[2]};
  const std::string what = given > 3 ? words[3] : "";
  try {
    if (what == "open") {
      return open(at);
    }
    if (what == "next" || what == "init") {
      what == "next" ? next(at) : void(at.writer("init"));
      return 0;
    }
    return scenarios(at);
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
