#include "http/client.h"

#include <fmt/format.h>

#include "http/detail/answer_reader.h"
#include "runtime/closing_timer.h"
#include "security/tls_stream.h"

namespace barnabas::http {
namespace {

using runtime::task;

constexpr std::size_t read_bytes = std::size_t{16} << 10;

std::string text_of(const request& what) {
  std::string text =
      fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
                  what.to.target, what.to.at.to_string(), what.body.size());
  for (const auto& [name, value] : what.header) {
    text += fmt::format("{}: {}\r\n", name, value);
  }
  return text + "\r\n" + what.body;
}

task<result<answer>> read_answer(runtime::stream& from) {
  detail::answer_reader reader;
  std::vector<std::byte> buffer(read_bytes);
  for (;;) {
    const auto got = co_await from.read_some(buffer);
    if (!got) {
      co_return fail(got.error());
    }
    const auto is_whole = *got == 0 ? reader.end() : reader.take(bytes_view(buffer).first(*got));
    if (!is_whole) {
      co_return fail(is_whole.error());
    }
    if (*is_whole) {
      co_return reader.release();
    }
  }
}

}  // namespace

task<result<std::unique_ptr<runtime::stream>>> client::open(const url& to,
                                                            runtime::steady_time deadline) {
  auto plain = co_await network_.connect(to.at, deadline, &connecting_);
  if (!plain || !to.is_secure) {
    co_return plain;
  }
  const auto context = co_await tls_->current();
  if (!context) {
    co_return fail(context.error());
  }
  if (is_closed_) {
    co_return fail(error_code::network_exception, "the client is closed");
  }
  co_return co_await security::tls_stream::open(std::move(*plain), *context, to.at.host, deadline,
                                                &connecting_);
}

task<result<answer>> client::post_once(request what, runtime::steady_time deadline) {
  auto stream = co_await open(what.to, deadline);
  if (!stream) {
    co_return fail(stream.error());
  }
  if (is_closed_) {
    co_return fail(error_code::network_exception, "the client is closed");
  }
  open_ = stream->get();
  const runtime::closing_timer watch(*open_, deadline);
  const std::string text = text_of(what);
  const bytes_view part = as_bytes(text);
  const auto sent = co_await open_->write(std::span(&part, 1));
  auto answered = sent ? co_await read_answer(**stream) : result<answer>(fail(sent.error()));
  open_ = nullptr;
  co_return watch.has_fired() ? fail(error_code::request_timed_out, "no answer in time") : answered;
}

task<result<answer>> client::post(request what, runtime::steady_time deadline) {
  const std::string where = what.to.text();
  auto answered = co_await post_once(std::move(what), deadline);
  co_return answered ? answered
                     : fail(answered.error().code, where + ": " + answered.error().message);
}

void client::close() {
  is_closed_ = true;
  connecting_.request();
  if (open_ != nullptr) {
    open_->close();
  }
}

}  // namespace barnabas::http
