#include "storage/log_directory_name.h"

#include <charconv>

#include "base/ensure.h"

namespace barnabas::storage {
namespace {

constexpr std::size_t longest_name = 255;
struct kind_suffix {
  folder_kind kind;
  std::string_view text;
};
constexpr kind_suffix suffixes[] = {{folder_kind::deleted, "-delete"},
                                    {folder_kind::future, "-future"},
                                    {folder_kind::stray, "-stray"}};

std::optional<topic_partition> parse_partition(std::string_view name) {
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0 || dash + 1 == name.size() ||
      name.find_first_of(" \t\n") != std::string_view::npos) {
    return std::nullopt;
  }
  const auto number = name.substr(dash + 1);
  std::int32_t partition = 0;
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), partition);
  // "t-01" is no name that Kafka gives; taking it for "t-1" would write elsewhere than it was
  // found.
  const bool is_plain = number.front() != '0' || number.size() == 1;
  if (code != std::errc() || end != number.data() + number.size() || partition < 0 || !is_plain) {
    return std::nullopt;
  }
  return topic_partition{std::string(name.substr(0, dash)), partition};
}

}  // namespace

std::optional<folder_name> parse_folder_name(std::string_view name) {
  for (const auto& [kind, text] : suffixes) {
    const auto dot = name.rfind('.');
    if (!name.ends_with(text) || dot == std::string_view::npos ||
        dot + 1 + text.size() >= name.size()) {
      continue;
    }
    if (auto partition = parse_partition(name.substr(0, dot))) {
      return folder_name{kind, std::move(*partition)};
    }
    // A name cut to 255 characters may have lost the whole topic.
    if (name.size() == longest_name) {
      return folder_name{kind, {}};
    }
  }
  if (auto partition = parse_partition(name)) {
    return folder_name{folder_kind::partition, std::move(*partition)};
  }
  return std::nullopt;
}

std::string aside_folder_name(const topic_partition& partition, folder_kind kind, const uuid& id) {
  std::string end = '-' + std::to_string(partition.partition) + '.';
  for (const auto byte : id.bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    end += digits[std::to_integer<std::size_t>(byte) >> 4];
    end += digits[std::to_integer<std::size_t>(byte) & 15];
  }
  for (const auto& [known, text] : suffixes) {
    if (known == kind) {
      return partition.topic.substr(0, longest_name - end.size() - text.size()) + end +
             std::string(text);
    }
  }
  ensure(false, "a folder is set aside only as deleted, future or stray");
  return {};
}

}  // namespace barnabas::storage
