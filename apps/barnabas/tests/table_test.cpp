#include "frame/table.h"

#include <gtest/gtest.h>

namespace barnabas::app {
namespace {

std::string printed(const table& rows, bool is_json) {
  output to;
  rows.print(to, is_json);
  return to.buffer();
}

table two_rows() {
  table rows({{"NAME", "name"}, {"COUNT", "count"}, {"", "hidden"}});
  rows.add({text_cell("städte"), count_cell(1234), yes_cell(true)});
  rows.add({text_cell("x"), no_value(), yes_cell(false)});
  return rows;
}

TEST(table, people_see_aligned_columns_numbers_to_the_right) {
  EXPECT_EQ(printed(two_rows(), false),
            "NAME    COUNT\n"
            "städte  1,234\n"
            "x       -\n");
}

TEST(table, scripts_see_the_same_rows_as_objects) {
  EXPECT_EQ(printed(two_rows(), true),
            "{\"name\":\"städte\",\"count\":1234,\"hidden\":true}\n"
            "{\"name\":\"x\",\"count\":null,\"hidden\":false}\n");
}

TEST(table, an_empty_table_is_its_titles) {
  const table rows({{"NAME", "name"}});
  EXPECT_EQ(printed(rows, false), "NAME\n");
  EXPECT_EQ(printed(rows, true), "");
}

TEST(table, what_is_printed_in_parts_has_its_titles_once_and_columns_that_only_grow) {
  table rows({{"A", "a"}, {"B", "b"}});
  output to;
  rows.add({text_cell("long"), text_cell("1")});
  rows.print_some(to, false);
  rows.add({text_cell("x"), text_cell("2")});
  rows.print_some(to, false);
  EXPECT_EQ(to.buffer(), "A     B\nlong  1\nx     2\n");
}

TEST(table, what_would_disturb_a_terminal_is_replaced) {
  EXPECT_EQ(text_cell("a\x1b[31m\xff").text, "a�[31m�");
  EXPECT_EQ(text_cell("a\x1b").json, "\"a\\u001B\"");
}

TEST(table, one_row_may_stand_upright) {
  table rows({{"A", "a"}, {"LONG", "b"}});
  rows.add({count_cell(1), text_cell("x")});
  output to;
  rows.print_upright(to, false);
  EXPECT_EQ(to.buffer(), "A     1\nLONG  x\n");
}

}  // namespace
}  // namespace barnabas::app
