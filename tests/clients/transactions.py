"""Transactions of our client library against Apache Kafka: the scenarios of a program, a producer that is killed in the
middle of a transaction, and what a reader of Kafka's sees of it all."""
import subprocess

from apache_kafka import Kafka
from broker import ROOT
from tools import run_alone

PROGRAM = ROOT / "build/release/tests/clients/client_transactions"
EXAMPLE = ROOT / "build/release/examples/exactly_once"
COUNT = 200


def program(kafka, prefix, *command):
    return [PROGRAM, kafka.address, prefix, *command]


def own_scenarios(kafka, prefix, report):
    done = subprocess.run(program(kafka, prefix), capture_output=True, text=True, timeout=300)
    for line in done.stdout.splitlines():
        outcome, name, *note = line.split(" ", 2)
        report(outcome, name, *note)
    if done.returncode not in (0, 1) or not done.stdout:
        report("FAILED", "to its end", done.stderr[-500:])


def killed_in_the_middle(kafka, prefix):
    writer = subprocess.Popen(program(kafka, prefix, "open"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = writer.stdout.readline().strip()
    writer.kill()
    if said != "open":
        return writer.communicate()[1][-500:] or "it did not come so far"
    writer.communicate()
    return subprocess.run(program(kafka, prefix, "next"), capture_output=True, text=True, timeout=120).stderr[-500:]


def read_by_java(folder, release, kafka, topic, expected):
    _, printed, why = run_alone(folder, release, "console-consumer", [
        "--bootstrap-server", kafka.address, "--topic", topic, "--from-beginning", "--timeout-ms", "8000",
        "--isolation-level", "read_committed"])
    return "" if sorted(printed.split()) == sorted(expected) else f"{len(printed.split())} others: {why[-300:]}"


def copied_by_the_example(kafka, prefix):
    """Twice: the second finds nothing to copy."""
    for _ in range(2):
        done = subprocess.run([EXAMPLE, kafka.address, f"{prefix}-in", f"{prefix}-loud", f"{prefix}-example", prefix],
                              capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            return done.stderr[-500:]
    return ""


def run(folder, release, prefix, report):
    kafka = Kafka(release)
    try:
        kafka.start()
        own_scenarios(kafka, prefix, report)
        trouble = killed_in_the_middle(kafka, prefix)
        report("FAILED" if trouble else "ok", "killed-in-the-middle", trouble)
        trouble = copied_by_the_example(kafka, prefix)
        report("FAILED" if trouble else "ok", "example", trouble)
        for topic, words in (("both", ["committed-"] * 2), ("killed", ["next-"]), ("out", ["in-"]), ("loud", ["IN-"])):
            expected = [f"{word}{number}" for word in words for number in range(COUNT)]
            trouble = read_by_java(folder, release, kafka, f"{prefix}-{topic}", expected)
            report("FAILED" if trouble else "ok", f"java-reads-{topic}", trouble)
    finally:
        kafka.remove()
