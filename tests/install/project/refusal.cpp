// Needs no broker: a setting that does not exist is refused by name, and every
// header is included.
#include <barnabas/admin.h>
#include <barnabas/awaitable.h>
#include <barnabas/consumer.h>
#include <barnabas/producer.h>

#include <iostream>

int main() {
  const auto refused =
      barnabas::kafka::producer::open({{"bootstrap.servers", "localhost"}, {"linger.msec", "5"}});
  if (refused) {
    return 1;
  }
  std::cout << refused.error().name() << ": " << refused.error().message << '\n';
  try {
    barnabas::kafka::consumer without(barnabas::kafka::settings{});
  } catch (const std::invalid_argument& thrown) {
    std::cout << thrown.what() << '\n';
    return 0;
  }
  return 1;
}
