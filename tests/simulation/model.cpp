#include "model.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace barnabas::trial {
namespace {

char padding_of(std::int32_t partition, record_id id) {
  return static_cast<char>('a' + (partition * 7 + id.producer * 5 + id.n) % 26);
}

// Takes a number and the slash behind it from the front of the text.
template <class T>
bool take_number(std::string_view& text, T& into) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), into);
  const auto taken = static_cast<std::size_t>(end - text.data());
  if (problem != std::errc() || taken >= text.size() || text[taken] != '/') {
    return false;
  }
  text.remove_prefix(taken + 1);
  return true;
}

}  // namespace

std::string value_of(std::int32_t partition, record_id id, int padding_bytes) {
  return fmt::format("{}/{}/{}/", id.producer, partition, id.n) +
         std::string(static_cast<std::size_t>(padding_bytes), padding_of(partition, id));
}

parsed_value parse_value(bytes_view value) {
  parsed_value parsed;
  std::string_view text = as_text(value);
  if (take_number(text, parsed.id.producer) && take_number(text, parsed.partition) &&
      take_number(text, parsed.id.n)) {
    const char expected = padding_of(parsed.partition, parsed.id);
    parsed.is_whole = std::ranges::all_of(text, [expected](char c) { return c == expected; });
  }
  return parsed;
}

std::string to_text(record_id id) {
  return fmt::format("record {} of producer {}", id.n, id.producer);
}

model::model(int partitions, std::vector<bool> idempotent_producers)
    : partitions_(static_cast<std::size_t>(partitions)),
      is_idempotent_(std::move(idempotent_producers)) {}

void model::stir(std::uint64_t value) {
  hash_ = (hash_ ^ value) * 0x100000001b3 + 1;
}

void model::acknowledged(std::int32_t partition, std::int64_t offset, record_id id,
                         int power_losses) {
  ++acknowledged_records_;
  stir(static_cast<std::uint64_t>(offset));
  auto& at = partitions_[static_cast<std::size_t>(partition)];
  const acknowledgement told{id, power_losses};
  if (offset < 0) {
    at.acknowledged_somewhere.push_back(told);
    return;
  }
  const auto [place, is_new] = at.acknowledged.try_emplace(offset, told);
  if (is_new || place->second.id == id) {
    return;
  }
  if (must_survive(place->second)) {
    if (!must_survive(told)) {
      return;
    }
    fail("acknowledged_survives",
         fmt::format("partition {} offset {} was acknowledged for {} and then for {}", partition,
                     offset, to_text(place->second.id), to_text(id)));
  }
  place->second = told;
}

void model::seen(std::int32_t partition, std::int64_t offset, record_id id, int power_losses) {
  ++seen_records_;
  stir(static_cast<std::uint64_t>(offset) * 31);
  auto& sights = partitions_[static_cast<std::size_t>(partition)].seen[offset];
  for (sight& each : sights) {
    if (each.id == id) {
      each.power_losses = std::max(each.power_losses, power_losses);
      return;
    }
  }
  sights.push_back({id, power_losses});
}

// acks=1 promises to survive a kill, not a power loss.
bool model::must_survive(const acknowledgement& told) const {
  return is_idempotent_[static_cast<std::size_t>(told.id.producer)] ||
         told.power_losses == power_losses_;
}

void model::compare(std::int32_t index, const std::vector<record_id>& log) {
  const auto& at = partitions_[static_cast<std::size_t>(index)];
  const std::string name = fmt::format("partition {}", index);
  compare_acknowledged(at, name, log);
  compare_order(name, log);
  compare_seen(at, name, log);
}

void model::compare_acknowledged(const partition& at, const std::string& name,
                                 const std::vector<record_id>& log) {
  for (const auto& [offset, told] : at.acknowledged) {
    if (!must_survive(told)) {
      continue;
    }
    if (offset >= static_cast<std::int64_t>(log.size())) {
      fail("acknowledged_survives", fmt::format("{} offset {}: {} is gone, the log ends at {}",
                                                name, offset, to_text(told.id), log.size()));
    } else if (const record_id there = log[static_cast<std::size_t>(offset)]; there != told.id) {
      fail("acknowledged_survives", fmt::format("{} offset {}: {} instead of {}", name, offset,
                                                to_text(there), to_text(told.id)));
    }
  }
  for (const acknowledgement& told : at.acknowledged_somewhere) {
    if (must_survive(told) && std::ranges::find(log, told.id) == log.end()) {
      fail("acknowledged_survives", fmt::format("{}: {} is nowhere", name, to_text(told.id)));
    }
  }
}

void model::compare_order(const std::string& name, const std::vector<record_id>& log) {
  std::set<record_id> all;
  std::map<std::int32_t, std::int64_t> last;
  for (const record_id id : log) {
    if (!all.insert(id).second) {
      fail("no_duplicate", fmt::format("{}: {} is there twice", name, to_text(id)));
    } else if (const auto found = last.find(id.producer);
               found != last.end() && found->second > id.n) {
      fail("order_kept",
           fmt::format("{}: {} after its record {}", name, to_text(id), found->second));
    }
    last[id.producer] = id.n;
  }
}

// What a reader saw is still there if no power was lost since; what was acknowledged by then it saw
// as it is.
void model::compare_seen(const partition& at, const std::string& name,
                         const std::vector<record_id>& log) {
  for (const auto& [offset, sights] : at.seen) {
    const bool is_there = offset < static_cast<std::int64_t>(log.size());
    for (const sight& each : sights) {
      if (is_there && log[static_cast<std::size_t>(offset)] == each.id) {
        continue;
      }
      const auto told = at.acknowledged.find(offset);
      const bool was_acknowledged = told != at.acknowledged.end() && must_survive(told->second) &&
                                    each.power_losses >= told->second.power_losses;
      if (each.power_losses == power_losses_ || was_acknowledged) {
        fail("reader_saw_prefix", fmt::format("{} offset {}: a reader saw {}, which is not there",
                                              name, offset, to_text(each.id)));
      }
    }
  }
}

}  // namespace barnabas::trial
