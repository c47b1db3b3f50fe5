#include "frame/progress.h"

#include <fmt/format.h>

#include <cstdio>

#include "frame/human_units.h"
#include "frame/terminal.h"
#include "runtime/outside.h"

namespace barnabas::app {
namespace {

constexpr auto pause = std::chrono::milliseconds(200);
constexpr std::int64_t calls_between_looks = 256;

}  // namespace

progress::progress() : began_(runtime::now_anywhere()), shown_(began_) {}

progress::~progress() {
  if (is_shown_) {
    fmt::print(stderr, "\r\033[K");
  }
}

void progress::at(std::int64_t records, std::int64_t bytes) {
  if (!standard_error().is_terminal || calls_++ % calls_between_looks != 0) {
    return;
  }
  if (const auto now = runtime::now_anywhere(); now - shown_ >= pause) {
    show(records, bytes, now);
  }
}

void progress::show(std::int64_t records, std::int64_t bytes, runtime::steady_time now) {
  const double seconds = std::chrono::duration<double>(now - began_).count();
  fmt::print(stderr, "\r\033[K{} records, {}, {}/s", count_text(records), bytes_text(bytes),
             bytes_text(static_cast<std::int64_t>(static_cast<double>(bytes) / seconds)));
  shown_ = now;
  is_shown_ = true;
}

}  // namespace barnabas::app
