#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cluster/detail/controller_state.h"
#include "cluster/detail/named_twice.h"
#include "cluster/detail/topic_nodes.h"
#include "runtime/shard.h"

namespace barnabas::cluster {

using runtime::task;

namespace {

std::unexpected<error> refuse_cordoned() {
  return fail(error_code::invalid_replication_factor, "all log directories are cordoned");
}

std::unexpected<error> refuse_marked(const std::string& name) {
  return fail(error_code::topic_already_exists,
              fmt::format("topic '{}' is marked for deletion", name));
}

// Metrics' and tools' command lines take an id that starts with '-' for an option, so such ids are
// not made.
uuid new_topic_id() {
  runtime::shard& shard = runtime::shard::current();
  while (true) {
    const uuid id = uuid::from_random(shard.random(), shard.random());
    if (!id.is_zero() && id.to_string().front() != '-') {
      return id;
    }
  }
}

result<> ask(const mutation_gate& gate, std::size_t partitions) {
  return gate ? gate(static_cast<std::int64_t>(partitions)) : result<>();
}

}  // namespace

task<std::vector<result<>>> controller::state::open(std::vector<topic_ptr> topics,
                                                    std::size_t first) {
  std::vector<partition_to_open> here;
  std::vector<std::size_t> owners;  // of each of them, the number of its topic
  for (std::size_t i = 0; i < topics.size(); ++i) {
    for (std::size_t index = first; index < topics[i]->partitions.size(); ++index) {
      if (topics[i]->partitions[index].replicas.contains(options.broker_id)) {
        here.push_back({topics[i], static_cast<std::int32_t>(index), true});
        owners.push_back(i);
      }
    }
  }
  const auto outcomes = co_await host.open_partitions(here);
  std::vector<result<>> answers(topics.size());
  for (std::size_t i = 0; i < here.size(); ++i) {
    if (!outcomes[i]) {
      auto changed = std::make_shared<topic>(*topics[owners[i]]);
      changed->partitions[here[i].index].leader = no_leader;
      topics[owners[i]] = std::move(changed);
      answers[owners[i]] = outcomes[i];
    }
  }
  co_await publish([&](image& next) {
    for (const topic_ptr& one : topics) {
      next.topics.put(one);
    }
  });
  co_return answers;
}

std::vector<result<created_topic>> controller::state::plan_topics(
    const std::vector<new_topic>& topics, const mutation_gate& gate) const {
  const auto twice = named_twice(topics, [](const new_topic& one) { return one.name; });
  std::int64_t asked = 0;
  for (const new_topic& wanted : topics) {
    asked += detail::asked_partitions(wanted, defaults());
  }
  if (auto few = detail::check_partitions_at_once(asked); !few) {
    return {topics.size(), std::unexpected(few.error())};
  }
  std::vector<result<created_topic>> plans;
  image planned = *newest;  // so that topics of one request see each other
  for (const new_topic& wanted : topics) {
    if (twice.contains(wanted.name)) {
      plans.push_back(detail::refuse_twice(wanted.name));
      continue;
    }
    auto plan = detail::plan_topic(planned, wanted, defaults(), new_topic_id(),
                                   runtime::shard::current().random());
    if (plan && std::ranges::find(deletions, wanted.name) != deletions.end()) {
      plan = refuse_marked(wanted.name);
    }
    if (plan && !host.takes_new_partitions()) {
      plan = refuse_cordoned();
    }
    if (!plan) {
      plans.push_back(std::unexpected(std::move(plan.error())));
      continue;
    }
    if (auto allowed = ask(gate, plan->partitions.size()); !allowed) {
      plans.push_back(std::unexpected(std::move(allowed.error())));
      continue;
    }
    const auto made = std::make_shared<const topic>(std::move(*plan));
    planned.topics.put(made);
    plans.push_back(created_topic{made});
  }
  return plans;
}

task<std::vector<result<>>> controller::state::write_and_open(std::vector<topic_ptr> topics) {
  auto outcomes = co_await detail::write_new_topics(*session, topics, term);
  std::vector<topic_ptr> written;
  std::vector<std::size_t> owners;  // of each of them, the number of its outcome
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i]) {
      written.push_back(topics[i]);
      owners.push_back(i);
    }
  }
  auto opened = co_await open(written, 0);
  for (std::size_t i = 0; i < opened.size(); ++i) {
    log(log_level::info, "cluster", "created topic",
        {field("topic", written[i]->name), field("id", written[i]->id.to_string()),
         field("partitions", written[i]->partitions.size())});
    outcomes[owners[i]] = std::move(opened[i]);
  }
  co_return outcomes;
}

