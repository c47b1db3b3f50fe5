// What leaves on a connection: a whole frame (length prefix included) in memory, with slices of
// files put in at given places, so that the records of a Fetch leave by sendfile. Whoever makes it
// has counted the slices into the length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/file_system.h"
#include "runtime/frame_allocator.h"

namespace barnabas::network {

struct outgoing_frame {
  struct insertion {
    std::size_t position =
        0;  // in `bytes`, before which the slice goes; ascending, at most bytes.size()
    runtime::file_slice slice;
  };
  std::vector<std::byte, runtime::frame_allocator<std::byte>> bytes;
  std::vector<insertion, runtime::frame_allocator<insertion>> insertions;

  // What goes over the wire: bytes and slices.
  std::int64_t size_bytes() const;
};

}  // namespace barnabas::network
