// What goes back for a request: a whole frame (length, header, body) in memory with file slices to
// be put in at given places (network/outgoing_frame.h), so that the records of a Fetch leave by
// sendfile.
//
// A handler works in two phases. The outer task does what must keep the order of the connection's
// requests; when it ends the session starts the inner task, up to its first wait (a Produce queues
// its batches), and then the next request. The inner task waits for what takes time (an append, a
// commit, more data) and gives the reply; replies leave in request order.
#pragma once

#include "network/outgoing_frame.h"
#include "runtime/task.h"

namespace barnabas::broker {

// Without bytes no answer is sent (Produce with acks=0).
struct reply : network::outgoing_frame {
  bool close_connection = false;  // after the answer, if any
};

using pending_reply = runtime::task<reply>;

}  // namespace barnabas::broker
