#include "rpc/connection.h"

#include <fmt/format.h>

#include "base/endian.h"
#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"

namespace barnabas::rpc {
namespace {

// One write takes so many requests at most.
constexpr std::size_t requests_a_write = 64;
// Buffers of large answers: one is read, one waits to be, one is on its way.
constexpr std::size_t kept_answers = 3;
// The version of ApiVersions that every broker answers (KIP-511).
constexpr std::int16_t oldest_api_versions = 0;
// Later ones only add fields that are not looked at here.
constexpr std::int16_t newest_api_versions = 3;

}  // namespace

struct connection::pending {
  request what;
  std::int32_t correlation_id = 0;
  runtime::steady_time deadline;
  bool has_answer = true;  // whether one will come
  bool is_written = false;
  bool is_being_written = false;
  bool is_done = false;
  result<network::frame> outcome;
  runtime::condition changed;
};

connection::connection(std::unique_ptr<runtime::stream> stream, connection_settings settings)
    : stream_(std::move(stream)),
      settings_(std::move(settings)),
      receiver_(settings_.largest_answer_bytes, "receive.message.max.bytes", kept_answers) {
  stream_->set_no_delay(settings_.is_nagle_disabled);
  stream_->set_buffer_sizes(settings_.send_buffer_bytes, settings_.receive_buffer_bytes);
}

std::shared_ptr<connection> connection::begin(std::unique_ptr<runtime::stream> stream,
                                              runtime::task_group& tasks,
                                              connection_settings settings) {
  auto it = std::make_shared<connection>(std::move(stream), std::move(settings));
  tasks.spawn(write_requests(it));
  tasks.spawn(read_answers(it));
  return it;
}

runtime::task<result<>> connection::learn_versions(runtime::steady_time deadline) {
  auto learnt = co_await ask_for_versions(deadline);
  if (!learnt) {
    end(learnt.error());
  }
  co_return learnt;
}

error connection::broken(const std::string& what) const {
  return {error_code::network_exception, fmt::format("{}: {}", peer().to_string(), what)};
}

std::string connection::hint() const {
  if (answers_ == 0 && !settings_.is_encrypted) {
    return "; does its listener speak TLS (security.protocol)?";
  }
  return answers_ == 1 && !in_flight_.empty()
             ? "; does its listener demand SASL (security.protocol)?"
             : "";
}

error connection::unreadable(protocol::api_key key, std::int16_t version, const error& why) const {
  return broken(fmt::format("the answer to {} version {} cannot be read: {}",
                            protocol::api_of(key).name, version, why.message));
}

// The answer to a version that the broker does not know comes in version 0 and says which it does.
runtime::task<result<>> connection::ask_for_versions(runtime::steady_time deadline) {
  for (const std::int16_t version : {newest_api_versions, oldest_api_versions}) {
    protocol::api_versions_request question;
    if (version > oldest_api_versions) {
      question.client_software_name = "barnabas";
      question.client_software_version = "0.1.0";
    }
    auto encoded = encode_request(question, version, settings_.client_id);
    if (!encoded) {
      co_return fail(std::move(encoded.error()));
    }
    auto frame = co_await exchange(std::move(*encoded), deadline);
    if (!frame) {
      co_return fail(std::move(frame.error()));
    }
    auto code = error_code::none;
    if (frame->payload.size() >= sizeof(std::int16_t)) {
      code = static_cast<error_code>(load_big_endian<std::int16_t>(frame->payload.data()));
    }
    if (code == error_code::unsupported_version && version != oldest_api_versions) {
      continue;
    }
    if (code != error_code::none) {
      co_return fail(code, peer().to_string() + " refuses to say what it speaks");
    }
    const auto read =
        protocol::from_bytes<protocol::api_versions_response>(frame->payload, version);
    if (!read) {
      co_return fail(unreadable(protocol::api_key::api_versions, version, read.error()));
    }
    versions_ = api_versions(*read);
    break;
  }
  co_return result<>{};
}

void connection::end(error reason) {
  if (has_ended_) {
    return;
  }
  has_ended_ = true;
  why_ = std::move(reason);
  stream_->close();
  for (auto* waiting : {&to_write_, &in_flight_, &held_}) {
    for (pending* const call : *waiting) {
      if (!call->is_done) {
        call->is_done = true;
        call->outcome = fail(why_);
        call->changed.notify_all();
      }
    }
    waiting->clear();
  }
  has_work_.notify_all();
  ended_.notify_all();
}

void connection::enqueue(pending& call) {
  const bool is_sasl = call.what.key == protocol::api_key::sasl_handshake ||
                       call.what.key == protocol::api_key::sasl_authenticate;
  if (is_held_ && !is_sasl) {
    held_.push_back(&call);
  } else {
    send_in_turn(call);
  }
}

void connection::release() {
  is_held_ = false;
  for (; !held_.empty(); held_.pop_front()) {
    send_in_turn(*held_.front());
  }
}

void connection::send_in_turn(pending& call) {
  call.correlation_id = ++last_correlation_id_;
  call.what.set_correlation_id(call.correlation_id);
  to_write_.push_back(&call);
  if (call.has_answer) {
    in_flight_.push_back(&call);
  }
  has_work_.notify_all();
}

// Not before the stream has let go of the request's bytes.
runtime::task<> connection::wait(pending& call) {
  while (!call.is_done || call.is_being_written) {
    const auto until = call.is_done ? runtime::no_deadline : call.deadline;
    if (!co_await call.changed.wait_until(until) && !call.is_done) {
      const auto name = protocol::api_of(call.what.key).name;
      end({error_code::request_timed_out,
           fmt::format("{}: no answer to {} in time", peer().to_string(), name)});
    }
  }
}

runtime::task<result<network::frame>> connection::exchange(request what,
                                                           runtime::steady_time deadline) {
  if (has_ended_) {
    co_return fail(why_);
  }
  pending call{.what = std::move(what), .deadline = deadline};
  enqueue(call);
  co_await wait(call);
  co_return std::move(call.outcome);
}

runtime::task<result<>> connection::write_only(request what, runtime::steady_time deadline) {
  if (has_ended_) {
    co_return fail(why_);
  }
  pending call{.what = std::move(what), .deadline = deadline, .has_answer = false};
  enqueue(call);
  co_await wait(call);
  co_return call.is_written ? result<>{} : result<>(fail(why_));
}

runtime::task<> connection::write_requests(std::shared_ptr<connection> self) {
  std::vector<pending*> writing;
  std::vector<bytes_view> parts;
  while (!self->has_ended_) {
    if (self->to_write_.empty()) {
      co_await self->has_work_.wait_until(runtime::no_deadline);
      continue;
    }
    parts.clear();
    for (writing.clear(); !self->to_write_.empty() && writing.size() < requests_a_write;
         self->to_write_.pop_front()) {
      pending* const call = self->to_write_.front();
      call->is_being_written = true;
      call->what.add_parts(parts);
      writing.push_back(call);
    }
    const auto written = co_await self->stream_->write(parts);
    for (pending* const call : writing) {
      call->is_being_written = false;
      call->is_written = written.has_value();
      call->is_done = call->is_done || !call->has_answer;
      call->changed.notify_all();
    }
    if (!written) {
      self->end(written.error());
    }
  }
}

runtime::task<> connection::read_answers(std::shared_ptr<connection> self) {
  while (self->take_received()) {
    self->receiver_.rest();
    const auto got = co_await self->stream_->read_some(self->receiver_.space());
    if (!got) {
      const error& why = got.error();
      self->end({why.code, why.message + self->hint(), why.system_error});
    } else if (*got == 0) {
      self->end(self->broken("the broker has closed the connection" + self->hint()));
    } else {
      self->receiver_.received(*got);
    }
  }
}

bool connection::take_received() {
  while (!has_ended_) {
    auto next = receiver_.next();
    if (!next) {
      end(broken(next.error().message + hint()));
    } else if (!next->has_value()) {
      return true;
    } else {
      take_answer(std::move(**next));
    }
  }
  return false;
}

void connection::take_answer(network::frame frame) {
  if (frame.payload.size() < sizeof(std::int32_t)) {
    return end(broken("an answer without a correlation id"));
  }
  const auto id = load_big_endian<std::int32_t>(frame.payload.data());
  if (in_flight_.empty() || in_flight_.front()->correlation_id != id) {
    return end(
        broken(in_flight_.empty()
                   ? fmt::format("an answer with correlation id {}, though nothing was asked", id)
                   : fmt::format("an answer with correlation id {} in place of {}", id,
                                 in_flight_.front()->correlation_id)));
  }
  pending* const call = in_flight_.front();
  protocol::reader in(frame.payload);
  in.take(sizeof(id), "correlation id");
  if (protocol::api_of(call->what.key).response_header_version(call->what.version) == 1) {
    in.skip_tags();
  }
  if (!in.ok()) {
    return end(broken("the header of an answer cannot be read: " + in.error_text()));
  }
  in_flight_.pop_front();
  ++answers_;
  frame.payload = frame.payload.subspan(in.position());
  call->is_done = true;
  call->outcome = std::move(frame);
  call->changed.notify_all();
}

}  // namespace barnabas::rpc
