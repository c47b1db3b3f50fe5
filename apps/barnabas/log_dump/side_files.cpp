#include "log_dump/side_files.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "broker/properties.h"
#include "frame/outside_world.h"
#include "frame/table.h"
#include "storage/leader_epoch_cache.h"
#include "storage/log_file_names.h"
#include "storage/meta_properties.h"
#include "storage/offset_checkpoint.h"
#include "storage/offset_index.h"
#include "storage/producer_snapshot.h"
#include "storage/time_index.h"
#include "storage/transaction_index.h"

namespace barnabas::app {
namespace {

constexpr std::int64_t most_bytes = std::int64_t{1} << 30;

// A file that was read: its name says the offset where its segment begins.
struct side_file {
  const std::string& path;
  std::string_view text;
  std::int64_t base_offset = 0;

  bytes_view bytes() const { return as_bytes(text); }
};

// Whole entries up to a blank one; what a crash of Kafka leaves behind is no entry.
template <class Entry, class Use>
void for_each_entry(bytes_view bytes, Use use) {
  for (std::size_t at = 0; at + Entry::encoded_bytes <= bytes.size(); at += Entry::encoded_bytes) {
    const Entry entry = Entry::decode(bytes.data() + at);
    if constexpr (requires { entry.is_blank(); }) {
      if (entry.is_blank()) {
        return;
      }
    }
    use(entry);
  }
}

outcome<table> offset_index(const side_file& file) {
  table rows({{"OFFSET", "offset"}, {"POSITION", "position"}});
  for_each_entry<storage::offset_index_entry>(file.bytes(), [&](const auto& entry) {
    rows.add({number_cell(file.base_offset + entry.relative_offset), number_cell(entry.position)});
  });
  return rows;
}

outcome<table> time_index(const side_file& file) {
  table rows({{"TIME", "timestamp"}, {"OFFSET", "offset"}});
  for_each_entry<storage::time_index_entry>(file.bytes(), [&](const auto& entry) {
    rows.add({time_cell(entry.timestamp), number_cell(file.base_offset + entry.relative_offset)});
  });
  return rows;
}

outcome<table> transaction_index(const side_file& file) {
  table rows({{"PRODUCER", "producer_id"},
              {"FIRST", "first_offset"},
              {"LAST", "last_offset"},
              {"LAST STABLE", "last_stable_offset"}});
  for_each_entry<storage::transaction_index_entry>(file.bytes(), [&](const auto& entry) {
    rows.add({number_cell(entry.producer_id), number_cell(entry.first_offset),
              number_cell(entry.last_offset), number_cell(entry.last_stable_offset)});
  });
  return rows;
}

outcome<table> producer_snapshot(const side_file& file) {
  storage::producer_state state;
  const auto decoded =
      storage::decode_snapshot(file.bytes(), 0, std::numeric_limits<std::int64_t>::max(), state);
  if (!decoded) {
    return fail_with(decoded.error(), file.path + ": ");
  }
  table rows({{"PRODUCER", "producer_id"},
              {"EPOCH", "producer_epoch"},
              {"LAST SEQUENCE", "last_sequence"},
              {"LAST OFFSET", "last_offset"},
              {"NEWEST", "last_timestamp"},
              {"COORDINATOR EPOCH", "coordinator_epoch"},
              {"TRANSACTION BEGIN", "transaction_first_offset"},
              {"BATCHES", "batches"}});
  const std::map sorted(state.producers().begin(), state.producers().end());
  for (const auto& [id, producer] : sorted) {
    const bool is_open =
        producer.transaction_first_offset != storage::producer_entry::no_transaction;
    rows.add({number_cell(id), number_cell(producer.epoch), number_cell(producer.last_sequence()),
              number_cell(producer.last_offset()), time_cell(producer.last_timestamp),
              number_cell(producer.coordinator_epoch),
              is_open ? number_cell(producer.transaction_first_offset) : no_value(),
              number_cell(producer.batch_count)});
  }
  return rows;
}

outcome<table> leader_epochs(const side_file& file) {
  const auto epochs = storage::leader_epoch_cache::parse(file.text, file.path);
  if (!epochs) {
    return fail_with(epochs.error());
  }
  table rows({{"EPOCH", "leader_epoch"}, {"BEGIN", "start_offset"}});
  for (const storage::leader_epoch_entry& entry : epochs->entries()) {
    rows.add({number_cell(entry.epoch), number_cell(entry.start_offset)});
  }
  return rows;
}

outcome<table> offset_checkpoint(const side_file& file) {
  const auto offsets = storage::parse_offsets(file.text, file.path);
  if (!offsets) {
    return fail_with(offsets.error());
  }
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> sorted;
  for (const auto& [partition, offset] : *offsets) {
    sorted[{partition.topic, partition.partition}] = offset;
  }
  table rows({{"TOPIC", "topic"}, {"PARTITION", "partition"}, {"OFFSET", "offset"}});
  for (const auto& [partition, offset] : sorted) {
    rows.add({text_cell(partition.first), number_cell(partition.second), number_cell(offset)});
  }
  return rows;
}

outcome<table> properties(const side_file& file) {
  const auto lines = broker::parse_properties(file.text);
  if (!lines) {
    return fail_with(lines.error(), file.path + ": ");
  }
  table rows({{"NAME", "name"}, {"VALUE", "value"}});
  for (const broker::property& line : *lines) {
    rows.add({text_cell(line.key), text_cell(line.value)});
  }
  return rows;
}

struct file_kind {
  std::string_view ending;  // of the name
  outcome<table> (*read)(const side_file&);
};
constexpr std::array kinds{
    file_kind{storage::suffix::offset_index, offset_index},
    file_kind{storage::suffix::time_index, time_index},
    file_kind{storage::suffix::transaction_index, transaction_index},
    file_kind{storage::suffix::producer_snapshot, producer_snapshot},
    file_kind{storage::leader_epoch_file_name, leader_epochs},
    file_kind{storage::recovery_point_checkpoint, offset_checkpoint},
    file_kind{storage::high_watermark_checkpoint, offset_checkpoint},
    file_kind{storage::log_start_checkpoint, offset_checkpoint},
    file_kind{storage::cleaner_checkpoint, offset_checkpoint},
    file_kind{storage::meta_properties_name, properties},
    file_kind{"partition.metadata", properties},
};

const file_kind* kind_of(std::string_view name) {
  const auto found =
      std::ranges::find_if(kinds, [&](const file_kind& one) { return name.ends_with(one.ending); });
  return found == kinds.end() ? nullptr : &*found;
}

}  // namespace

bool is_side_file(std::string_view name) {
  return kind_of(name) != nullptr;
}

outcome<> dump_side_file(const std::string& path, std::string_view name, bool is_json) {
  const auto text = files().read_text(path, most_bytes);
  if (!text) {
    return fail_with(text.error());
  }
  const auto parsed = storage::parse_log_file_name(name);
  const auto rows = kind_of(name)->read({path, *text, parsed ? parsed->offset : 0});
  if (!rows) {
    return std::unexpected(rows.error());
  }
  rows->print(standard_out(), is_json);
  return {};
}

}  // namespace barnabas::app
