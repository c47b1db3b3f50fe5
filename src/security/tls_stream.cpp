#include "security/tls_stream.h"

#include <algorithm>
#include <coroutine>
#include <utility>

#include "runtime/closing_timer.h"
#include "security/detail/tls_engine.h"

namespace barnabas::security {
namespace {

using runtime::task;

// The most that one record takes (RFC 8446, 5.1).
constexpr std::size_t record_bytes = std::size_t{16} << 10;
// Parts from this size are not copied together with others.
constexpr std::size_t large_bytes = std::size_t{4} << 10;
// So much is encrypted before it is sent.
constexpr std::size_t send_bytes = std::size_t{64} << 10;

// A write that goes on until it would have to wait, and ends there.
class write_at_once {
 public:
  struct promise_type {
    write_at_once get_return_object() noexcept {
      return write_at_once(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept {}
  };
  write_at_once(const write_at_once&) = delete;
  write_at_once& operator=(const write_at_once&) = delete;
  ~write_at_once() { frame_.destroy(); }

 private:
  explicit write_at_once(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};
write_at_once send_now(runtime::stream& to, bytes_view bytes) {
  static_cast<void>(co_await to.write(std::span(&bytes, 1)));
}

}  // namespace

tls_stream::tls_stream(std::unique_ptr<runtime::stream> below, const tls_context& context,
                       runtime::endpoint peer)
    : below_(std::move(below)),
      engine_(std::make_unique<detail::tls_engine>(context.state(), std::move(peer),
                                                   runtime::shard::current().wall_clock_ms())) {}

tls_stream::~tls_stream() {
  close();
}

task<result<std::unique_ptr<tls_stream>>> tls_stream::open(std::unique_ptr<runtime::stream> below,
                                                           tls_context context, std::string host,
                                                           runtime::steady_time deadline,
                                                           runtime::connect_stop* stop) {
  runtime::endpoint peer = below->peer();
  if (!host.empty()) {
    peer.host = std::move(host);
  }
  std::unique_ptr<tls_stream> it(new tls_stream(std::move(below), context, std::move(peer)));
  const runtime::connect_stop::wait ended(stop, [&it] { it->below_->close(); });
  if (auto done = co_await it->shake_hands(deadline); !done) {
    co_return fail(std::move(done.error()));
  }
  co_return it;
}

task<result<>> tls_stream::shake_hands(runtime::steady_time deadline) {
  const runtime::closing_timer watch(*below_, deadline);
  for (;;) {
    const auto done = engine_->handshake();
    // Also after a failure: the alert tells the peer what was wrong.
    const auto sent = co_await flush();
    if (watch.has_fired()) {
      co_return fail(error_code::request_timed_out,
                     peer().to_string() + ": no TLS handshake in time");
    }
    if (!done || *done) {
      co_return done ? sent : fail(done.error());
    }
    if (!sent) {
      co_return fail(engine_->explain(sent.error()));
    }
    const auto got = co_await below_->read_some(engine_->room());
    if (got && *got > 0) {
      engine_->commit(*got);
    } else if (got) {
      engine_->end_input();
    } else if (!watch.has_fired()) {
      co_return fail(engine_->explain(got.error()));
    }
  }
}

// False when nothing has come.
result<bool> tls_stream::take_what_is_there() {
  const auto got = below_->try_read(engine_->room());
  if (!got) {
    return fail(engine_->explain(got.error()));
  }
  if (!*got) {
    return false;
  }
  engine_->commit(**got);
  if (**got == 0) {
    engine_->end_input();
  }
  return true;
}

result<std::optional<std::size_t>> tls_stream::try_read(mutable_bytes into) {
  if (into.empty()) {
    return 0;
  }
  for (;;) {
    auto got = engine_->read(into);
    if (!got || *got) {
      return got;
    }
    const auto came = take_what_is_there();
    if (!came || !*came) {
      return came ? result<std::optional<std::size_t>>(std::nullopt) : fail(came.error());
    }
  }
}

task<result<std::size_t>> tls_stream::read_some(mutable_bytes into) {
  for (;;) {
    auto got = try_read(into);
    // What TLS itself has to say, as the answer to a new key. Who is flushing takes it along.
    if (!is_flushing_ && !engine_->outgoing().empty()) {
      if (auto sent = co_await flush(); !sent && got) {
        co_return fail(engine_->explain(sent.error()));
      }
    }
    if (!got || *got) {
      co_return got ? result<std::size_t>(**got) : fail(std::move(got.error()));
    }
    engine_->rest();
    if (auto waited = co_await below_->wait_readable(); !waited) {
      co_return fail(engine_->explain(waited.error()));
    }
  }
}

task<result<>> tls_stream::wait_readable() {
  for (;;) {
    if (engine_->has_something_to_read()) {
      co_return result<>{};
    }
    engine_->rest();
    if (auto waited = co_await below_->wait_readable(); !waited) {
      co_return fail(engine_->explain(waited.error()));
    }
    if (auto came = take_what_is_there(); !came) {
      co_return fail(std::move(came.error()));
    }
  }
}

result<> tls_stream::encrypt_staged() {
  auto done = engine_->write(staged_);
  staged_.clear();
  return done;
}

// A piece of at most a record, or what is left of a part.
result<> tls_stream::encrypt(bytes_view part) {
  if (part.size() < large_bytes && staged_.size() + part.size() <= record_bytes) {
    staged_.insert(staged_.end(), part.begin(), part.end());
    return {};
  }
  if (auto done = encrypt_staged(); !done) {
    return done;
  }
  return part.size() < large_bytes ? encrypt(part) : engine_->write(part);
}

task<result<>> tls_stream::write(std::span<const bytes_view> parts) {
  for (bytes_view part : parts) {
    while (!part.empty()) {
      const bytes_view piece = part.first(std::min(part.size(), record_bytes));
      part = part.subspan(piece.size());
      if (auto done = encrypt(piece); !done) {
        co_return done;
      }
      if (engine_->outgoing().size() >= send_bytes) {
        if (auto sent = co_await flush(); !sent) {
          co_return sent;
        }
      }
    }
  }
  if (auto done = encrypt_staged(); !done) {
    co_return done;
  }
  co_return co_await flush();
}

// One write below at a time, whoever of reader and writer began it; it takes all that has come.
task<result<>> tls_stream::flush() {
  while (is_flushing_ || !engine_->outgoing().empty()) {
    if (is_flushing_) {
      co_await flushed_.wait_until(runtime::no_deadline);
      continue;
    }
    is_flushing_ = true;
    sending_.clear();
    std::swap(sending_, engine_->outgoing());
    const bytes_view part = sending_;
    auto sent = co_await below_->write(std::span(&part, 1));
    is_flushing_ = false;
    flushed_.notify_all();
    if (!sent) {
      co_return sent;
    }
  }
  co_return result<>{};
}

task<result<>> tls_stream::send_file(const runtime::file& source, std::int64_t offset,
                                     std::int64_t length, bool /*is_cached*/) {
  std::vector<std::byte> buffer(
      std::min(static_cast<std::size_t>(std::max<std::int64_t>(length, 0)), send_bytes));
  while (length > 0) {
    const auto room =
        mutable_bytes(buffer).first(std::min(static_cast<std::size_t>(length), buffer.size()));
    const auto cached = source.read_at_if_cached(room, offset);
    result<std::size_t> got = cached && *cached ? result<std::size_t>(**cached) : 0;
    if (!cached || !*cached) {
      got = co_await runtime::blocking([&] { return source.read_at(room, offset); });
    }
    if (!got || *got == 0) {
      co_return got ? fail(error_code::kafka_storage_error,
                           "sending " + source.path() + ", which ends too early")
                    : fail(std::move(got.error()));
    }
    const bytes_view part = room.first(*got);
    if (auto written = co_await write(std::span(&part, 1)); !written) {
      co_return written;
    }
    offset += static_cast<std::int64_t>(*got);
    length -= static_cast<std::int64_t>(*got);
  }
  co_return result<>{};
}

void tls_stream::close() {
  if (std::exchange(is_closed_, true)) {
    return;
  }
  if (!is_flushing_) {
    engine_->say_goodbye();
    const write_at_once goodbye = send_now(*below_, engine_->outgoing());
  }
  below_->close();
}

std::string tls_stream::version() const {
  return engine_->version();
}
std::string tls_stream::peer_name() const {
  return engine_->peer_name();
}
bool tls_stream::was_resumed() const {
  return engine_->was_resumed();
}

}  // namespace barnabas::security
