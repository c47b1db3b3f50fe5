#include "storage/cleaned_transactions.h"

#include <algorithm>

#include "record/control_record.h"
#include "record/record_reader.h"

namespace barnabas::storage {

cleaned_transactions::cleaned_transactions(std::vector<transaction_index_entry> aborted)
    : aborted_(std::move(aborted)) {
  std::ranges::sort(aborted_, {}, &transaction_index_entry::first_offset);
}

void cleaned_transactions::begin_aborts_up_to(std::int64_t offset) {
  for (; next_aborted_ < aborted_.size() && aborted_[next_aborted_].first_offset <= offset;
       ++next_aborted_) {
    const transaction_index_entry& entry = aborted_[next_aborted_];
    const auto [open, is_new] = aborting_.try_emplace(entry.producer_id, open_abort{entry});
    // The marker of an earlier one may lie before the batches of this pass.
    if (!is_new && open->second.entry.last_offset < entry.first_offset) {
      open->second = open_abort{entry};
    }
  }
}

bool cleaned_transactions::is_aborted(const record::batch_header& batch) {
  begin_aborts_up_to(batch.last_offset());
  if (!batch.is_transactional()) {
    return false;
  }
  const auto open = aborting_.find(batch.producer_id());
  // Nothing behind its marker belongs to a transaction, whatever became of the marker.
  if (open == aborting_.end() || open->second.entry.last_offset < batch.base_offset()) {
    committing_.insert(batch.producer_id());
    return false;
  }
  open->second.was_seen = true;
  return true;
}

result<cleaned_transactions::marker_state> cleaned_transactions::take_marker(
    const record::batch_view& batch) {
  begin_aborts_up_to(batch.last_offset());
  record::record_reader reader(batch);
  const auto first = reader.next();
  if (!first) {
    return std::unexpected(first.error());
  }
  if (!*first) {
    return marker_state{.is_obsolete = true};  // an earlier round emptied it
  }
  const auto type = record::control_type_of(**first);
  if (!type) {
    return std::unexpected(type.error());
  }
  switch (*type) {
    case record::control_type::abort: {
      const auto open = aborting_.extract(batch.producer_id());
      if (open.empty() || !open.mapped().was_seen) {
        return marker_state{.is_obsolete = true};
      }
      return marker_state{.aborted = open.mapped().entry};
    }
    case record::control_type::commit:
      return marker_state{.is_obsolete = committing_.erase(batch.producer_id()) == 0};
    case record::control_type::unknown:
      break;
  }
  return marker_state{};
}

}  // namespace barnabas::storage
