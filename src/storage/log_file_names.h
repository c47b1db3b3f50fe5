// The names of the files of one partition, as Kafka gives them:
//   name = offset:20 digits, suffix          00000000000000000814.log
// The offset is the first of the segment, of a snapshot the log end offset that it describes. A
// segment that is to be deleted has ".deleted" behind its names; ".cleaned" and ".swap" are what a
// compaction left behind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace barnabas::storage {

namespace suffix {
inline constexpr std::string_view log = ".log";
inline constexpr std::string_view offset_index = ".index";
inline constexpr std::string_view time_index = ".timeindex";
inline constexpr std::string_view transaction_index = ".txnindex";
inline constexpr std::string_view producer_snapshot = ".snapshot";
inline constexpr std::string_view deleted = ".deleted";
inline constexpr std::string_view cleaned = ".cleaned";
inline constexpr std::string_view swap = ".swap";
}  // namespace suffix

inline constexpr std::string_view leader_epoch_file_name = "leader-epoch-checkpoint";

struct log_file_name {
  std::int64_t offset = 0;
  // With its dots: ".log", ".index.deleted".
  std::string_view suffix;
};

std::string log_file_path(std::string_view folder, std::int64_t offset, std::string_view suffix);
// Nothing when the name does not begin with 20 digits and a dot. The suffix is a view of `name`.
std::optional<log_file_name> parse_log_file_name(std::string_view name);

}  // namespace barnabas::storage
