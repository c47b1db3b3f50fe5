"""Whatever a client sends, the broker answers with an error or closes that connection, and others go on."""
import gzip
import os
import random
import resource
import struct
import time

import wire
from broker import BrokerTest

CONNECTIONS = int(os.environ.get("BARNABAS_CONNECTIONS", "10000"))
CORRUPT, TOO_LARGE, UNSUPPORTED_VERSION, INVALID_TOPIC, UNKNOWN_TOPIC, INVALID_RECORD = 2, 10, 35, 17, 3, 87


class BadInputTest(BrokerTest):
    settings = {"log.retention.check.interval.ms": 1000, "socket.listen.backlog.size": 4096}

    def connect(self, **options):
        connection = wire.Connection(self.broker.port, **options)
        self.addCleanup(connection.socket.close)
        return connection

    def assert_served(self, within=1.0):
        began = time.monotonic()
        self.assertTrue(wire.answers("127.0.0.1", self.broker.port), "another client is not served")
        self.assertLess(time.monotonic() - began, within, "another client waited")

    def created(self, name=None):
        name = name or self.topic
        self.assertEqual(self.connect().create_error(name), 0)
        for _ in range(100):  # Kafka's metadata follows a moment later
            if self.connect().produce_error(name, wire.batch([b"first"]))[0] == 0:
                return name
            time.sleep(0.05)
        self.fail("the topic cannot be written")

    def test_lengths_that_lie_close_the_connection(self):
        for length in (-1, -2**31, 2**31 - 1, 200_000_000):
            connection = self.connect()
            connection.send(struct.pack(">i", length) + b"x" * 100)
            self.assertTrue(connection.is_closed(), f"length {length}")
        self.assert_served()

    def test_an_announced_length_takes_no_memory(self):
        self.own_process()
        before = self.broker.resident_bytes()
        held = [self.connect() for _ in range(50)]
        for connection in held:
            connection.send(struct.pack(">i", 100_000_000) + b"x" * 1000)
        time.sleep(0.5)
        self.assertLess(self.broker.resident_bytes() - before, 20e6)
        self.assert_served()

    def test_garbage_closes_the_connection(self):
        random_ = random.Random(5)
        for size in (8, 100, 5000):
            for _ in range(20):
                connection = self.connect()
                connection.send(struct.pack(">i", size) + random_.randbytes(size))
                self.assertTrue(connection.is_closed(), f"{size} random bytes")
        web = self.connect()
        web.send(b"GET / HTTP/1.1\r\nHost: castle\r\n\r\n")
        self.assertTrue(web.is_closed(), "a web browser")
        self.assert_served()

    def test_every_cut_of_a_request_closes_or_errs(self):
        whole = wire.produce(self.created(), wire.batch([b"a", b"b"]))[4:]
        for size in range(0, len(whole), 3):
            connection = self.connect()
            connection.send(struct.pack(">i", size) + whole[:size])
            connection.socket.shutdown(1)
            self.assertTrue(connection.is_closed(), f"cut after {size} bytes")
        self.assert_served()

    def test_half_a_frame_and_then_silence_harms_nobody(self):
        whole = wire.metadata([])
        held = [self.connect() for _ in range(20)]
        for number, connection in enumerate(held):
            connection.send(whole[:number + 1])
        self.assert_served()
        held[3].send(whole[4:])
        self.assertGreater(len(held[3].receive()), 10)

    def test_a_slow_writer_is_answered_in_the_end(self):
        connection = self.connect()
        for byte in wire.metadata([]):
            connection.send(bytes([byte]))
            time.sleep(0.005)
        self.assertGreater(len(connection.receive()), 10)

    def test_a_slow_reader_does_not_fill_the_memory(self):
        self.own_process()
        topic = self.created()
        writer = self.connect()
        for _ in range(20):
            self.assertEqual(writer.produce_error(topic, wire.batch([b"x" * 900_000]))[0], 0)
        before = self.broker.resident_bytes()
        slow = [self.connect() for _ in range(10)]
        for connection in slow:
            connection.send(wire.fetch(topic, max_bytes=20_000_000) * 50)
        time.sleep(1.5)
        grown = self.broker.resident_bytes() - before
        self.assertLess(grown, 100e6)
        self.assert_served()
        self.figure(f"10 GB asked for and not read: {grown / 1e6:.1f} MB more memory")

    def test_a_reader_that_leaves_in_the_middle(self):
        topic = self.created()
        self.connect().produce_error(topic, wire.batch([b"x" * 900_000]))
        for _ in range(30):
            with wire.Connection(self.broker.port) as connection:
                connection.send(wire.fetch(topic) * 5)
                connection.read(10_000)
        self.assert_served()

    def test_unknown_apis_and_versions(self):
        unknown = self.connect()
        unknown.send(wire.request(9999, 0, b""))
        self.assertTrue(unknown.is_closed(), "an unknown key")
        newer = self.connect()
        no_tags = b"\0"  # the end of a header of version 2
        answer = newer.ask(wire.request(wire.API_VERSIONS, 99, no_tags))
        error, count, key, lowest, _ = struct.unpack(">hihhh", answer)
        self.assertEqual((error, count, key, lowest), (UNSUPPORTED_VERSION, 1, wire.API_VERSIONS, 0))
        old = self.connect()
        old.send(wire.request(wire.METADATA, 900, b""))
        self.assertTrue(old.is_closed(), "an unknown version of a known key")

    def test_batches_that_lie_are_refused(self):
        topic = self.created()
        good = wire.batch([b"one", b"two"])
        cases = {
            "wrong CRC": wire.batch([b"one"], crc=1),
            "magic 3": wire.batch([b"one"], magic=3),
            "count too high": wire.batch([b"one", b"two"], count=3, last_delta=2),
            "count too low": wire.batch([b"one", b"two"], count=1, last_delta=0),
            "count negative": wire.batch([b"one"], count=-1),
            "last delta lies": wire.batch([b"one", b"two"], last_delta=9),
            "length above the bytes": wire.batch([b"one"], length=5000),
            "length negative": wire.batch([b"one"], length=-1),
            "length below a header": wire.batch([b"one"], length=10),
            "cut": good[:-5],
            "two batches": good + good,
            "nothing": b"",
            "unknown compression": wire.batch([b"one"], attributes=7),
            "a record longer than its batch": wire.batch([b"one"], body=wire.varint(5000) + b"\0" * 8),
        }
        answers = {name: self.outcome(topic, records) for name, records in cases.items()}
        taken = [name for name, error in answers.items() if error == 0]
        self.assertEqual(taken, [], f"answers: {answers}")
        self.assertEqual(self.connect().produce_error(topic, good), (0, 1), "and nothing of them was written")

    def test_garbage_that_says_it_is_compressed_harms_nobody(self):
        # The inside of a compressed batch is its producer's word unless the topic demands that it is read.
        topic, connection = self.created(), self.connect()
        taken = self.outcome(topic, wire.batch([b"one"], attributes=1, body=b"not gzip at all")) == 0
        end = 2 if taken else 1
        self.assertEqual(connection.produce_error(topic, wire.batch([b"good"])), (0, end))
        self.assertIn(b"good", connection.ask(wire.fetch(topic, offset=end)))
        self.assert_served()

    def outcome(self, topic, records):
        """The error code, or "closed"."""
        try:
            return self.connect().produce_error(topic, records)[0]
        except (EOFError, ConnectionError):
            return "closed"

    def test_a_bomb_takes_no_memory(self):
        self.own_process()
        topic = self.created()
        inside = wire.record(b"\0" * 1_000_000) * 400
        bomb = gzip.compress(inside, 9)
        before = self.broker.resident_bytes()
        for _ in range(3):
            self.outcome(topic, wire.batch([b""] * 400, attributes=1, body=bomb))
        grown = self.broker.resident_bytes() - before
        self.assertLess(grown, 50e6)
        self.assert_served()
        self.figure(f"{len(bomb) / 1e3:.0f} KB that say {len(inside) / 1e6:.0f} MB: {grown / 1e6:.1f} MB more memory")

    def test_a_batch_above_the_limit_is_refused(self):
        topic = self.created()
        self.assertEqual(self.connect().produce_error(topic, wire.batch([b"x" * 1_100_000]))[0], TOO_LARGE)

    def test_unknown_partitions(self):
        topic = self.created()
        for partition in (1, -1, 2**31 - 1):
            self.assertEqual(self.connect().produce_error(topic, wire.batch([b"x"]), partition=partition)[0],
                             UNKNOWN_TOPIC)

    def test_a_fetch_waits_beside_a_partition_that_is_not_there(self):
        with wire.Connection(self.broker.port) as connection:
            self.assertEqual(connection.create_error(self.topic), 0)
            for partitions, least, most in (([7, 0], 0.4, 5), ([7, 8], 0, 0.3)):
                body = struct.pack(">iiiib", -1, 500, 1, 1 << 20, 0) + struct.pack(">i", 1) + wire.string(self.topic)
                body += struct.pack(">i", 2) + b"".join(struct.pack(">iqi", index, 0, 1000) for index in partitions)
                began = time.monotonic()
                answer = connection.ask(wire.request(wire.FETCH, 4, body))
                seconds = time.monotonic() - began
                first = 4 + 4 + 2 + len(self.topic) + 4
                self.assertEqual(struct.unpack_from(">ih", answer, first), (7, 3))
                self.assertTrue(least <= seconds < most, f"{partitions}: {seconds:.3f} s")

    def test_names_of_topics(self):
        for name in ("..", ".", "", "a" * 300, "a/b", "../../etc", "a b", "ü"):
            self.assertEqual(self.connect().create_error(name), INVALID_TOPIC, repr(name))
        self.assertEqual(self.connect().create_error((self.topic + "a" * 249)[:249]), 0)
        self.assertEqual(self.connect().create_error(self.topic + "_b.c"), 0)
        self.assertEqual(self.connect().create_error(self.topic + ".b_c"), INVALID_TOPIC, "they collide")

    def test_many_idle_connections(self):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, CONNECTIONS + 1000), most))
        count = min(CONNECTIONS, most - 1000)
        self.own_process()
        before, began = self.broker.resident_bytes(), time.monotonic()
        held = [wire.Connection(self.broker.port) for _ in range(count)]
        try:
            for connection in held:
                connection.ask(wire.request(wire.API_VERSIONS, 0, b""))
            time.sleep(0.3)
            each = (self.broker.resident_bytes() - before) / count
            self.assert_served()
        finally:
            for connection in held:
                connection.socket.close()
        self.figure(f"{count} connections in {time.monotonic() - began:.1f} s, {each / 1000:.1f} KB each")
        self.assertLess(each, 20_000)
