#include "records/json_record.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <limits>

#include "frame/json_text.h"

namespace barnabas::app {
namespace {

namespace json = boost::json;

// The bytes of `name` or `name`_base64; null when both are missing.
outcome<std::optional<std::string>> bytes_of(const json::object& object, std::string_view name) {
  if (const json::value* encoded = object.if_contains(std::string(name) + "_base64")) {
    const json::string* text = encoded->if_string();
    auto bytes = text == nullptr ? std::nullopt : from_base64({text->data(), text->size()});
    if (!bytes) {
      return wrong_usage(fmt::format("{}_base64 is not base64", name));
    }
    return bytes;
  }
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) {
    return std::nullopt;
  }
  const json::string* text = value->if_string();
  return text != nullptr ? std::string(text->data(), text->size()) : json::serialize(*value);
}

template <class Number>
outcome<Number> number_of(const json::object& object, std::string_view name, Number otherwise) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) {
    return otherwise;
  }
  const std::int64_t* number = value->if_int64();
  if (number == nullptr || *number < otherwise || *number > std::numeric_limits<Number>::max()) {
    return wrong_usage(fmt::format("{} is not a whole number, at least {}", name, otherwise));
  }
  return static_cast<Number>(*number);
}

}  // namespace

outcome<json_record> json_record::parse(std::string_view line) {
  boost::system::error_code error;
  const json::value parsed = json::parse(line, error);
  const json::object* object = error ? nullptr : parsed.if_object();
  if (object == nullptr) {
    return wrong_usage(error ? "this is no JSON: " + error.message() : "this is no JSON object");
  }
  auto key = bytes_of(*object, "key");
  auto value = bytes_of(*object, "value");
  const auto partition = number_of(*object, "partition", kafka::any_partition);
  const auto timestamp = number_of(*object, "timestamp", kafka::now);
  if (!key || !value) {
    return std::unexpected(key ? value.error() : key.error());
  }
  if (!partition || !timestamp) {
    return std::unexpected(partition ? timestamp.error() : partition.error());
  }
  json_record record;
  record.key_ = std::move(*key);
  record.value_ = std::move(*value);
  record.partition_ = *partition;
  record.timestamp_ms_ = *timestamp;
  const json::value* headers = object->if_contains("headers");
  const json::array* list = headers == nullptr ? nullptr : headers->if_array();
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const json::object* header = (*list)[i].if_object();
    const json::value* name = header == nullptr ? nullptr : header->if_contains("key");
    auto content = name == nullptr || !name->is_string()
                       ? outcome<std::optional<std::string>>(wrong_usage("headers: one has no key"))
                       : bytes_of(*header, "value");
    if (!content) {
      return std::unexpected(content.error());
    }
    record.headers_.push_back({name->as_string().c_str(), std::move(*content)});
  }
  return record;
}

kafka::new_record json_record::record() const {
  header_views_.clear();
  for (const owned_header& header : headers_) {
    header_views_.push_back({header.key, header.value});
  }
  return {.key = key_,
          .value = value_,
          .partition = partition_,
          .timestamp_ms = timestamp_ms_,
          .headers = header_views_};
}

}  // namespace barnabas::app
