// A message whose type is only known by name while running: for tests, fuzzers and tools that dump
// records. The broker itself uses the structs. The table of all messages pulls all of their code
// into a program.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "protocol/description.h"
#include "protocol/reader.h"
#include "protocol/writer.h"

namespace barnabas::protocol {

struct message_type {
  std::int16_t lowest_version;
  std::int16_t highest_version;
  const struct_description* description;  // its name is Kafka's, as in FetchRequest
  void* (*create)();
  void (*destroy)(void* message);
  bool (*read)(void* message, reader& in, std::int16_t version);
  bool (*write)(const void* message, writer& out, std::int16_t version);
  std::size_t (*encoded_size)(const void* message, std::int16_t version);
};

// A message of a type of the table.
class any_message {
 public:
  explicit any_message(const message_type& type)
      : type_(&type), message_(type.create(), type.destroy) {}
  bool read(reader& in, std::int16_t version) { return type_->read(message_.get(), in, version); }
  bool write(writer& out, std::int16_t version) const {
    return type_->write(message_.get(), out, version);
  }
  std::size_t encoded_size(std::int16_t version) const {
    return type_->encoded_size(message_.get(), version);
  }
  const message_type& type() const { return *type_; }
  const void* get() const { return message_.get(); }

 private:
  const message_type* type_;
  std::unique_ptr<void, void (*)(void*)> message_;
};

// Every message, in the order of their names.
std::span<const message_type* const> message_types();
// Null for an unknown name.
const message_type* find_message_type(std::string_view name);

namespace detail {

template <class M>
constexpr message_type message_type_of() {
  return {M::lowest_version,
          M::highest_version,
          &M::description,
          [] { return static_cast<void*>(new M); },
          [](void* message) { delete static_cast<M*>(message); },
          [](void* message, reader& in, std::int16_t version) {
            return static_cast<M*>(message)->read(in, version);
          },
          [](const void* message, writer& out, std::int16_t version) {
            return static_cast<const M*>(message)->write(out, version);
          },
          [](const void* message, std::int16_t version) {
            return static_cast<const M*>(message)->encoded_size(version);
          }};
}

}  // namespace detail
}  // namespace barnabas::protocol
