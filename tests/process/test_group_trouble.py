"""Trouble below consumer groups: a log with a torn tail, topics that go while they are consumed and compacted."""
import struct
import threading
import time

import group_wire as groups
import wire
from broker import Broker, BrokerTest
from wire import Connection

NONE, UNKNOWN_TOPIC, NOT_LEADER, UNKNOWN_MEMBER = 0, 3, 6, 25
DELETE_TOPICS = 20
GROUPS = 40
SETTINGS = {"group.initial.rebalance.delay.ms": 0, "offsets.topic.num.partitions": 1}


def wait_for_coordinator(port):
    until = time.monotonic() + 20
    with Connection(port) as connection:
        while connection.ask(groups.find_coordinator("anybody"))[:2] != b"\0\0" or \
                groups.error_of(connection.ask(groups.heartbeat("nobody", 1, "m"))) != UNKNOWN_MEMBER:
            if time.monotonic() > until:
                raise AssertionError("no coordinator")
            time.sleep(0.02)


def commit_error(connection, group, topic, offset):
    return groups.committed_error(connection.ask(groups.commit(group, topic, offset)))


def committed(connection, group, topic):
    return groups.fetched(connection.ask(groups.fetch(group, topic)))[0]


class TornTailTest(BrokerTest):
    settings = SETTINGS

    def setUp(self):
        super().setUp()
        self.own_process()

    def test_a_coordinator_goes_on_from_a_log_with_a_torn_tail(self):
        wait_for_coordinator(self.broker.port)
        with Connection(self.broker.port) as connection:
            self.assertEqual(connection.create_error(self.topic), NONE)
            for n in range(GROUPS):
                self.assertEqual(commit_error(connection, f"group-{n}", self.topic, 1000 + n), NONE)
        self.broker.kill()
        [log] = (self.broker.folder / "data/__consumer_offsets-0").glob("*.log")
        torn = wire.batch([b"never acknowledged" * 100])
        with open(log, "ab") as file:
            file.write(struct.pack(">q", GROUPS) + torn[8:len(torn) // 2])
        self.broker.start()
        wait_for_coordinator(self.broker.port)
        with Connection(self.broker.port) as connection:
            for n in range(GROUPS):
                self.assertEqual(committed(connection, f"group-{n}", self.topic), 1000 + n)
                self.assertEqual(commit_error(connection, f"group-{n}", self.topic, 2000 + n), NONE)
                self.assertEqual(committed(connection, f"group-{n}", self.topic), 2000 + n)
        cut = "cut the end of a log that was not written whole partition=__consumer_offsets-0"
        self.assertIn(cut, self.broker.log())


class DeletedTopicTest(BrokerTest):
    settings = SETTINGS | {"log.cleanup.policy": "compact", "log.segment.bytes": 20_000, "log.cleaner.backoff.ms": 5,
                           "log.cleaner.min.cleanable.ratio": 0.01, "log.segment.delete.delay.ms": 10,
                           "auto.create.topics.enable": "false"}

    def setUp(self):
        super().setUp()
        wait_for_coordinator(self.broker.port)
        self.connection = Connection(self.broker.port)
        self.addCleanup(self.connection.socket.close)

    def fill(self, topic, batches=40):
        """Records of ten keys, in more segments than one."""
        body = b"".join(wire.record(b"x" * 200, n, b"key-%d" % (n % 10)) for n in range(50))
        batch = wire.batch([b""] * 50, body=body)
        for _ in range(batches):
            error, _ = self.connection.produce_error(topic, batch)
            self.assertEqual(error, NONE)

    def consume(self, topic, errors):
        """Reads from the beginning, again and again, until the broker says that there is no such topic."""
        with Connection(self.broker.port) as connection:
            while True:
                answer = connection.ask(wire.fetch(topic, max_wait_ms=10))
                _, at = groups.text_at(answer, 8)
                error = struct.unpack_from(">h", answer, at + 8)[0]
                if error == UNKNOWN_TOPIC:
                    return
                if error != NONE:
                    errors.add(error)

    def delete(self, topic):
        body = struct.pack(">i", 1) + wire.string(topic) + struct.pack(">i", 10_000)
        answer = self.connection.ask(wire.request(DELETE_TOPICS, 1, body))
        self.assertEqual(struct.unpack(">h", answer[-2:])[0], NONE)

    def test_a_topic_goes_while_it_is_consumed_and_compacted(self):
        kept = self.topic + "-kept"
        self.assertEqual(self.connection.create_error(kept), NONE)
        self.assertEqual(commit_error(self.connection, "others", kept, 77), NONE)
        for _ in range(10):
            self.assertEqual(self.connection.create_error(self.topic), NONE)
            self.assertEqual(committed(self.connection, "readers", self.topic), -1, "offsets of the topic before")
            errors = set()
            reader = threading.Thread(target=self.consume, args=(self.topic, errors))
            reader.start()
            self.fill(self.topic)
            self.assertEqual(commit_error(self.connection, "readers", self.topic, 5), NONE)
            self.delete(self.topic)
            reader.join(20)
            self.assertFalse(reader.is_alive(), "the reader never heard that its topic has gone")
            self.assertLessEqual(errors, {NOT_LEADER})
            self.assertEqual(commit_error(self.connection, "readers", self.topic, 6), UNKNOWN_TOPIC)
        self.assertEqual(committed(self.connection, "others", kept), 77)
        self.fill(kept)
        self.wait_until_compacted(kept)

    def wait_until_compacted(self, topic):
        """The cleaner has survived all that: ten keys are left of what is not in the last segment."""
        if not isinstance(self.broker, Broker):
            return
        until = time.monotonic() + 20
        folder = self.broker.folder / f"data/{topic}-0"
        while sum(path.stat().st_size for path in folder.glob("*.log")) > 60_000:
            self.assertLess(time.monotonic(), until, f"{topic} is not compacted")
            time.sleep(0.05)
