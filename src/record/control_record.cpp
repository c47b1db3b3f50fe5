#include "record/control_record.h"

#include <array>

#include "base/endian.h"
#include "record/batch_builder.h"

namespace barnabas::record {
namespace {

constexpr std::size_t key_bytes = 4;
constexpr std::size_t value_bytes = 6;

}  // namespace

result<control_type> control_type_of(const record_view& record) {
  if (!record.key || record.key->size() < key_bytes) {
    return fail(error_code::invalid_record, "a control record's key has less than 4 bytes");
  }
  const auto version = load_big_endian<std::int16_t>(record.key->data());
  if (version < 0) {
    return fail(error_code::invalid_record,
                "a control record's key has version " + std::to_string(version));
  }
  switch (load_big_endian<std::int16_t>(record.key->data() + sizeof(version))) {
    case static_cast<std::int16_t>(control_type::abort):
      return control_type::abort;
    case static_cast<std::int16_t>(control_type::commit):
      return control_type::commit;
    default:
      return control_type::unknown;
  }
}

result<transaction_marker> parse_transaction_marker(const record_view& record) {
  const auto type = control_type_of(record);
  if (!type) {
    return std::unexpected(type.error());
  }
  if (*type == control_type::unknown) {
    return fail(error_code::invalid_record, "a control record that ends no transaction");
  }
  if (!record.value || record.value->size() < value_bytes) {
    return fail(error_code::invalid_record, "a transaction marker's value has less than 6 bytes");
  }
  const auto version = load_big_endian<std::int16_t>(record.value->data());
  if (version < 0) {
    return fail(error_code::invalid_record,
                "a transaction marker's value has version " + std::to_string(version));
  }
  return transaction_marker{*type,
                            load_big_endian<std::int32_t>(record.value->data() + sizeof(version))};
}

std::vector<std::byte> build_transaction_marker(transaction_marker marker, std::int64_t producer_id,
                                                std::int16_t producer_epoch,
                                                std::int64_t timestamp_ms) {
  std::array<std::byte, key_bytes> key{};
  store_big_endian(key.data() + 2, static_cast<std::int16_t>(marker.type));
  std::array<std::byte, value_bytes> value{};
  store_big_endian(value.data() + 2, marker.coordinator_epoch);
  batch_builder builder({.producer_id = producer_id,
                         .producer_epoch = producer_epoch,
                         .is_transactional = true,
                         .is_control = true});
  builder.append({.timestamp = timestamp_ms, .key = key, .value = value});
  return builder.build();
}

}  // namespace barnabas::record
