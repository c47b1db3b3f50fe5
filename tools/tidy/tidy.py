#!/usr/bin/env python3
"""Checks the tree against the rules of ARCHITECTURE.md and STYLE.md and prints `file:line: what and why`.

usage: tidy.py [--root FOLDER] [--count]     --count ends with `N passed, N failed`, a check counting as one
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

import banned
import exceptions
import rooms
import sizes
from source import Finding, collect


def check_format(root, sources):
    """What clang-format would change, one finding a file."""
    program = shutil.which("clang-format-19")
    files = [source.path for source in sources if source.is_cpp]
    if program is None or not files:
        return
    done = subprocess.run([program, "--dry-run", *files], cwd=root, capture_output=True, text=True)
    if done.returncode != 0:
        yield Finding(".clang-format", 1, f"clang-format-19 does not run: {done.stderr[:200]}")
    seen = set()
    for path, line in re.findall(r"^(\S+?):(\d+):\d+: \w+: code should be", done.stderr, re.MULTILINE):
        if path not in seen:
            seen.add(path)
            yield Finding(path, int(line), f"not formatted from here on: clang-format-19 -i {path}")


def checks(root, sources):
    """(name, findings) of each check."""
    table = rooms.read_table(root / "src/rooms.txt")
    yield "table of rooms", rooms.check_table(table)
    yield "includes between rooms", rooms.check_includes(sources, table)
    yield "length of files", sizes.check_files(sources)
    yield "length of functions", sizes.check_functions(sources)
    yield "columns", sizes.check_columns(sources)
    yield "banned calls and headers", banned.check_calls(sources)
    yield "headers", banned.check_headers(sources)
    yield "words and folders", banned.check_words(sources)
    yield "format", check_format(root, sources)


def run(root):
    """[(check, findings)] with the exceptions taken out."""
    sources = collect(root)
    results = [(name, list(findings)) for name, findings in checks(root, sources)]
    listed = root / exceptions.LIST
    if listed.exists():
        entries = exceptions.read(listed.read_text())
        everything = [finding for _, findings in results for finding in findings]
        remaining = exceptions.apply(everything, entries, exceptions.first_version(root))
        kept = set(map(id, remaining))
        results = [(name, [f for f in findings if id(f) in kept]) for name, findings in results]
        results.append(("exceptions", [f for f in remaining if f.path == exceptions.LIST]))
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--count", action="store_true")
    options = parser.parse_args()
    results = run(options.root)
    for name, findings in results:
        for finding in findings:
            print(finding)
        if options.count or findings:
            print(f"{'FAILED' if findings else 'ok    '} {name}" + (f": {len(findings)}" if findings else ""))
    failed = sum(bool(findings) for _, findings in results)
    if options.count:
        print(f"{len(results) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
