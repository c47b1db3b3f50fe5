// Rows that print as an aligned table for people, or with --json as one object a line for scripts:
// the same rows, so that both say the same.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frame/output.h"
#include "frame/terminal.h"

namespace barnabas::app {

// A value as people read it, and as JSON.
struct cell {
  std::string text;
  std::string json;
  bool is_number = false;  // stands to the right
  app::colour colour = colour::none;

  cell painted(app::colour colour) && {
    this->colour = colour;
    return std::move(*this);
  }
};

cell no_value();
cell text_cell(std::string_view text);
cell text_or_nothing(const std::optional<std::string>& text);
cell number_cell(std::int64_t number);  // an id: no separators
cell count_cell(std::int64_t count);
cell count_or_nothing(std::optional<std::int64_t> count);
cell real_cell(double number);
cell bytes_cell(std::int64_t bytes);
cell time_cell(std::int64_t time_ms);  // "-" and null below 0
cell duration_cell(std::int64_t duration_ms);
cell yes_cell(bool is_true);  // people see "yes" or nothing
cell list_cell(std::span<const std::int32_t> numbers);
cell list_cell(std::span<const std::string> texts);

struct column {
  std::string_view title;  // people's, in capitals; the last may have none: only JSON has them
  std::string_view key;    // JSON's
};

class table {
 public:
  explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}
  // As many cells as columns.
  void add(std::vector<cell> row);
  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  std::size_t columns() const { return columns_.size(); }
  // An empty table is its title line; no line in JSON.
  void print(output& to, bool is_json) const;
  // Prints and forgets the rows so far, for tables without a bound: titles come once, and columns
  // only grow.
  void print_some(output& to, bool is_json);
  // One row as `name  value` lines.
  void print_upright(output& to, bool is_json) const;

 private:
  void print_json(output& to) const;
  void print_titles(output& to, const std::vector<std::size_t>& widths) const;
  void print_rows(output& to, const std::vector<std::size_t>& widths) const;
  std::vector<std::size_t> widths() const;

  std::vector<column> columns_;
  std::vector<std::vector<cell>> rows_;
  std::vector<std::size_t> printed_widths_;  // by print_some(); empty before
};

// How many columns of a terminal UTF-8 text takes, one a code point.
std::size_t display_width(std::string_view text);

}  // namespace barnabas::app
