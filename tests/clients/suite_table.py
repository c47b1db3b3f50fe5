"""docs/suites.md: what fails in the suites that others wrote or is left out, with the reason; the rest by name."""
import re

from suite_runs import KAFKA_PYTHON, LIBRDKAFKA, SARAMA
from table import MARKS

BROKERS = ["barnabas", "kafka-3.9", "kafka-4.3"]
HEAD = f"""# Suites that others wrote

Written by `tests/clients/suites --table docs/suites.md` from the results of its runs, one node each with the same
settings: functional tests of {SARAMA.split("/", 1)[1]} behind toxiproxy, integration tests of {KAFKA_PYTHON}, and the
test runner of librdkafka 2.15.1 (from {LIBRDKAFKA}), quick and without its network emulation.
✓ passes, ✗ fails, – skips itself, · was left out; an empty cell was not run.
"""
OLD_MESSAGES = "messages of versions before 0.11, which Apache Kafka 4 does not take either"
REASONS = {
    "sarama": {"Java|Interop": "needs Docker",
               "UpdateFeatures": "was told 3.9",
               "TestFuncProducing": OLD_MESSAGES},
    "kafka-python": {"describe_configs_broker_resource": "was told 3.9 and wants what a broker with ZooKeeper says",
                     "describe_topic_partitions|list_config_resources": "for newer brokers",
                     "offsets_for_time_old": "for brokers before 0.10.1"},
    "librdkafka": {"0052|0092": OLD_MESSAGES,
                   "0053": "was built without RapidJSON", "0081|0109": "permissions: these brokers have none",
                   "0082|0110": "not in its quick mode",
                   "0084": "its own time limit, on a loaded machine",
                   "0118": "a race where its members join one by one"},
}


def markdown(results):
    """results: (test, outcome, note) by `SUITE BROKER`."""
    text = HEAD
    for suite in dict.fromkeys(key.split()[0] for key in results):
        cells = {}  # test: {broker: (outcome, note)}
        for broker in BROKERS:
            for test, outcome, note in results.get(f"{suite} {broker}", []):
                cells.setdefault(test, {})[broker] = outcome, note
        text += f"\n## {suite}\n\n" + table_of(suite, cells)
    return text


def table_of(suite, cells):
    rows, everywhere = [], []
    for test, found in sorted(cells.items()):
        if all(outcome == "ok" for outcome, _ in found.values()):  # wherever it was run
            everywhere.append(test)
            continue
        marks = (MARKS[found[broker][0]] if broker in found else "" for broker in BROKERS)
        rows.append(f"| {test} | {' | '.join(marks)} | {reason_of(suite, test, found)} |\n")
    text = "| test | ours | Kafka 3.9 | Kafka 4.3 | reason |\n| --- | :-: | :-: | :-: | --- |\n" + "".join(rows)
    return text + f"\nAll pass {len(everywhere)}: {', '.join(everywhere)}.\n"


def reason_of(suite, test, found):
    left_out = [note for outcome, note in found.values() if outcome == "left out"]
    said = [reason for pattern, reason in REASONS.get(suite, {}).items() if re.search(pattern, test)]
    notes = [note for _, note in found.values() if note]
    return (left_out + said + notes + [""])[0]
