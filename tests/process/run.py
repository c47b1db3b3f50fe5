#!/usr/bin/python3
"""Tests with real processes and with the clients that Debian has. About five minutes.

usage: run.py [options] [SUITE...]       suites are the test_*.py files beside this one: kcat, kills, ...
  --against HOST:PORT   a broker that runs already, of any make; tests that need a process of their own skip
  --broker PROGRAM      the broker; default build/release/apps/barnabas/barnabas
  --kills N             how often the broker is killed under load; default 10
  --connections N       how many idle connections; default 10000, as far as the limit of open files goes
  --only NAME           only tests whose name contains NAME
The last line is `N passed, N failed, N skipped`.
"""
import argparse
import importlib
import os
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent


class Lines(unittest.TestResult):
    """One line a test: how it went, how long it took, what it measured."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self.began = 0.0

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def line(self, outcome, test, note=""):
        names = test.id().split(".")
        figures = "; ".join(getattr(test, "figures", []))
        print(f"{outcome} {'.'.join(names[-2:])} ({time.monotonic() - self.began:.1f} s)"
              + (f" {figures}" if figures else "") + (f" {note}" if note else ""), flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self.line("ok     ", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line("skipped", test, reason)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.line("FAILED ", test)
        print(self.failures[-1][1], flush=True)

    def addError(self, test, error):
        super().addError(test, error)
        self.line("FAILED ", test)
        print(self.errors[-1][1], flush=True)


def parse():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("--against")
    parser.add_argument("--broker")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--only")
    parser.add_argument("suites", nargs="*")
    return parser.parse_args()


def load(suites, name):
    loader = unittest.TestLoader()
    if name:
        loader.testNamePatterns = [f"*{name}*"]
    everything = sorted(path.stem for path in HERE.glob("test_*.py"))
    names = [f"test_{suite}" for suite in suites] or everything
    return [loader.loadTestsFromModule(importlib.import_module(module)) for module in names]


def main():
    options = parse()
    for name, value in (("AGAINST", options.against), ("BROKER", options.broker),
                        ("KILLS", options.kills), ("CONNECTIONS", options.connections)):
        if value is not None:
            os.environ[f"BARNABAS_{name}"] = str(value)
    sys.path.insert(0, str(HERE))
    result = Lines()
    unittest.TestSuite(load(options.suites, options.only)).run(result)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.passed} passed, {failed} failed, {len(result.skipped)} skipped", flush=True)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
