// Against a table of assignments that the assignors of Apache Kafka 4.3's Java client made, with
// the bytes of its subscriptions (tests/data/client/README.md).
#include "client/assignor.h"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>
#include <set>
#include <sstream>

#include "client/group_protocol.h"

namespace barnabas::client {
namespace {

struct assignment_case {
  std::string line;  // where it stands
  const assignor* how = nullptr;
  group_topics topics;
  member_subscriptions members;
  std::vector<std::vector<std::byte>> bytes;  // of each member's subscription
  group_assignment expected;
};

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream in(list == "-" ? "" : list);
  for (std::string part; std::getline(in, part, ',');) {
    parts.push_back(part);
  }
  return parts;
}

rack_set racks_in(const std::string& list) {
  rack_set racks;
  std::istringstream in(list == "-" ? "" : list);
  for (std::string rack; std::getline(in, rack, '+');) {
    racks.insert(rack);
  }
  return racks;
}

std::vector<topic_partition> partitions_in(const std::string& list) {
  std::vector<topic_partition> all;
  for (const std::string& each : split(list)) {
    const auto dash = each.rfind('-');
    all.push_back({each.substr(0, dash), std::stoi(each.substr(dash + 1))});
  }
  return all;
}

std::vector<std::byte> bytes_of(const std::string& hex) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

void add_line(std::istringstream in, assignment_case& it) {
  std::string word;
  in >> word;
  if (word == "topics") {
    for (std::string each; in >> each;) {
      const auto equals = each.find('=');
      it.topics[each.substr(0, equals)].resize(std::stoul(each.substr(equals + 1)));
    }
  } else if (word == "racks") {
    std::string topic;
    std::string list;
    in >> topic >> list;
    std::ranges::transform(split(list), it.topics.at(topic).begin(), racks_in);
  } else if (word == "member") {
    member_subscription member;
    std::string topics;
    std::string owned;
    std::string hex;
    in >> member.member_id >> member.instance_id >> topics >> owned >> member.generation >> hex;
    in >> member.rack;
    member.rack = member.rack == "-" ? "" : member.rack;
    member.instance_id = member.instance_id == "-" ? "" : member.instance_id;
    member.topics = split(topics);
    std::ranges::sort(member.topics);  // as Java writes them
    member.owned = partitions_in(owned);
    it.members.push_back(std::move(member));
    it.bytes.push_back(bytes_of(hex));
  } else if (word == "assigned") {
    std::string member;
    std::string list;
    in >> member >> list;
    it.expected[member] = partitions_in(list);
  }
}

std::vector<assignment_case> java_cases() {
  std::vector<assignment_case> all;
  for (const std::string name : {"assignments.txt", "assignments_with_racks.txt"}) {
    std::ifstream file(BARNABAS_TEST_DATA "/client/" + name);
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      if (line.starts_with("case ")) {
        all.push_back(
            {.line = name + ":" + std::to_string(number), .how = find_assignor(line.substr(5))});
      } else {
        add_line(std::istringstream(line), all.back());
      }
    }
  }
  EXPECT_GT(all.size(), 200U);
  return all;
}

bool is_sticky(const assignment_case& it) {
  return it.how->is_cooperative || it.how->owned_in == ownership_place::sticky_user_data;
}

std::vector<std::size_t> loads_of(const group_assignment& assigned) {
  std::vector<std::size_t> loads;
  for (const auto& [member, partitions] : assigned) {
    loads.push_back(partitions.size());
  }
  std::ranges::sort(loads);
  return loads;
}

std::size_t total(const group_assignment& assigned) {
  const auto loads = loads_of(assigned);
  return std::accumulate(loads.begin(), loads.end(), std::size_t{0});
}

std::size_t kept(const assignment_case& it, const group_assignment& assigned) {
  std::size_t count = 0;
  for (const member_subscription& member : it.members) {
    const auto& has = assigned.at(member.member_id);
    count += static_cast<std::size_t>(std::ranges::count_if(
        member.owned, [&](const auto& each) { return std::ranges::find(has, each) != has.end(); }));
  }
  return count;
}

// How many partitions are read by members in a rack of theirs.
std::ptrdiff_t close(const assignment_case& it, const group_assignment& assigned) {
  std::ptrdiff_t count = 0;
  for (const member_subscription& member : it.members) {
    count += std::ranges::count_if(assigned.at(member.member_id), [&](const auto& each) {
      const auto index = static_cast<std::size_t>(each.partition);
      return it.topics.at(each.topic)[index].contains(member.rack);
    });
  }
  return count;
}

TEST(assignors, range_and_round_robin_give_what_javas_give) {
  for (const assignment_case& it : java_cases()) {
    if (!is_sticky(it)) {
      EXPECT_EQ(it.how->assign(it.members, it.topics), it.expected) << it.line;
    }
  }
}

// Which of several members keeps one partition more depends in Java on the order of a hash table.
TEST(assignors, sticky_ones_are_as_balanced_and_as_sticky_as_javas) {
  for (const assignment_case& it : java_cases()) {
    const auto assigned = it.how->assign(it.members, it.topics);
    const bool is_whole = total(assigned) == total(assign_sticky(it.members, it.topics)) &&
                          total(assigned) == total(it.expected);
    if (is_sticky(it) && is_whole) {  // nothing is held back
      EXPECT_EQ(loads_of(assigned), loads_of(it.expected)) << it.line;
      EXPECT_GE(close(it, assigned), close(it, it.expected)) << it.line;
    }
    const bool keeps_as_many = is_whole ? close(it, assigned) <= close(it, it.expected)
                                        : it.line.starts_with("assignments.txt");
    if (is_sticky(it) && keeps_as_many) {
      EXPECT_GE(kept(it, assigned), kept(it, it.expected)) << it.line;
    }
  }
}

