#include "bench/bare/frame_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <list>

#include "base/endian.h"

namespace barnabas::bench {
namespace {

// Small enough that a read's bytes are still in the core's cache when they are written.
constexpr std::size_t buffer_bytes = 256 * 1024;

class connection final : public ready_handler {
 public:
  connection(int descriptor, std::unique_ptr<frame_peer> peer)
      : descriptor_(descriptor), peer_(std::move(peer)), buffer_(buffer_bytes) {}
  ~connection() override { close(descriptor_); }

  bool is_closed() const { return is_closed_; }
  void on_ready() override {
    peer_->on_writable();
    while (!is_closed_) {
      const ssize_t count = recv(descriptor_, buffer_.data() + end_, buffer_.size() - end_, 0);
      if (count < 0 && errno == EAGAIN) {
        return;
      }
      if (count <= 0) {
        is_closed_ = true;
        return;
      }
      end_ += static_cast<std::size_t>(count);
      take_frames();
    }
  }

 private:
  void take_frames() {
    std::size_t begin = 0;
    std::size_t wanted = buffer_bytes;
    frames_.clear();
    while (end_ - begin >= 4) {
      const auto size =
          static_cast<std::size_t>(load_big_endian<std::int32_t>(buffer_.data() + begin));
      if (end_ - begin < size + 4) {
        wanted = std::max(wanted, size + 4);
        break;
      }
      frames_.push_back(mutable_bytes(buffer_).subspan(begin + 4, size));
      begin += size + 4;
    }
    if (!frames_.empty()) {
      peer_->on_frames(frames_);
    }
    std::memmove(buffer_.data(), buffer_.data() + begin, end_ - begin);
    end_ -= begin;
    if (wanted > buffer_.size()) {
      buffer_.resize(wanted);
    }
  }

  int descriptor_;
  std::unique_ptr<frame_peer> peer_;
  std::vector<std::byte> buffer_;
  std::vector<mutable_bytes> frames_;
  std::size_t end_ = 0;
  bool is_closed_ = false;
};

class acceptor final : public ready_handler {
 public:
  acceptor(event_loop& loop, int port,
           const std::function<std::unique_ptr<frame_peer>(int)>& make_peer)
      : loop_(loop), listener_(listen_on(port)), make_peer_(make_peer) {
    loop_.watch(listener_, *this);
  }
  void on_ready() override {
    for (int descriptor; (descriptor = accept_from(listener_)) >= 0;) {
      connections_.emplace_back(descriptor, make_peer_(descriptor));
      loop_.watch(descriptor, connections_.back());
    }
  }
  void forget_closed() {
    connections_.remove_if([](const connection& c) { return c.is_closed(); });
  }

 private:
  event_loop& loop_;
  int listener_;
  const std::function<std::unique_ptr<frame_peer>(int)>& make_peer_;
  std::list<connection> connections_;
};

}  // namespace

void serve_frames(int port, const std::function<std::unique_ptr<frame_peer>(int)>& make_peer) {
  event_loop loop;
  acceptor connections(loop, port, make_peer);
  while (true) {
    loop.run_once();
    connections.forget_closed();
  }
}

void send_all(int descriptor, bytes_view bytes, bool more_follows) {
  while (!bytes.empty()) {
    const ssize_t count =
        send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0));
    if (count >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd wait{descriptor, POLLOUT, 0};
      poll(&wait, 1, 1000);
    } else {
      return;  // the reader finds the connection closed
    }
  }
}

}  // namespace barnabas::bench
