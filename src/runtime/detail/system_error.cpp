#include "runtime/detail/system_error.h"

#include <system_error>

namespace barnabas::runtime::detail {
namespace {

std::unexpected<error> fail_with(error_code code, std::string_view operation,
                                 const std::string& object, int number) {
  std::string message(operation);
  message += ' ' + object + ": " + std::generic_category().message(number);
  return std::unexpected(error{code, std::move(message), number});
}

}  // namespace

std::unexpected<error> fail_storage(std::string_view operation, const std::string& path,
                                    int number) {
  return fail_with(error_code::kafka_storage_error, operation, path, number);
}

std::unexpected<error> fail_network(std::string_view operation, const std::string& peer,
                                    int number) {
  return fail_with(error_code::network_exception, operation, peer, number);
}

}  // namespace barnabas::runtime::detail
