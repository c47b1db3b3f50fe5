#include "storage/detail/flush_round.h"

#include <algorithm>
#include <cerrno>

#include "storage/log_directory_rewrite.h"
#include "storage/log_file_names.h"

namespace barnabas::storage::detail {
namespace {

bool is_out_of_files(const error& reason) {
  return reason.system_error == EMFILE || reason.system_error == ENFILE;
}

// Before anything was synced: a full disk says nothing about what is on it.
void note_write(flushed_log& flushed, result<> outcome) {
  flushed.outcome = std::move(outcome);
  flushed.is_final = !flushed.outcome && !is_out_of_files(flushed.outcome.error()) &&
                     flushed.outcome.error().system_error != ENOSPC &&
                     flushed.outcome.error().system_error != EDQUOT;
}

void note_sync(flushed_log& flushed, const result<>& outcome) {
  flushed.outcome = outcome;
  flushed.is_final = !outcome && !is_out_of_files(outcome.error());
}

std::string epochs_path(const flush_work& work) {
  return work.folder + '/' + std::string(leader_epoch_file_name);
}
std::string new_epochs_path(const flush_work& work) {
  return epochs_path(work) + ".tmp";
}

result<> write_new_epochs(runtime::file_system& files, const flush_work& work) {
  const auto opened = files.open(new_epochs_path(work), runtime::open_mode::create);
  if (!opened) {
    return std::unexpected(opened.error());
  }
  if (auto emptied = (*opened)->truncate(0); !emptied) {
    return emptied;
  }
  return (*opened)->write_at(as_bytes(work.epochs), 0);
}

}  // namespace

void sync_log(runtime::file_system& files, const std::string& directory, flushed_log& flushed) {
  note_write(flushed, flushed.work.write_epochs(files));
  if (flushed.outcome) {
    note_sync(flushed, flushed.work.sync(files));
  }
  if (flushed.is_final) {
    note_failed_sync(files, directory);
  }
}

// The new leader epochs lie beside the old ones when the first sync makes them durable together
// with the records, and take their place before the second: two syncs for all logs instead of two
// for each.
void sync_together(runtime::file_system& files, const std::string& directory,
                   std::vector<flushed_log>& round) {
  bool has_epochs = false;
  for (auto& flushed : round) {
    if (!flushed.work.epochs.empty()) {
      note_write(flushed, write_new_epochs(files, flushed.work));
      has_epochs = true;
    }
  }
  auto synced = files.sync_file_system(directory);
  if (synced && has_epochs) {
    for (auto& flushed : round) {
      if (!flushed.work.epochs.empty() && flushed.outcome) {
        note_write(flushed, files.rename(new_epochs_path(flushed.work), epochs_path(flushed.work)));
      }
    }
    synced = files.sync_file_system(directory);
  }
  for (auto& flushed : round) {
    if (flushed.outcome) {
      note_sync(flushed, synced);
    }
  }
  if (std::ranges::any_of(round, &flushed_log::is_final)) {
    note_failed_sync(files, directory);
  }
}

}  // namespace barnabas::storage::detail
