#include "runtime/simulated/detail/simulated_stream.h"

#include <cerrno>

#include "runtime/detail/system_error.h"

namespace barnabas::runtime::simulated::detail {

using runtime::detail::fail_network;
using runtime::detail::fail_storage;

int simulated_stream::trouble(const connection::side& mine) {
  if (mine.is_closed) {
    return ECANCELED;
  }
  return mine.was_reset ? ECONNRESET : 0;
}

result<std::optional<std::size_t>> simulated_stream::try_read(mutable_bytes into) {
  const connection::side& mine = joined_->at(which_);
  if (const int refused = trouble(mine); refused != 0) {
    return fail_network("reading from", peer_.to_string(), refused);
  }
  if (mine.unread() > 0 && !into.empty()) {
    return joined_->take(which_, into);
  }
  if (mine.has_end || into.empty()) {
    return 0;
  }
  return std::nullopt;
}

task<result<>> simulated_stream::wait_readable() {
  const std::shared_ptr<connection> joined = joined_;
  connection::side& mine = joined->at(which_);
  for (;;) {
    if (const int refused = trouble(mine); refused != 0) {
      co_return fail_network("waiting for", peer_.to_string(), refused);
    }
    if (mine.unread() > 0 || mine.has_end) {
      co_return result<>{};
    }
    co_await slot_wait(mine.reader);
  }
}

task<result<std::size_t>> simulated_stream::read_some(mutable_bytes into) {
  for (;;) {
    const auto got = try_read(into);
    if (!got) {
      co_return std::unexpected(got.error());
    }
    if (*got) {
      co_return **got;
    }
    const std::shared_ptr<connection> joined = joined_;
    co_await slot_wait(joined->at(which_).reader);
  }
}

task<result<>> simulated_stream::write(std::span<const bytes_view> parts) {
  const std::shared_ptr<connection> joined = joined_;
  connection::side& mine = joined->at(which_);
  for (const bytes_view part : parts) {
    for (bytes_view rest = part; !rest.empty();) {
      if (const int refused = trouble(mine); refused != 0) {
        co_return fail_network("writing to", peer_.to_string(), refused);
      }
      const std::size_t length = std::min(rest.size(), joined->room(which_));
      if (length == 0) {
        co_await slot_wait(mine.writer);
        continue;
      }
      joined->send(which_,
                   {connection::piece_kind::data, std::string(as_text(rest.first(length)))});
      rest = rest.subspan(length);
    }
  }
  co_return result<>{};
}

task<result<>> simulated_stream::send_file(const file& source, std::int64_t offset,
                                           std::int64_t length, bool /*is_cached*/) {
  std::vector<std::byte> buffer;
  while (length > 0) {
    buffer.resize(std::min(static_cast<std::size_t>(length), std::size_t{64} << 10));
    const auto got = source.read_at(buffer, offset);
    if (!got) {
      co_return std::unexpected(got.error());
    }
    if (*got == 0) {
      co_return fail_storage("sending, which ends too early,", source.path(), ENODATA);
    }
    const bytes_view part = bytes_view(buffer).first(*got);
    if (auto written = co_await write(std::span(&part, 1)); !written) {
      co_return written;
    }
    offset += static_cast<std::int64_t>(*got);
    length -= static_cast<std::int64_t>(*got);
  }
  co_return result<>{};
}

}  // namespace barnabas::runtime::simulated::detail
