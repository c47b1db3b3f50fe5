"""Settings that change while a broker runs: what changes with them, and what is left after a restart."""
import pathlib
import socket
import struct
import time
import unittest

import wire
from broker import AGAINST, Broker
from wire import string

DESCRIBE_CONFIGS, INCREMENTAL_ALTER_CONFIGS = 32, 44
TOPIC, BROKER, LOGGER = 2, 4, 8
NONE, MESSAGE_TOO_LARGE, NOT_ENOUGH_REPLICAS, INVALID_REQUEST = 0, 10, 19, 42


def nullable(text):
    return struct.pack(">h", -1) if text is None else string(text)


def read_nullable(data, at):
    (size,) = struct.unpack_from(">h", data, at)
    return (None, at + 2) if size < 0 else (data[at + 2:at + 2 + size].decode(), at + 2 + size)


@unittest.skipIf(AGAINST, "needs a broker process of its own")
class SettingsTest(unittest.TestCase):
    def start(self, **settings):
        self.broker = Broker({key.replace("_", "."): value for key, value in settings.items()})
        self.addCleanup(self.broker.remove)
        self.broker.start()

    def alter(self, kind, name, **changes):
        """The error code. None removes a setting."""
        body = struct.pack(">ib", 1, kind) + string(name) + struct.pack(">i", len(changes))
        for key, value in changes.items():
            body += string(key.replace("_", ".")) + struct.pack(">b", 1 if value is None else 0) + nullable(value)
        with wire.Connection(self.broker.port) as connection:
            answer = connection.ask(wire.request(INCREMENTAL_ALTER_CONFIGS, 0, body + b"\0"))
        return struct.unpack_from(">h", answer, 8)[0]

    def described(self, kind, name, key):
        """(value, source) of one setting."""
        body = struct.pack(">ib", 1, kind) + string(name) + struct.pack(">i", 1) + string(key) + b"\0"
        with wire.Connection(self.broker.port) as connection:
            answer = connection.ask(wire.request(DESCRIBE_CONFIGS, 1, body))
        _, at = read_nullable(answer, 10)
        _, at = read_nullable(answer, at + 1)
        (count,) = struct.unpack_from(">i", answer, at)
        self.assertEqual(count, 1, key)
        _, at = read_nullable(answer, at + 4)
        value, at = read_nullable(answer, at)
        return value, answer[at + 1]

    def create(self, topic):
        with wire.Connection(self.broker.port) as connection:
            self.assertEqual(connection.create_error(topic), NONE)

    def produce(self, topic, values):
        with wire.Connection(self.broker.port) as connection:
            return connection.produce_error(topic, wire.batch(values))[0]

    def segments(self, topic):
        return sorted((self.broker.folder / "data" / f"{topic}-0").glob("*.log"))

    def test_limits_of_messages_and_replicas_change_for_topics_that_are_there(self):
        self.start()
        self.create("t")
        self.assertEqual(self.produce("t", [b"x" * 5000]), NONE)
        self.assertEqual(self.alter(BROKER, "", message_max_bytes="1000"), NONE)
        self.assertEqual(self.produce("t", [b"x" * 5000]), MESSAGE_TOO_LARGE)
        self.assertEqual(self.alter(TOPIC, "t", max_message_bytes="10000"), NONE)
        self.assertEqual(self.produce("t", [b"x" * 5000]), NONE)
        self.assertEqual(self.alter(BROKER, "0", min_insync_replicas="2"), NONE)
        self.assertEqual(self.produce("t", [b"x"]), NOT_ENOUGH_REPLICAS)
        self.assertEqual(self.alter(BROKER, "0", min_insync_replicas=None), NONE)
        self.assertEqual(self.produce("t", [b"x"]), NONE)

    def test_defaults_of_logs_change_for_topics_that_are_there(self):
        self.start(log_retention_check_interval_ms="200", log_segment_delete_delay_ms="0")
        self.create("t")
        self.alter(BROKER, "", log_segment_bytes="10000")
        for _ in range(5):
            self.assertEqual(self.produce("t", [b"x" * 6000]), NONE)
        self.assertEqual(len(self.segments("t")), 5)
        self.alter(BROKER, "", compression_type="gzip")
        self.assertEqual(self.produce("t", [b"x" * 6000]), NONE)
        self.assertLess(self.segments("t")[-1].stat().st_size, 6000 + 6000)
        self.assertEqual(self.segments("t")[-1].read_bytes()[-200:].count(b"x" * 100), 0, "it is compressed")
        self.alter(BROKER, "", log_retention_bytes="7000")
        until = time.monotonic() + 20
        while len(self.segments("t")) > 3 and time.monotonic() < until:
            time.sleep(0.1)
        self.assertLessEqual(len(self.segments("t")), 3)

    def test_limits_of_connections_change_for_those_that_come(self):
        self.start()
        with wire.Connection(self.broker.port) as held:
            self.assertEqual(self.alter(BROKER, "0", max_connections_per_ip="1"), NONE)
            self.assertFalse(wire.answers("127.0.0.1", self.broker.port))
            self.assertTrue(held.ask(wire.request(wire.API_VERSIONS, 0, b"")), "the one that is there stays")
        time.sleep(0.2)
        self.assertEqual(self.alter(BROKER, "0", max_connections_per_ip=None), NONE)
        self.assertEqual(self.alter(BROKER, "0", **{"listener.name.plaintext.max.connections": "1"}), NONE)
        with wire.Connection(self.broker.port), socket.create_connection(("127.0.0.1", self.broker.port)) as waiting:
            waiting.sendall(wire.request(wire.API_VERSIONS, 0, b""))
            waiting.settimeout(0.5)
            self.assertRaises(socket.timeout, waiting.recv, 1)

    def test_a_restart_keeps_what_was_set(self):
        self.start()
        self.create("t")
        self.assertEqual(self.alter(BROKER, "", message_max_bytes="1000", log_segment_bytes="10000"), NONE)
        self.assertEqual(self.alter(BROKER, "0", max_connections_per_ip="2"), NONE)
        self.assertEqual(self.alter(LOGGER, "0", storage="DEBUG"), NONE)
        for ends in (self.broker.stop, self.broker.kill):
            ends()
            self.broker.start()
            self.assertEqual(self.described(TOPIC, "t", "max.message.bytes"), ("1000", 3))
            self.assertEqual(self.described(BROKER, "0", "max.connections.per.ip"), ("2", 2))
            self.assertEqual(self.described(LOGGER, "0", "storage"), ("INFO", 6), "a level is gone with the process")
            self.assertEqual(self.produce("t", [b"x" * 5000]), MESSAGE_TOO_LARGE)
            time.sleep(0.2)  # until the broker has seen the ends of the connections above
            with wire.Connection(self.broker.port), wire.Connection(self.broker.port):
                self.assertFalse(wire.answers("127.0.0.1", self.broker.port))
            time.sleep(0.2)
        self.assertEqual(self.produce("t", [b"x" * 600]), NONE)

    def test_a_logger_writes_more_at_once(self):
        self.start()
        self.assertNotIn("DEBUG", self.broker.log())
        self.assertIn(" INFO  [broker] started", self.broker.log())
        self.assertEqual(self.alter(LOGGER, "0", cluster="ERROR"), NONE)
        self.create("quiet")
        self.assertNotIn("topic=quiet", self.broker.log())
        self.assertEqual(self.alter(LOGGER, "0", cluster=None), NONE)
        self.create("loud")
        self.assertIn("topic=loud", self.broker.log())

    def test_the_directories_say_which_broker_this_is(self):
        self.start(broker_id="7")
        self.broker.stop()
        del self.broker.settings["broker.id"]
        self.broker.start()
        self.assertEqual(self.described(BROKER, "7", "message.max.bytes")[0], "1048588")
        self.assertEqual(self.alter(BROKER, "0", message_max_bytes="1"), INVALID_REQUEST)
        self.assertIn("broker.id=7", pathlib.Path(self.broker.folder / "data" / "meta.properties").read_text())
