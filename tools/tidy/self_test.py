#!/usr/bin/env python3
"""Shows on small made-up trees that each check of tidy finds what it is for, and nothing else."""
import pathlib
import sys
import tempfile
import unittest

import exceptions
import tidy
from functions import functions
from source import Finding

ROOMS = "# rooms\nbase:\nruntime: base\nstorage: base runtime\nbroker: base runtime storage\n"
HEADER = "// Owns nothing.\n#pragma once\n"


def findings(files):
    """{check: [finding as text]} for a tree of {path: content}, without the formatter."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, content in {"src/rooms.txt": ROOMS, **files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(content)
        return {name: [str(f) for f in found] for name, found in tidy.run(root)
                if found and name != "format"}


class Includes(unittest.TestCase):
    def test_downward_and_own_includes_pass(self):
        self.assertEqual(findings({"src/storage/log.cpp": '#include "storage/detail/x.h"\n'
                                   '#include "runtime/file.h"\n#include <vector>\n'}), {})

    def test_upward_include_fails_with_its_line(self):
        found = findings({"src/storage/log.cpp": '\n#include "broker/x.h"\n'})
        self.assertIn("src/storage/log.cpp:2: ", found["includes between rooms"][0])

    def test_detail_of_another_room_fails(self):
        found = findings({"src/broker/x.cpp": '#include "storage/detail/x.h"\n'})
        self.assertIn("detail/", found["includes between rooms"][0])

    def test_unknown_room_fails(self):
        self.assertIn("includes between rooms", findings({"src/attic/x.cpp": "\n"}))

    def test_a_table_with_a_circle_fails(self):
        self.assertIn("table of rooms", findings({"src/rooms.txt": "base: runtime\nruntime: base\n"}))


class Banned(unittest.TestCase):
    def fails(self, path, line):
        found = findings({path: line + "\n"}).get("banned calls and headers")
        self.assertTrue(found, f"{path}: {line}")

    def passes(self, path, line):
        self.assertEqual(findings({path: line + "\n"}), {}, f"{path}: {line}")

    def test_calls_in_the_wrong_room_fail(self):
        self.fails("src/storage/x.cpp", "std::mutex m;")
        self.fails("src/broker/x.cpp", "#include <thread>")
        self.fails("src/storage/x.cpp", "int f() { return ::open(p, 0); }")
        self.fails("src/storage/x.cpp", "auto t = std::chrono::steady_clock::now();")
        self.fails("src/storage/x.cpp", "#include <boost/asio.hpp>")
        self.fails("src/storage/x.cpp", "#include <openssl/ssl.h>")
        self.fails("src/broker/x.cpp", "#include <sqlite3.h>")
        self.fails("src/broker/x.cpp", 'void f() { printf("x"); }')
        self.fails("src/storage/x.cpp", "void f() { throw 1; }")
        self.fails("src/base/x.cpp", "#include <spdlog/spdlog.h>")

    def test_the_same_calls_where_they_belong_pass(self):
        self.passes("src/runtime/x.cpp", "std::mutex m; int f() { return ::open(p, 0); }")
        self.passes("src/base/log.cpp", "#include <spdlog/spdlog.h>")
        self.passes("apps/barnabas/main.cpp", "std::cout << 1;")

    def test_comments_and_strings_are_not_code(self):
        self.passes("src/storage/x.cpp", '// std::mutex\nauto s = "std::mutex"; /* throw */ char c = \'"\';')

    def test_alike_names_pass(self):
        self.passes("src/storage/x.cpp", "auto f = log.open(x); files.rename(a, b); object.time(0); snprintf(a);")

    def test_leftovers_and_empty_names_fail(self):
        self.assertIn("words and folders", findings({"src/base/x.cpp": "// TO" "DO later\n"}))
        self.assertIn("words and folders", findings({"src/base/util/x.cpp": "\n"}))

    def test_headers(self):
        self.assertEqual(findings({"src/base/x.h": HEADER}), {})
        self.assertIn("headers", findings({"src/base/x.h": "// no guard\n"}))
        self.assertIn("headers", findings({"src/base/x.h": HEADER + "using namespace std;\n"}))
        self.assertIn("headers", findings({"src/base/x.h": "#pragma once\n"}))


class Sizes(unittest.TestCase):
    def test_long_files_lines_and_functions_fail(self):
        self.assertIn("length of files", findings({"src/base/x.cpp": "\n" * 601}))
        self.assertIn("columns", findings({"src/base/x.cpp": "int " + "x" * 100 + ";\n"}))
        body = "void f() {\n" + "  g();\n" * 59 + "}\n"
        found = findings({"src/base/x.cpp": body + "void s() {}\n" * 20})
        self.assertIn("f has 61 lines", found["length of functions"][0])

    def test_one_of_ten_functions_may_be_long(self):
        long, short = "void f() {\n" + "  g();\n" * 40 + "}\n", "void s() {}\n"
        self.assertEqual(findings({"src/base/x.cpp": long + short * 9}), {})
        self.assertIn("length of functions", findings({"src/base/x.cpp": long * 2 + short * 9}))

    def lengths(self, code):
        return [(name, last - first + 1) for first, last, name in functions(code)]

    def test_functions_are_found_where_they_are(self):
        self.assertEqual(self.lengths("namespace a {\nstruct b : c {\n  int f() const override {\n  return 1;\n  }\n"
                                      "  int x{3};\n};\n}\n"), [("f", 3)])
        self.assertEqual(self.lengths("b::b(int x)\n    : x_{x}, y_(x) {\n  run();\n}\n"), [("b::b", 4)])
        self.assertEqual(self.lengths("template <class T>\nresult<T> f(o x = {}) {\n}\nint g() {}\n"),
                         [("f", 3), ("g", 1)])
        self.assertEqual(self.lengths("const int t[] = {\n1,\n2};\nenum class e : int { a };\nint g() {}\n"),
                         [("g", 1)])
        self.assertEqual(self.lengths("void f() {\n  auto g = [] {\n    return 1;\n  };\n}\n"), [("f", 5)])
        self.assertEqual(self.lengths("TEST(a, b) {\n}\n#define X(a) {\nbool operator==(a, b) { return 1; }\n"),
                         [("TEST", 2), ("operator==", 1)])


class Exceptions(unittest.TestCase):
    LONG = Finding("a.cpp", 1, "long", "f", 70)

    def remaining(self, text, first=None, found=None):
        return [str(f) for f in exceptions.apply([self.LONG] if found is None else found,
                                                 exceptions.read(text), first)]

    def test_a_listed_finding_passes_at_its_figure(self):
        self.assertEqual(self.remaining("a.cpp f 70"), [])

    def test_it_fails_above_and_asks_to_shrink_below(self):
        self.assertEqual(len(self.remaining("a.cpp f 69")), 2)
        self.assertIn("down to 70", self.remaining("a.cpp f 71")[0])

    def test_a_line_that_is_not_needed_or_new_fails(self):
        self.assertIn("remove", self.remaining("a.cpp f 70", found=[])[0])
        self.assertIn("only shrinks", self.remaining("a.cpp f 70", first={})[0])


if __name__ == "__main__":
    outcome = unittest.TextTestRunner(verbosity=1).run(unittest.defaultTestLoader.loadTestsFromModule(
        sys.modules[__name__]))
    bad = len(outcome.failures) + len(outcome.errors)
    print(f"{outcome.testsRun - bad} passed, {bad} failed", flush=True)
    sys.exit(bad != 0)
