#include "frame/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"
#include "frame/human_units.h"
#include "frame/json_text.h"

namespace barnabas::app {
namespace {

std::string joined_json(std::span<const std::string> parts) {
  return fmt::format("[{}]", fmt::join(parts, ","));
}

cell number_of(std::string text, std::int64_t number) {
  return {std::move(text), std::to_string(number), true};
}

void append_padded(std::string& to, const cell& cell, std::size_t width, bool is_last) {
  const std::size_t blanks = width - std::min(width, display_width(cell.text));
  const paint paint = standard_output().paint(cell.colour);
  if (cell.is_number) {
    to.append(blanks, ' ');
  }
  to.append(paint.on).append(cell.text).append(paint.off);
  if (!cell.is_number && !is_last) {
    to.append(blanks, ' ');
  }
}

void print_line(output& to, const std::vector<column>& columns, const std::vector<cell>& row,
                const std::vector<std::size_t>& widths) {
  const auto shown = static_cast<std::size_t>(
      std::ranges::find(columns, std::string_view(), &column::title) - columns.begin());
  for (std::size_t i = 0; i < shown; ++i) {
    to.write(i > 0 ? "  " : "");
    append_padded(to.buffer(), row[i], widths[i], i + 1 == shown);
  }
  to.write("\n");
  to.room();
}

}  // namespace

cell no_value() {
  return {"-", "null"};
}

cell text_cell(std::string_view text) {
  return {printable(text), json_of(text)};
}

cell text_or_nothing(const std::optional<std::string>& text) {
  return text ? text_cell(std::string_view(*text)) : no_value();
}

cell number_cell(std::int64_t number) {
  return number_of(std::to_string(number), number);
}

cell count_cell(std::int64_t count) {
  return number_of(count_text(count), count);
}

cell count_or_nothing(std::optional<std::int64_t> count) {
  return count ? count_cell(*count) : no_value();
}

cell real_cell(double number) {
  return {fmt::format("{:.1f}", number), fmt::format("{}", number), true};
}

cell bytes_cell(std::int64_t bytes) {
  return number_of(bytes_text(bytes), bytes);
}

cell time_cell(std::int64_t time_ms) {
  return time_ms < 0 ? no_value() : cell{time_text(time_ms), std::to_string(time_ms)};
}

cell duration_cell(std::int64_t duration_ms) {
  return duration_ms < 0 ? no_value() : number_of(duration_text(duration_ms), duration_ms);
}

cell yes_cell(bool is_true) {
  return {is_true ? "yes" : "", is_true ? "true" : "false"};
}

cell list_cell(std::span<const std::int32_t> numbers) {
  return {fmt::format("{}", fmt::join(numbers, ",")), fmt::format("[{}]", fmt::join(numbers, ","))};
}

cell list_cell(std::span<const std::string> texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) {
    quoted.push_back(json_of(text));
  }
  return {printable(fmt::format("{}", fmt::join(texts, ","))), joined_json(quoted)};
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; }));
}

void table::add(std::vector<cell> row) {
  ensure(row.size() == columns_.size(), "a row with as many cells as the table has columns");
  rows_.push_back(std::move(row));
}

std::vector<std::size_t> table::widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = display_width(columns_[i].title);
    for (const auto& row : rows_) {
      width = std::max(width, display_width(row[i].text));
    }
    widths.push_back(width);
  }
  return widths;
}

void table::print(output& to, bool is_json) const {
  if (is_json) {
    print_json(to);
    return;
  }
  const auto widths = this->widths();
  print_titles(to, widths);
  print_rows(to, widths);
}

void table::print_some(output& to, bool is_json) {
  if (is_json) {
    print_json(to);
  } else {
    const bool is_first = printed_widths_.empty();
    const auto widths = this->widths();
    printed_widths_.resize(widths.size());
    std::ranges::transform(widths, printed_widths_, printed_widths_.begin(),
                           [](std::size_t a, std::size_t b) { return std::max(a, b); });
    if (is_first) {
      print_titles(to, printed_widths_);
    }
    print_rows(to, printed_widths_);
  }
  rows_.clear();
}

void table::print_titles(output& to, const std::vector<std::size_t>& widths) const {
  std::vector<cell> titles;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const bool is_number = !rows_.empty() && rows_.front()[i].is_number;
    titles.push_back({std::string(columns_[i].title), {}, is_number, colour::bold});
  }
  print_line(to, columns_, titles, widths);
}

void table::print_rows(output& to, const std::vector<std::size_t>& widths) const {
  for (const auto& row : rows_) {
    print_line(to, columns_, row, widths);
  }
}

void table::print_json(output& to) const {
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      to.write(i == 0 ? "{\"" : ",\"");
      to.buffer().append(columns_[i].key).append("\":").append(row[i].json);
    }
    to.write("}\n");
    to.room();
  }
}

void table::print_upright(output& to, bool is_json) const {
  if (is_json) {
    print_json(to);
    return;
  }
  std::size_t width = 0;
  for (const column& column : columns_) {
    width = std::max(width, display_width(column.title));
  }
  const paint bold = standard_output().paint(colour::bold);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      to.buffer().append(bold.on).append(columns_[i].title).append(bold.off);
      to.buffer().append(width - display_width(columns_[i].title) + 2, ' ');
      append_padded(to.buffer(), {row[i].text, {}, false, row[i].colour}, 0, true);
      to.write("\n");
    }
  }
}

}  // namespace barnabas::app
