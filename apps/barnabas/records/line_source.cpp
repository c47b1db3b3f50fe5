#include "records/line_source.h"

#include <cstdio>
#include <cstdlib>

#include "base/bytes.h"
#include "frame/outside_world.h"

namespace barnabas::app {
namespace {

constexpr std::size_t chunk_bytes = 256 << 10;

class standard_input_lines final : public line_source {
 public:
  explicit standard_input_lines(std::string delimiter) : delimiter_(std::move(delimiter)) {
    std::setvbuf(stdin, nullptr, _IOFBF, chunk_bytes);
  }
  standard_input_lines(const standard_input_lines&) = delete;
  standard_input_lines& operator=(const standard_input_lines&) = delete;
  ~standard_input_lines() override { std::free(line_); }

  outcome<std::optional<std::string_view>> next() override {
    if (delimiter_.size() == 1) {
      return take_part(line_, capacity_);
    }
    joined_.clear();
    while (const auto part = take_raw(line_, capacity_)) {
      joined_ += *part;
      if (joined_.ends_with(delimiter_)) {
        return std::string_view(joined_).substr(0, joined_.size() - delimiter_.size());
      }
    }
    return joined_.empty() ? std::nullopt : std::optional<std::string_view>(joined_);
  }

 private:
  // Up to the delimiter's last byte, that included.
  std::optional<std::string_view> take_raw(char*& line, std::size_t& capacity) {
    const auto size = ::getdelim(&line, &capacity, delimiter_.back(), stdin);
    return size < 0 ? std::nullopt
                    : std::optional(std::string_view(line, static_cast<std::size_t>(size)));
  }
  std::optional<std::string_view> take_part(char*& line, std::size_t& capacity) {
    auto part = take_raw(line, capacity);
    if (part && part->ends_with(delimiter_)) {
      part->remove_suffix(1);
    }
    return part;
  }

  std::string delimiter_;
  char* line_ = nullptr;  // getdelim's
  std::size_t capacity_ = 0;
  std::string joined_;
};

class file_lines final : public line_source {
 public:
  file_lines(std::vector<std::string> paths, std::string delimiter)
      : paths_(std::move(paths)), delimiter_(std::move(delimiter)) {}

  outcome<std::optional<std::string_view>> next() override {
    while (true) {
      const std::size_t end = buffer_.find(delimiter_, taken_);
      if (end != std::string::npos) {
        return take(end, end + delimiter_.size());
      }
      const auto more = read_more();
      if (!more) {
        return std::unexpected(more.error());
      }
      if (!*more && taken_ < buffer_.size()) {
        return take(buffer_.size(), buffer_.size());
      }
      if (!*more && !open_next()) {
        return failed_ ? outcome<std::optional<std::string_view>>(std::unexpected(*failed_))
                       : std::nullopt;
      }
    }
  }

 private:
  std::string_view take(std::size_t end, std::size_t next) {
    const std::string_view line = std::string_view(buffer_).substr(taken_, end - taken_);
    taken_ = next;
    return line;
  }
  // False at the end of the file.
  outcome<bool> read_more() {
    if (source_ == nullptr) {
      return false;
    }
    buffer_.erase(0, taken_);
    taken_ = 0;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + chunk_bytes);
    const auto read =
        source_->read_at(std::as_writable_bytes(std::span(buffer_)).subspan(before), position_);
    buffer_.resize(before + read.value_or(0));
    if (!read) {
      return fail_with(read.error());
    }
    position_ += static_cast<std::int64_t>(*read);
    return *read > 0;
  }
  bool open_next() {
    source_ = nullptr;
    position_ = 0;
    if (next_path_ == paths_.size()) {
      return false;
    }
    auto opened = files().open(paths_[next_path_++], runtime::open_mode::read);
    if (!opened) {
      failed_ = fail_with(opened.error()).error();
      return false;
    }
    source_ = std::move(*opened);
    return true;
  }

  std::vector<std::string> paths_;
  std::string delimiter_;
  std::size_t next_path_ = 0;
  std::shared_ptr<runtime::file> source_;
  std::int64_t position_ = 0;
  std::string buffer_;
  std::size_t taken_ = 0;  // of the buffer
  std::optional<failure> failed_;
};

}  // namespace

std::unique_ptr<line_source> line_source::of_standard_input(std::string delimiter) {
  return std::make_unique<standard_input_lines>(std::move(delimiter));
}

std::unique_ptr<line_source> line_source::of_files(std::vector<std::string> paths,
                                                   std::string delimiter) {
  return std::make_unique<file_lines>(std::move(paths), std::move(delimiter));
}

}  // namespace barnabas::app
