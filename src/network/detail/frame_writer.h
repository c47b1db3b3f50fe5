// Puts outgoing frames on a stream: memory and small slices of files are gathered into one write,
// large slices go by sendfile. What is not in the page cache is first read on a file thread, so
// that a cold read never holds the shard. Lives for one connection::write.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "network/outgoing_frame.h"
#include "runtime/socket.h"
#include "runtime/task.h"

namespace barnabas::network::detail {

class frame_writer {
 public:
  // `moved` is set to the time of each write that ended.
  frame_writer(runtime::stream& stream, runtime::steady_time& moved)
      : stream_(stream), moved_(moved) {}

  runtime::task<result<>> add(const outgoing_frame& frame);
  // Writes what is left: after the last add().
  runtime::task<result<>> finish() { return flush(); }

 private:
  runtime::task<result<>> flush();
  // False when something must be written first.
  bool gather(bytes_view bytes);
  runtime::task<result<>> add_bytes(bytes_view bytes);
  runtime::task<result<>> copy_slice(const runtime::file_slice& slice);
  runtime::task<result<>> send_slice(const runtime::file_slice& slice);
  // What the slice holds of its last page, when it ends inside one and that page is cached: it goes
  // with what follows, for by sendfile it would be a segment of its own. Call it after a flush.
  bytes_view read_tail(const runtime::file_slice& slice);

  runtime::stream& stream_;
  runtime::steady_time& moved_;
  std::array<bytes_view, 64> parts_;
  std::size_t part_count_ = 0;
  std::size_t gathered_bytes_ = 0;
  std::shared_ptr<std::byte[]> scratch_;  // small slices, until the next flush
  std::size_t scratch_filled_ = 0;
  std::unique_ptr<std::byte[]> tail_;  // until the next flush
};

}  // namespace barnabas::network::detail
