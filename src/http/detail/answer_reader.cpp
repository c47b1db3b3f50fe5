#include "http/detail/answer_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace barnabas::http::detail {
namespace {

namespace beast = boost::beast::http;

constexpr std::uint32_t largest_header_bytes = std::uint32_t{8} << 10;
constexpr std::uint64_t largest_body_bytes = std::uint64_t{1} << 20;

std::unexpected<error> refuse(const boost::system::error_code& why) {
  return fail(error_code::network_exception,
              "the answer cannot be read as one of HTTP: " + why.message());
}

}  // namespace

struct answer_reader::state {
  beast::response_parser<beast::string_body> parser;
  std::string waiting;  // bytes that the parser takes when there are more
};

answer_reader::answer_reader() : state_(std::make_unique<state>()) {
  state_->parser.eager(true);
  state_->parser.header_limit(largest_header_bytes);
  state_->parser.body_limit(largest_body_bytes);
}
answer_reader::~answer_reader() = default;

result<bool> answer_reader::take(bytes_view bytes) {
  auto& [parser, waiting] = *state_;
  waiting += as_text(bytes);
  boost::system::error_code why;
  while (!waiting.empty() && !parser.is_done() && !why) {
    const std::size_t used = parser.put(boost::asio::buffer(waiting.data(), waiting.size()), why);
    waiting.erase(0, used);
  }
  if (why && why != beast::error::need_more) {
    return refuse(why);
  }
  return parser.is_done();
}

result<bool> answer_reader::end() {
  boost::system::error_code why;
  if (state_->parser.got_some()) {
    state_->parser.put_eof(why);
  }
  if (why || !state_->parser.is_done()) {
    return fail(error_code::network_exception,
                "the server has closed the connection before its answer was whole");
  }
  return true;
}

answer answer_reader::release() {
  auto message = state_->parser.release();
  return {.status = static_cast<int>(message.result_int()),
          .reason = std::string(message.reason().data(), message.reason().size()),
          .body = std::move(message.body())};
}

}  // namespace barnabas::http::detail
