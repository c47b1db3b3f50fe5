#include "groups/group_model.h"

#include <algorithm>

namespace barnabas::trial {

group_model::group_model(const group_plan& plan) : plan_(plan), holdings_(plan.members.size()) {}

void group_model::stir(std::int64_t value) {
  hash_ = (hash_ ^ static_cast<std::uint64_t>(value)) * 0x100000001b3 + 1;
}

void group_model::owns(const member_plan& who, const std::string& identity, std::int32_t generation,
                       std::set<std::int32_t> partitions) {
  auto& owners = owners_[{who.group, generation}];
  for (const std::int32_t partition : partitions) {
    const auto [place, is_new] = owners.try_emplace(partition, identity);
    if (!is_new && place->second != identity) {
      fail("one_owner", fmt::format("group {} generation {} partition {}: {} and {}", who.group,
                                    generation, partition, place->second, identity));
    }
    stir(generation * 100 + partition);
  }
  holdings_[static_cast<std::size_t>(who.number)] = {generation, std::move(partitions)};
}

void group_model::gave_up(const member_plan& who) {
  holdings_[static_cast<std::size_t>(who.number)].reset();
}

group_model::bounds& group_model::at(int group, std::int32_t partition) {
  return offsets_[{group, partition}];
}

std::int64_t group_model::lowest(int group, std::int32_t partition) const {
  const auto found = offsets_.find({group, partition});
  return found == offsets_.end() ? -1 : found->second.low;
}

void group_model::committing(int group, std::int32_t partition, std::int64_t offset) {
  bounds& known = at(group, partition);
  known.high = std::max(known.high, offset);
}

void group_model::committed(int group, std::int32_t partition, std::int64_t offset) {
  bounds& known = at(group, partition);
  known.low = std::max(known.low, offset);
  ++commits_;
  stir(offset);
}

void group_model::fetched(int group, std::int32_t partition, std::int64_t offset,
                          std::int64_t low) {
  bounds& known = at(group, partition);
  if (offset < low || offset > known.high) {
    fail("commits_never_go_back", fmt::format("group {} partition {}: {} after {}, sent were {}",
                                              group, partition, offset, low, known.high));
  }
  known.low = std::max(known.low, offset);
  stir(offset);
}

bool group_model::is_settled(int group) const {
  std::set<std::int32_t> generations;
  std::set<std::int32_t> partitions;
  for (const member_plan& each : plan_.members) {
    if (each.group != group) {
      continue;
    }
    const auto& held = holdings_[static_cast<std::size_t>(each.number)];
    if (!held) {
      return false;
    }
    generations.insert(held->generation);
    partitions.insert(held->partitions.begin(), held->partitions.end());
  }
  return generations.size() == 1 && static_cast<int>(partitions.size()) == plan_.partitions;
}

bool group_model::is_settled() const {
  for (int group = 0; group < plan_.groups; ++group) {
    if (!is_settled(group)) {
      return false;
    }
  }
  return true;
}

std::string group_model::unsettled_text() const {
  std::string text;
  for (const member_plan& each : plan_.members) {
    const auto& held = holdings_[static_cast<std::size_t>(each.number)];
    text += fmt::format(" member {} of group {}: {}", each.number, each.group,
                        held ? fmt::format("generation {}, {} partitions;", held->generation,
                                           held->partitions.size())
                             : std::string("nothing;"));
  }
  return text;
}

}  // namespace barnabas::trial
