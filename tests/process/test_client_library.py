"""The client library against real brokers: its examples, batches that are too large, and an idempotent producer whose
broker is killed again and again: nothing lost, nothing doubled, order kept."""
import os
import pathlib
import random
import signal
import subprocess
import time
import unittest

from broker import AGAINST, PROGRAM, Broker, BrokerTest

KILLS = int(os.environ.get("BARNABAS_KILLS", "10"))
BUILD = pathlib.Path(PROGRAM).resolve().parents[2]
PARTITIONS = 2


def run(program, *arguments, seconds=60, given=""):
    return subprocess.run([str(BUILD / program), *map(str, arguments)], capture_output=True, text=True,
                          timeout=seconds, check=False, input=given)


def begin_writing(test, topic, partitions, *settings):
    writer = subprocess.Popen([str(BUILD / "tests/process/client_writer"), test.broker.address, topic,
                               str(partitions), *settings], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
    test.addCleanup(writer.kill)
    return writer


def end_writing(test, writer):
    """[(partition, offset, number)] that the producer was told."""
    output, errors = writer.communicate(timeout=120)
    test.assertEqual(writer.returncode, 0, errors)
    failed = [line for line in output.splitlines() if line.startswith("failed")]
    test.assertEqual(failed, [])
    return [tuple(map(int, line.split())) for line in output.splitlines()]


def check_log(test, topic, partitions, told):
    done = run("tests/process/client_reader", test.broker.address, topic, partitions)
    test.assertEqual(done.returncode, 0, done.stderr)
    log = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    test.assertEqual(sorted(number for _, _, number in log), list(range(len(told))), "each record stands once")
    last = {}
    for partition, _, number in log:
        test.assertGreater(number, last.get(partition, -1), f"the order of partition {partition}")
        last[partition] = number
    places = {(partition, offset): number for partition, offset, number in log}
    for partition, offset, number in told:
        if offset >= 0:
            test.assertEqual(places[partition, offset], number)
    test.figures = [f"{len(told)} records"]


class ExamplesTest(BrokerTest):
    """Each example ends well and says what its comment promises."""

    def output(self, name, *arguments):
        done = run(f"examples/{name}", self.broker.address, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_first_program(self):
        self.assertEqual(self.output("first_program"), "0: hello, castle\n")

    def test_delivery_reports(self):
        lines = self.output("delivery_reports", self.topic).splitlines()
        self.assertEqual(len(lines), 10)
        self.assertEqual(sorted(int(line.split()[1]) for line in lines), list(range(10)), "each tag once")

    def test_partition_by_crc32(self):
        first, second = (self.output("partition_by_crc32", self.topic) for _ in range(2))
        self.assertEqual([line.split()[:2] for line in first.splitlines()],
                         [line.split()[:2] for line in second.splitlines()], "a key keeps its partition")

    def test_admin(self):
        self.assertIn(f"{self.topic} has 3 partitions", self.output("admin_topics", self.topic))

    def test_transactions_are_refused_in_the_words_of_the_broker(self):
        done = run("examples/exactly_once", self.broker.address, self.topic, f"{self.topic}-copy",
                   f"{self.topic}-group", f"{self.topic}-id", seconds=10)
        self.assertEqual(done.returncode, 1)
        self.assertIn("INVALID_REQUEST: this broker coordinates groups only", done.stderr)

    def test_commit_after_processing_goes_on_after_a_crash(self):
        for _ in range(2):
            self.output("delivery_reports", self.topic)
        name, group = "examples/commit_after_processing", f"{self.topic}-group"
        crashed = run(name, self.broker.address, self.topic, group, 7)
        self.assertEqual(crashed.returncode, 3, crashed.stderr)
        first = [tuple(map(int, line.split()[:2])) for line in crashed.stdout.splitlines()]
        rest = [tuple(map(int, line.split()[:2])) for line in self.output(
            "commit_after_processing", self.topic, group).splitlines()]
        self.assertEqual(len(first), 7)
        self.assertEqual(len(set(first) | set(rest)), 20, "none is missed")
        self.assertEqual(set(first) & set(rest), {first[-1]}, "only what was not committed comes again")

    def test_asio_coroutine(self):
        self.assertIn("offset 0", self.output("asio_coroutine", self.topic))


class AdminTest(BrokerTest):
    """Every call of the admin client: what our broker serves does what it should."""
    REFUSED = {"alter_configs (client_metrics)", "fence_producers", "describe_transactions"}

    def test_every_call(self):
        done = run("tests/process/client_admin", self.broker.address, self.topic)
        lines = done.stdout.splitlines()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([line for line in lines if " failed: " in line], [])
        refused = {line.split(" refused: ")[0] for line in lines if " refused: " in line}
        self.assertLessEqual(refused, self.REFUSED)
        self.assertGreaterEqual(sum(line.endswith(" ok") for line in lines), 45, done.stdout)


class BatchesTest(BrokerTest):
    def test_the_order_of_an_idempotent_producer_holds_from_the_first_record_of_many_partitions(self):
        name, partitions = f"{self.topic}-many", 1000
        made = run("apps/barnabas/barnabas", "topic", "create", name, "-n", partitions, "-b", self.broker.address)
        self.assertEqual(made.returncode, 0, made.stderr)
        writer = begin_writing(self, name, partitions, "batch.num.messages=1", "linger.ms=0")
        time.sleep(3)
        check_log(self, name, partitions, end_writing(self, writer))

    def test_what_is_larger_than_the_topic_takes_comes_in_parts(self):
        name, lines = f"{self.topic}-small", [str(number) for number in range(20_000)]
        for arguments in (["topic", "create", name, "-n", 1, "-s", "max.message.bytes=3000"],
                          ["produce", name, "-X", "linger.ms=20"]):
            done = run("apps/barnabas/barnabas", *arguments, "-b", self.broker.address, given="\n".join(lines) + "\n")
            self.assertEqual(done.returncode, 0, done.stderr)
        read = run("apps/barnabas/barnabas", "consume", name, "-e", "-f", "%s\\n", "-b", self.broker.address)
        self.assertEqual(read.stdout.split(), lines)


@unittest.skipIf(AGAINST, "needs a broker process of its own")
class DisturbedBrokerTest(unittest.TestCase):
    def setUp(self):
        self.broker = Broker({"num.partitions": PARTITIONS, "log.segment.bytes": 4_000_000})
        self.addCleanup(self.broker.remove)
        self.broker.start()

    def kill(self):
        self.broker.kill()
        time.sleep(random.uniform(0, 0.3))
        self.broker.start()

    def pause(self):
        self.broker.process.send_signal(signal.SIGSTOP)
        time.sleep(1.2)
        self.broker.process.send_signal(signal.SIGCONT)

    def write_while(self, disturb, times, *settings):
        """[(partition, offset, number)] that the producer was told."""
        writer = begin_writing(self, "kept", PARTITIONS, *settings)
        for _ in range(times):
            time.sleep(random.uniform(0.2, 0.8))
            disturb()
        time.sleep(0.5)
        return end_writing(self, writer)

    def test_nothing_is_lost_doubled_or_reordered_while_the_broker_is_killed(self):
        check_log(self, "kept", PARTITIONS, self.write_while(self.kill, KILLS))
        self.figures[0] += f", {KILLS} kills"

    def test_nothing_is_lost_doubled_or_reordered_while_the_broker_is_stopped_for_longer_than_a_request(self):
        check_log(self, "kept", PARTITIONS, self.write_while(self.pause, 3, "request.timeout.ms=400"))

    def test_a_stopped_broker_fails_records_when_their_time_is_over(self):
        writer = subprocess.Popen([PROGRAM, "produce", "kept", "-b", self.broker.address, "-X",
                                   "delivery.timeout.ms=3000", "-X", "request.timeout.ms=1000"],
                                  stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)
        self.addCleanup(writer.kill)
        writer.stdin.write("delivered\n")
        time.sleep(1)
        self.broker.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        writer.stdin.write("late\n")
        _, said = writer.communicate(timeout=30)
        took = time.monotonic() - began
        self.assertNotEqual(writer.returncode, 0)
        self.assertIn("delivery.timeout.ms", said)
        self.assertGreater(took, 2.7)
        self.assertLess(took, 3.3)
        self.figures = [f"{took:.2f} s of 3"]

