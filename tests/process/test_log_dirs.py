"""Replicas that move between the directories of one broker while they are written to, and what it says of them."""
import pathlib
import shutil
import struct
import threading
import time
import unittest

import wire
from broker import AGAINST, Broker
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource
from wire import string

ALTER_REPLICA_LOG_DIRS, DESCRIBE_LOG_DIRS = 34, 35
NONE, UNKNOWN_TOPIC_OR_PARTITION, KAFKA_STORAGE_ERROR, LOG_DIR_NOT_FOUND = 0, 3, 56, 57
INVALID_TOPIC_EXCEPTION, INVALID_REPLICATION_FACTOR, INVALID_REPLICA_ASSIGNMENT = 17, 38, 39
SECONDS = 60


@unittest.skipIf(AGAINST, "needs a broker process of its own")
class LogDirsTest(unittest.TestCase):
    def setUp(self):
        self.broker = Broker()
        self.dirs = [str(self.broker.folder / name) for name in ("data", "other")]
        self.broker.settings["log.dirs"] = ",".join(self.dirs)
        self.addCleanup(self.broker.remove)
        self.broker.start()

    def move(self, topic, path):
        body = struct.pack(">i", 1) + string(path) + struct.pack(">i", 1) + string(topic) + struct.pack(">ii", 1, 0)
        with wire.Connection(self.broker.port) as connection:
            answer = connection.ask(wire.request(ALTER_REPLICA_LOG_DIRS, 1, body))
        return struct.unpack(">h", answer[-2:])[0]

    def places(self, topic):
        """Of partition 0: {directory: (bytes, offset lag, whether it is a copy)}."""
        found = {path: logs.get((topic, 0)) for path, (error, logs) in self.directories().items()}
        return {path: log for path, log in found.items() if log}

    def directories(self):
        """{path: (error, {(topic, partition): (bytes, offset lag, whether it is a copy)})}"""
        with wire.Connection(self.broker.port) as connection:
            answer = connection.ask(wire.request(DESCRIBE_LOG_DIRS, 1, struct.pack(">i", -1)))
        at = 4

        def take(form):
            nonlocal at
            values = struct.unpack_from(">" + form, answer, at)
            at += struct.calcsize(">" + form)
            return values[0] if len(values) == 1 else values

        def text():
            nonlocal at
            size = take("h")
            at += size
            return answer[at - size:at].decode()
        found = {}
        for _ in range(take("i")):
            error, path = take("h"), text()
            logs = found.setdefault(path, (error, {}))[1]
            for _ in range(take("i")):
                topic = text()
                for _ in range(take("i")):
                    index, *log = take("iqq?")
                    logs[topic, index] = tuple(log)
        return found

    def wait_until_at(self, topic, path):
        until = time.monotonic() + SECONDS
        while list(self.places(topic)) != [path]:
            self.assertLess(time.monotonic(), until, f"{self.places(topic)}\n{self.broker.log()[-2000:]}")
            time.sleep(0.02)

    def write(self, topic, stop, numbers):
        """Numbers from len(numbers) on, in order; the list holds those that were acknowledged."""
        producer = Producer({"bootstrap.servers": self.broker.address, "enable.idempotence": True, "log_level": 0,
                             "message.timeout.ms": 60000, "queue.buffering.max.messages": 1000})

        def done(error, message):
            if error is None:
                numbers.append(int(message.value()[:8]))
        number = 0
        while not stop.is_set():
            try:
                producer.produce(topic, b"%08d" % number + b"x" * 1000, partition=0, on_delivery=done)
                number += 1
            except BufferError:
                producer.poll(0.01)
            producer.poll(0)
        producer.flush(SECONDS)

    def read(self, topic, count):
        consumer = Consumer({"bootstrap.servers": self.broker.address, "group.id": "assigned",
                             "enable.auto.commit": False, "log_level": 0})
        consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        found, until = [], time.monotonic() + SECONDS
        while len(found) < count and time.monotonic() < until:
            found += [int(m.value()[:8]) for m in consumer.consume(1000, 0.5) if m.error() is None]
        consumer.close()
        return found

    def test_a_partition_moves_there_and_back_while_it_is_written_to(self):
        with wire.Connection(self.broker.port) as connection:
            self.assertEqual(connection.create_error("t"), NONE)
        (home,) = self.places("t")
        other = next(path for path in self.dirs if path != home)
        stop, numbers = threading.Event(), []
        writer = threading.Thread(target=self.write, args=("t", stop, numbers))
        writer.start()
        try:
            time.sleep(1)
            for path in (other, home, other):
                self.assertEqual(self.move("t", path), NONE)
                self.wait_until_at("t", path)
        finally:
            stop.set()
            writer.join()
        self.assertEqual(numbers, list(range(len(numbers))), "each number is acknowledged once and in order")
        self.assertEqual(self.read("t", len(numbers)), numbers)
        self.broker.kill()
        self.broker.start()
        self.assertEqual(list(self.places("t")), [other])
        self.assertEqual(self.read("t", len(numbers)), numbers)
        self.figures = [f"{len(numbers)} records written meanwhile"]

    def test_a_broker_that_is_killed_during_a_move_loses_nothing(self):
        with wire.Connection(self.broker.port) as connection:
            self.assertEqual(connection.create_error("t"), NONE)
            body = wire.batch([b"%08d" % 0 + b"x" * 100_000])
            for _ in range(100):
                self.assertEqual(connection.produce_error("t", body)[0], NONE)
        (home,) = self.places("t")
        goal = next(path for path in self.dirs if path != home)
        stop, numbers = threading.Event(), []
        writer = threading.Thread(target=self.write, args=("t", stop, numbers))
        writer.start()
        kills = 0
        try:
            for delay in (0.0, 0.01, 0.03, 0.06, 0.1, 0.2):
                self.assertEqual(self.move("t", goal), NONE)
                time.sleep(delay)
                self.broker.kill()
                self.broker.start()
                kills += 1
                self.wait_until_at("t", goal)
                goal = next(path for path in self.dirs if path != goal)
        finally:
            stop.set()
            writer.join()
        found = self.read("t", 100 + len(numbers))[100:]
        self.assertEqual(sorted(set(found)), sorted(set(found) | set(numbers)), "all that was acknowledged is there")
        self.assertEqual(found, sorted(found), "in order")
        self.assertGreater(len(numbers), 0)
        self.figures = [f"{kills} kills, {len(numbers)} records acknowledged meanwhile"]

    def test_wrong_wishes_are_refused(self):
        with wire.Connection(self.broker.port) as connection:
            self.assertEqual(connection.create_error("t"), NONE)
            longest = "l" * 249
            self.assertEqual(connection.create_error(longest), NONE)
        self.assertEqual(self.move("t", "/nowhere"), LOG_DIR_NOT_FOUND)
        self.assertEqual(self.move("none", self.dirs[0]), UNKNOWN_TOPIC_OR_PARTITION)
        self.assertEqual(self.move(longest, self.dirs[0]), INVALID_TOPIC_EXCEPTION)
        for path in self.dirs:
            self.assertEqual(self.move("t", path), NONE)
            self.wait_until_at("t", path)

    def cordon(self, value):
        resource = ConfigResource(ConfigResource.Type.BROKER, "0", set_config={"cordoned.log.dirs": value})
        admin = AdminClient({"bootstrap.servers": self.broker.address})
        admin.alter_configs([resource])[resource].result()

    def test_cordoned_directories_take_no_new_logs(self):
        self.cordon(self.dirs[0])
        with wire.Connection(self.broker.port) as connection:
            for name in ("t1", "t2", "t3"):
                self.assertEqual(connection.create_error(name), NONE)
                self.assertEqual(list(self.places(name)), [self.dirs[1]])
            self.assertEqual(self.move("t1", self.dirs[0]), INVALID_REPLICA_ASSIGNMENT)
            self.broker.kill()
            self.broker.start()
        self.assertEqual(self.move("t1", self.dirs[0]), INVALID_REPLICA_ASSIGNMENT)
        self.cordon("*")
        with wire.Connection(self.broker.port) as connection:
            self.assertEqual(connection.create_error("t4"), INVALID_REPLICATION_FACTOR)
        with self.assertRaisesRegex(KafkaException, "/nowhere is none of log.dirs"):
            self.cordon("/nowhere")
        self.cordon("")
        self.assertEqual(self.move("t1", self.dirs[0]), NONE)
        self.wait_until_at("t1", self.dirs[0])

    def test_a_directory_that_cannot_be_used_has_its_error(self):
        self.broker.stop()
        shutil.rmtree(self.dirs[1])
        pathlib.Path(self.dirs[1]).write_text("not a directory")
        self.broker.start()
        with wire.Connection(self.broker.port) as connection:
            self.assertEqual(connection.create_error("t"), NONE)
        self.assertEqual(self.directories()[self.dirs[0]], (NONE, {("t", 0): (0, 0, False)}))
        self.assertEqual(self.directories()[self.dirs[1]], (KAFKA_STORAGE_ERROR, {}))
        self.assertEqual(self.move("t", self.dirs[1]), KAFKA_STORAGE_ERROR)
