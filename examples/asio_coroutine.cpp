// Produces from a coroutine of Boost.Asio, which goes on by its own executor.
//   asio_coroutine HOST:PORT TOPIC
#include <barnabas/producer.h>

#include <boost/asio.hpp>
#include <iostream>

using namespace barnabas::kafka;
namespace asio = boost::asio;

// The delivery of a record as an operation of Asio.
template <class Token>
auto async_send(producer& writer, new_record record, Token&& token) {
  return asio::async_initiate<Token, void(result<delivery>)>(
      [&writer, record](auto handler) {
        auto executor = asio::get_associated_executor(handler);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        writer.send_async(record).then([shared, executor](result<delivery> sent) {
          asio::post(executor, [shared, sent] { (*shared)(sent); });
        });
      },
      token);
}

asio::awaitable<void> write_letters(producer& writer, std::string topic) {
  for (const std::string_view text : {"first letter", "second letter"}) {
    const auto sent = co_await async_send(writer, {.topic = topic, .value = text, .partition = 0},
                                          asio::use_awaitable);
    std::cout << text
              << (sent ? " at offset " + std::to_string(sent->offset) : ": " + sent.error().message)
              << '\n';
  }
}

int main(int count, char** arguments) {
  if (count != 3) return 2;
  asio::io_context loop;
  auto busy = asio::make_work_guard(loop);
  producer writer({{"bootstrap.servers", arguments[1]}, {"linger.ms", "0"}});
  asio::co_spawn(loop, write_letters(writer, arguments[2]),
                 [&busy](std::exception_ptr) { busy.reset(); });
  loop.run();
  return 0;
}
