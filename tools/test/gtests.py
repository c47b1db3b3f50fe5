#!/usr/bin/env python3
"""Runs what CMake registered with add_test in a build folder, two at a time, and counts each GoogleTest case.

usage: gtests.py BUILD_FOLDER LOG_FOLDER. The output of a program that fails is shown; all of it is in
LOG_FOLDER/<preset>-<test>.log. The last line is `N passed, N failed, N skipped`.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

LONGEST_SECONDS = 900
SHOWN_LINES = 80


def registered(folder):
    """[(name, command)]; the command is None when the program was not built."""
    listing = subprocess.run(["ctest", "--test-dir", folder, "--show-only=json-v1"],
                             check=True, capture_output=True).stdout
    return [(test["name"], test.get("command")) for test in json.loads(listing)["tests"]]


def counts(report, exit_code):
    """(passed, failed, skipped, names of failed cases) of one program."""
    if not report.exists():  # it crashed, or is no GoogleTest: one test
        return (1, 0, 0, []) if exit_code == 0 else (0, 1, 0, ["the program"])
    passed, skipped, failed = 0, 0, []
    for case in xml.parse(report).getroot().iter("testcase"):
        if case.find("failure") is not None:
            failed.append(f"{case.get('classname')}.{case.get('name')}")
        elif case.get("result") == "skipped":
            skipped += 1
        elif case.get("status") == "run":
            passed += 1
    if exit_code != 0 and not failed:
        failed.append(f"the program, exit code {exit_code} (a leak or a race, or it crashed at its end)")
    return passed, len(failed), skipped, failed


def run(name, command, logs, preset):
    if command is None:
        return name, 0.0, (0, 1, 0, ["the program was not built"]), ""
    report = logs / f"{preset}-{name}.xml"
    report.unlink(missing_ok=True)
    environment = dict(os.environ, GTEST_OUTPUT=f"xml:{report}", GTEST_COLOR="no")
    began = time.monotonic()
    with open(logs / f"{preset}-{name}.log", "w+b") as log:
        try:
            code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  env=environment, timeout=LONGEST_SECONDS).returncode
        except subprocess.TimeoutExpired:
            code = f"none, stopped after {LONGEST_SECONDS} s"
        log.seek(0)
        output = log.read().decode(errors="replace")
    return name, time.monotonic() - began, counts(report, code), output


def shown(output):
    lines = [line for line in output.splitlines() if not line.startswith(("[ RUN", "[       OK"))]
    cut = [f"... {len(lines) - SHOWN_LINES} lines before"] if len(lines) > SHOWN_LINES else []
    return "\n".join("    " + line for line in cut + lines[-SHOWN_LINES:])


def main():
    folder, logs = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    logs.mkdir(parents=True, exist_ok=True)
    total = [0, 0, 0]
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [pool.submit(run, name, command, logs, folder.name)
                for name, command in registered(folder)]
        for job in concurrent.futures.as_completed(jobs):
            name, seconds, (passed, failed, skipped, failures), output = job.result()
            total = [sum(pair) for pair in zip(total, (passed, failed, skipped))]
            print(f"{'ok    ' if not failed else 'FAILED'} {name}: {passed} passed, {failed} failed, "
                  f"{skipped} skipped, {seconds:.1f} s", flush=True)
            if failed:
                print(shown(output))
                print("\n".join(f"  FAILED {name}: {failure}" for failure in failures), flush=True)
    print("{} passed, {} failed, {} skipped".format(*total))
    return total[1] != 0


if __name__ == "__main__":
    sys.exit(main())