TEST(assignors, fresh_groups_of_equal_members_get_what_javas_give) {
  int seen = 0;
  for (const assignment_case& it : java_cases()) {
    const bool is_fresh = std::ranges::all_of(it.members, [&](const auto& each) {
      return each.generation < 0 && each.topics == it.members.front().topics;
    });
    if (is_sticky(it) && is_fresh) {
      ++seen;
      EXPECT_EQ(it.how->assign(it.members, it.topics), it.expected) << it.line;
    }
  }
  EXPECT_GT(seen, 10);
}

TEST(assignors, a_partition_has_one_reader_who_subscribes_to_it) {
  for (const assignment_case& it : java_cases()) {
    for (const assignor& how : assignors()) {
      std::set<topic_partition> seen;
      for (const auto& [id, partitions] : how.assign(it.members, it.topics)) {
        const auto member = std::ranges::find(it.members, id, &member_subscription::member_id);
        for (const topic_partition& each : partitions) {
          EXPECT_TRUE(seen.insert(each).second) << it.line << " " << each.to_string();
          EXPECT_NE(std::ranges::find(member->topics, each.topic), member->topics.end());
        }
      }
      std::size_t wanted = 0;
      for (const auto& [topic, racks] : it.topics) {
        const bool is_read = std::ranges::any_of(it.members, [&](const auto& each) {
          return std::ranges::find(each.topics, topic) != each.topics.end();
        });
        wanted += is_read ? racks.size() : 0;
      }
      if (how.is_cooperative) {
        EXPECT_LE(seen.size(), wanted);
      } else {
        EXPECT_EQ(seen.size(), wanted) << it.line << " " << how.name;
      }
    }
  }
}

TEST(assignors, cooperative_members_settle_when_they_join_again) {
  for (assignment_case& it : java_cases()) {
    std::int32_t generation = 100;
    group_assignment last;
    for (int round = 0; round < 3; ++round, ++generation) {
      last = assign_cooperatively(it.members, it.topics);
      for (member_subscription& member : it.members) {
        std::erase_if(member.owned, [&](const auto& each) {
          return std::ranges::find(last.at(member.member_id), each) ==
                 last.at(member.member_id).end();
        });
        member.owned = last.at(member.member_id);
        member.generation = generation;
      }
    }
    EXPECT_EQ(last, assign_sticky(it.members, it.topics)) << it.line;
  }
}

TEST(assignors, a_partition_that_two_claim_goes_to_the_newer_claim) {
  const member_subscription old{"a", "", {"t"}, {{"t", 0}, {"t", 1}}, 3};
  const member_subscription fresh{"b", "", {"t"}, {{"t", 1}}, 4};
  EXPECT_EQ(assign_sticky({old, fresh}, {{"t", {{}, {}}}}),
            (group_assignment{{"a", {{"t", 0}}}, {"b", {{"t", 1}}}}));
}

TEST(group_protocol, subscriptions_have_the_bytes_of_javas) {
  for (const assignment_case& it : java_cases()) {
    for (std::size_t i = 0; i < it.members.size(); ++i) {
      const auto& member = it.members[i];
      member_subscription read{member.member_id, member.instance_id};
      ASSERT_TRUE(read_subscription(it.bytes[i], *it.how, read)) << it.line;
      EXPECT_EQ(read.topics, member.topics) << it.line;
      EXPECT_EQ(read.owned, is_sticky(it) ? member.owned : std::vector<topic_partition>());
      EXPECT_EQ(read.generation, member.generation);
      EXPECT_EQ(read.rack, member.rack);
      const auto written = subscription_bytes(member, *it.how);
      EXPECT_EQ(written.size(), it.bytes[i].size()) << it.line;
      if (it.topics.size() == 1) {  // the order of topics is that of a hash table in Java
        EXPECT_EQ(written, it.bytes[i]) << it.line;
      }
    }
  }
}

TEST(group_protocol, bears_every_prefix_and_every_flipped_byte) {
  const member_subscription member{"a", "", {"t", "u"}, {{"t", 0}, {"u", 2}}, 3, "rack"};
  for (const assignor& how : assignors()) {
    const auto whole = subscription_bytes(member, how);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      member_subscription read;
      EXPECT_FALSE(read_subscription(bytes_view(whole).first(i), how, read)) << how.name << i;
      auto flipped = whole;
      flipped[i] ^= std::byte{0x80};
      (void)read_subscription(flipped, how, read);
      (void)read_assignment(flipped);
    }
  }
}

TEST(group_protocol, assignments_are_read_back_and_nothing_is_nothing) {
  const std::vector<topic_partition> some{{"t", 0}, {"t", 5}, {"u", 1}};
  EXPECT_EQ(read_assignment(assignment_bytes(some)).value(), some);
  EXPECT_TRUE(read_assignment({}).value().empty());
  EXPECT_EQ(read_assignment(bytes_of("00")).error().message, "an assignment without a version");
}

}  // namespace
}  // namespace barnabas::client
