#include "broker/session.h"

#include <fmt/format.h>

#include <array>
#include <exception>

#include "broker/handlers/api_versions.h"
#include "broker/services.h"
#include "runtime/shard.h"

namespace barnabas::broker {

session::session(network::connection& connection, const api_table& apis, services& services)
    : connection_(connection), apis_(apis), services_(services) {
  facts_.peer = connection.peer().to_string();
  facts_.peer_address = connection.peer().host;
  facts_.listener_name = connection.listener_name();
  facts_.closing = &connection.closing();
  if (!connection.peer_name().empty()) {
    facts_.principal = "User:" + connection.peer_name();
  }
}

runtime::task<> session::run() {
  while (true) {
    if (is_full()) {
      co_await wait_for_room();
    }
    if (is_muted()) {
      co_await wait_while_muted();
    }
    auto frame = co_await connection_.read_frame();
    if (is_muted()) {  // an answer that left meanwhile
      co_await wait_while_muted();
    }
    if (frame && should_move()) {
      frame->charge = {};  // it counts on neither shard
      co_await move();
    }
    if (!frame || !refusal_.empty() || !co_await start(std::move(*frame))) {
      break;
    }
  }
  co_await group_.join();
}

// Crossing shards costs a request several times what it costs at home. Whoever has requests in work
// waits for them first, which only a long streak is worth.
bool session::should_move() const {
  constexpr int quiet_streak = 8;
  constexpr int busy_streak = 1024;
  const owner_streak& owners = facts_.owners;
  return owners.shard() != owner_streak::no_shard &&
         owners.shard() != runtime::shard::current().index() &&
         owners.length() >= (running_.empty() ? quiet_streak : busy_streak);
}

runtime::task<> session::move() {
  co_await group_.join();
  limits_ = nullptr;  // their meters are this shard's
  fetch_session_shards& fetches = services_.host->fetch_sessions();
  auto fetching = fetches.here().take(facts_.fetch_session_id);
  co_await connection_.move_to(facts_.owners.shard());
  fetches.here().put(std::move(fetching), runtime::shard::current().now());
}

// A consumer that only waits sends nothing but heartbeats on its coordinator's connection, by a
// clock of seconds: a few milliseconds more are nothing to it.
void session::note_kind(protocol::api_key key) {
  constexpr int patient_streak = 8;
  heartbeats_ = key == protocol::api_key::heartbeat ? std::min(heartbeats_ + 1, patient_streak) : 0;
  connection_.set_patient(heartbeats_ == patient_streak);
}

runtime::task<> session::wait_for_room() {
  network::closing_watch watch(connection_.closing(), progress_);
  while (is_full() && !connection_.is_closed()) {
    co_await progress_.wait_until(
        runtime::no_deadline);  // a reply leaves, or the connection closes
  }
}

runtime::task<> session::wait_while_muted() {
  network::closing_watch watch(connection_.closing(), progress_);
  while (muted_until_ > runtime::shard::current().now() && !connection_.closing().is_set()) {
    co_await progress_.wait_until(muted_until_);
  }
  muted_until_ = {};
}

void session::mute(const running& slot) {
  if (slot.quota && slot.quota->delay().count() > 0) {
    muted_until_ = std::max(muted_until_, runtime::shard::current().now() + slot.quota->delay());
  }
}

void session::limit(running& slot, std::string_view client_id) {
  limits_ = find_limits(std::move(limits_), services_.quotas->meters(), services_.quotas->current(),
                        facts_.principal, client_id);
  if (limits_->is_limited()) {
    slot.quota.emplace(services_.quotas->meters(), limits_, slot.bytes);
  }
}

// An ApiVersions of any version is served.
result<const api*> session::find_api(const request_header& header) const {
  const api* api = apis_.find(header.api_key);
  if (api == nullptr) {
    return fail(
        error_code::unsupported_version,
        fmt::format("a request with api key {}, which this broker does not have", header.api_key));
  }
  const bool is_served =
      header.api_version >= api->lowest_version && header.api_version <= api->highest_version;
  if (!is_served && api->key != protocol::api_key::api_versions) {
    return fail(error_code::unsupported_version,
                fmt::format("{} version {}, but only {} to {} are supported",
                            protocol::api_of(api->key).name, header.api_version,
                            api->lowest_version, api->highest_version));
  }
  return api;
}

// Earlier requests are answered before.
bool session::refuse(running& slot, std::string reason) {
  refusal_ = std::move(reason);
  reply nothing;
  nothing.close_connection = true;
  set_reply(slot, std::move(nothing));
  return false;
}

runtime::task<bool> session::start(network::frame frame) {
  running& slot = running_.emplace_back();
  slot.bytes = frame.payload.size();
  slot.charge = std::move(frame.charge);
  running_bytes_ += slot.bytes;
  connection_.request_started();
  const auto header = read_request_header(frame.payload);
  if (!header) {
    co_return refuse(slot, header.error().message);
  }
  const auto found = find_api(*header);
  if (!found) {
    co_return refuse(slot, found.error().message);
  }
  const api* api = *found;
  note_kind(api->key);
  if (services_.quotas != nullptr && services_.quotas->are_there()) {
    limit(slot, header->client_id);
  }
  request request{.key = api->key,
                  .version = header->api_version,
                  .correlation_id = header->correlation_id,
                  .client_id = header->client_id,
                  .body = frame.payload.subspan(header->size_bytes),
                  .frame = std::move(frame.buffer),
                  .connection = &facts_,
                  .quota = slot.quota ? &*slot.quota : nullptr};
  const bool counts_time = slot.quota && slot.quota->counts_time();
  auto started = co_await (counts_time ? call_counted(*api, std::move(request))
                                       : call_handler(*api, std::move(request)));
  if (!started.malformed_reason.empty()) {
    co_return refuse(slot, fmt::format("{} version {}: {}", protocol::api_of(api->key).name,
                                       header->api_version, started.malformed_reason));
  }
  if (started.later.is_empty()) {
    set_reply(slot, std::move(started.answer));
  } else {
    start_second_phase(slot, std::move(started.later));
  }
  co_return !connection_.is_closed();
}

// The reply leaves later at the earliest, so the slot is still there when the task has been
// started.
void session::start_second_phase(running& slot, pending_reply later) {
  mute(slot);  // a Produce was counted already
  if (slot.quota) {
    slot.quota->work();
  }
  group_.spawn(finish(slot, std::move(later)));
  if (slot.quota) {
    slot.quota->wait();
  }
}

runtime::task<> session::call_into(const api& api, request request,
                                   std::optional<started_request>& into,
                                   runtime::condition& ended) {
  into = co_await call_handler(api, std::move(request));
  ended.notify_all();
}

runtime::task<started_request> session::call_counted(const api& api, request request) {
  request_quota& quota = *request.quota;
  std::optional<started_request> started;
  runtime::condition ended;
  group_.spawn(call_into(api, std::move(request), started, ended));
  if (!started) {
    quota.wait();
  }
  while (!started) {
    co_await ended.wait_until(runtime::no_deadline);  // the handler ends
  }
  co_return std::move(*started);
}

runtime::task<started_request> session::call_handler(const api& api, request request) {
  if (request.version < api.lowest_version || request.version > api.highest_version) {
    co_return started_request::answered(handlers::unsupported_api_versions(api, request));
  }
  std::string problem;
  try {
    co_return co_await api.handle(services_, std::move(request));
  } catch (const std::exception& exception) {
    problem = exception.what();
  }
  co_return started_request::malformed("internal error: " + problem);
}

runtime::task<> session::finish(running& slot, pending_reply later) {
  reply answer;
  try {
    answer = co_await std::move(later);
  } catch (const std::exception& exception) {
    refuse(slot, fmt::format("internal error: {}", exception.what()));
    co_return;
  }
  set_reply(slot, std::move(answer));
}

void session::set_reply(running& slot, reply answer) {
  slot.answer = std::move(answer);
  slot.is_ready = true;
  mute(slot);
  slot.charge = {};
  running_bytes_ += slot.answer.bytes.size() - slot.bytes;
  slot.bytes = slot.answer.bytes.size();
  if (!is_writing_ && &slot == &running_.front()) {
    is_writing_ = true;
    group_.spawn(write_replies());
  }
}

runtime::task<> session::write_replies() {
  co_await runtime::yield();  // requests that have arrived together are answered by one write
  while (!running_.empty() && running_.front().is_ready) {
    std::array<const network::outgoing_frame*, max_running> frames;
    std::size_t taken = 0;  // replies, with those that send nothing
    std::size_t sent = 0;
    bool closes = false;
    for (auto it = running_.begin();
         it != running_.end() && it->is_ready && taken < max_running && !closes; ++it) {
      ++taken;
      closes = it->answer.close_connection;
      if (!it->answer.bytes.empty()) {
        frames[sent++] = &it->answer;
      }
    }
    if (sent != 0) {
      co_await connection_.write(std::span(frames).first(sent));
    }
    if (closes && !refusal_.empty()) {
      connection_.close_for(refusal_);
    } else if (closes) {
      connection_.close();
    }
    for (; taken != 0; --taken) {
      running_bytes_ -= running_.front().bytes;
      running_.pop_front();
      connection_.request_finished();
    }
    progress_.notify_all();
  }
  is_writing_ = false;
}

}  // namespace barnabas::broker
