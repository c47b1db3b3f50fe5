// A partitioner of the program's own: crc32 of the key modulo the number of
// partitions.
//   partition_by_crc32 HOST:PORT TOPIC
#include <barnabas/producer.h>
#include <zlib.h>

#include <iostream>

using namespace barnabas::kafka;

std::int32_t by_crc32(const new_record& record, std::int32_t partitions) {
  const std::string_view key = record.key.value_or("");
  const auto hash =
      crc32(0, reinterpret_cast<const Bytef*>(key.data()), static_cast<uInt>(key.size()));
  return static_cast<std::int32_t>(hash % static_cast<uLong>(partitions));
}

int main(int count, char** arguments) {
  if (count != 3) return 2;
  producer_options options;
  options.partitioner = by_crc32;
  producer writer({{"bootstrap.servers", arguments[1]}}, options);
  for (const std::string_view key : {"frieda", "olga", "amalia", "pepi"}) {
    const auto sent = writer.send({.topic = arguments[2], .key = key, .value = "a letter"});
    if (!sent) {
      std::cerr << sent.error().message << '\n';
      return 1;
    }
    std::cout << key << ' ' << sent->partition << ' ' << sent->offset << '\n';
  }
  return 0;
}