task<std::vector<result<created_topic>>> controller::state::create_topics(
    std::vector<new_topic> topics, bool validate_only, mutation_gate gate) {
  std::vector<result<created_topic>> answers =
      plan_topics(topics, validate_only ? mutation_gate() : gate);
  std::vector<topic_ptr> planned;
  std::vector<std::size_t> owners;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i]) {
      planned.push_back(answers[i]->topic);
      owners.push_back(i);
    }
  }
  if (validate_only || planned.empty()) {
    co_return answers;
  }
  const auto outcomes = co_await write_and_open(std::move(planned));
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i]) {
      answers[owners[i]] = std::unexpected(outcomes[i].error());
    }
  }
  co_return answers;
}

task<result<producer_id_block>> controller::state::take_producer_ids() {
  const auto range = co_await detail::take_producer_ids(*session, options.broker_id);
  if (!range) {
    co_return std::unexpected(range.error());
  }
  co_return producer_id_block{range->first,
                              static_cast<std::int32_t>(range->last - range->first + 1)};
}

task<std::vector<result<topic_ptr>>> controller::state::delete_topics(
    std::vector<topic_to_delete> topics, mutation_gate gate) {
  std::vector<result<topic_ptr>> answers;
  for (const topic_to_delete& wanted : topics) {
    answers.push_back(co_await delete_topic(wanted, gate));
  }
  co_return answers;
}

task<result<topic_ptr>> controller::state::delete_topic(topic_to_delete wanted,
                                                        mutation_gate gate) {
  auto found = detail::find_to_delete(*newest, wanted, options.is_topic_deletion_enabled);
  if (!found) {
    co_return found;
  }
  const topic_ptr doomed = *found;
  if (auto allowed = ask(gate, doomed->partitions.size()); !allowed) {
    co_return std::unexpected(std::move(allowed.error()));
  }
  // From here on a restart finishes what a crash interrupts.
  if (auto marked = co_await detail::mark_for_deletion(*session, doomed->name, term); !marked) {
    co_return std::unexpected(marked.error());
  }
  deletions.push_back(doomed->name);
  co_await publish([&](image& next) { next.topics.remove(doomed->name); });
  if (auto finished = co_await finish_deletion(doomed->name, doomed); !finished) {
    co_return std::unexpected(finished.error());
  }
  co_return doomed;
}

task<result<>> controller::state::finish_deletion(std::string name, topic_ptr doomed) {
  if (doomed && !co_await host.delete_topic(doomed)) {
    log(log_level::warn, "cluster",
        "a topic stays marked for deletion: a log directory with its logs cannot be used",
        {field("topic", name)});
    co_return {};
  }
  if (auto removed = co_await detail::remove_topic(*session, name, term); !removed) {
    co_return removed;
  }
  std::erase(deletions, name);
  log(log_level::info, "cluster", "deleted topic",
      {field("topic", name), field("id", doomed ? doomed->id.to_string() : "unknown")});
  co_return {};
}

task<std::vector<result<>>> controller::state::create_partitions(
    std::vector<more_partitions> changes, bool validate_only, mutation_gate gate) {
  const auto twice = named_twice(changes, [](const more_partitions& one) { return one.topic; });
  std::int64_t asked = 0;
  for (const more_partitions& change : changes) {
    asked += detail::asked_partitions(*newest, change);
  }
  if (auto few = detail::check_partitions_at_once(asked); !few) {
    co_return std::vector<result<>>(changes.size(), few);
  }
  std::vector<result<>> answers;
  for (const more_partitions& change : changes) {
    if (twice.contains(change.topic)) {
      answers.push_back(detail::refuse_twice(change.topic));
    } else {
      answers.push_back(co_await create_partitions(change, validate_only, gate));
    }
  }
  co_return answers;
}

task<result<>> controller::state::create_partitions(more_partitions change, bool validate_only,
                                                    mutation_gate gate) {
  auto plan =
      detail::plan_more_partitions(*newest, change, term.epoch, runtime::shard::current().random());
  if (plan && !host.takes_new_partitions()) {
    plan = refuse_cordoned();
  }
  if (!plan) {
    co_return std::unexpected(std::move(plan.error()));
  }
  if (validate_only) {
    co_return {};
  }
  const std::size_t had = newest->find_topic(change.topic)->partitions.size();
  const auto grown = std::make_shared<const topic>(std::move(*plan));
  if (auto allowed = ask(gate, grown->partitions.size() - had); !allowed) {
    co_return allowed;
  }
  if (auto written = co_await detail::write_more_partitions(*session, grown,
                                                            static_cast<std::int32_t>(had), term);
      !written) {
    co_return written;
  }
  const auto opened = co_await open({grown}, had);
  if (!opened.front()) {
    co_return opened.front();
  }
  log(log_level::info, "cluster", "added partitions",
      {field("topic", grown->name), field("from", had), field("to", grown->partitions.size())});
  co_return {};
}

}  // namespace barnabas::cluster
