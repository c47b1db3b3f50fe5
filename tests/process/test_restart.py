"""Starting, stopping and starting again: what it costs, what it reads, what is there afterwards."""
import pathlib
import signal
import socket
import statistics
import subprocess
import time
import unittest

import wire
from broker import AGAINST, PROGRAM, Broker
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

MEGABYTES = 60


@unittest.skipIf(AGAINST, "needs a broker process of its own")
class RestartTest(unittest.TestCase):
    def setUp(self):
        self.broker = Broker()
        self.addCleanup(self.broker.remove)

    def figure(self, text):
        self.figures = getattr(self, "figures", []) + [text]

    def fill(self, topic, megabytes=MEGABYTES, first=0):
        """Writes records of 10 KB in order and returns the number after the last."""
        producer = Producer({"bootstrap.servers": self.broker.address, "enable.idempotence": True,
                             "queue.buffering.max.kbytes": 1 << 20, "log_level": 0})
        for number in range(first, first + megabytes * 100):
            producer.produce(topic, b"%08d" % number + b"x" * 10_000, partition=0)
            producer.poll(0)
        self.assertEqual(producer.flush(60), 0)
        return first + megabytes * 100

    def numbers(self, topic, count):
        consumer = Consumer({"bootstrap.servers": self.broker.address, "group.id": "assigned",
                             "enable.auto.commit": False, "log_level": 0})
        consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        found, until = [], time.monotonic() + 30
        while len(found) < count and time.monotonic() < until:
            found += [int(m.value()[:8]) for m in consumer.consume(1000, 0.5) if m.error() is None]
        consumer.close()
        return found

    def test_start_stop_and_what_an_idle_broker_costs(self):
        starts = []
        for _ in range(5):
            starts.append(self.broker.start())
            code, seconds = self.broker.stop()
            self.assertEqual(code, 0, self.broker.log()[-2000:])
            self.assertLess(seconds, 1.0)
        self.broker.start()
        time.sleep(1)
        before = self.broker.cpu_seconds()
        time.sleep(4)
        cpu = (self.broker.cpu_seconds() - before) / 4
        memory = self.broker.resident_bytes() / 1e6
        self.figure(f"start to first answer {1000 * statistics.median(starts):.0f} ms; "
                    f"idle {memory:.1f} MB and {100 * cpu:.2f} % of a core; stop {1000 * seconds:.0f} ms")
        self.assertLess(statistics.median(starts), 1.0)
        self.assertLess(memory, 40)
        self.assertLess(cpu, 0.02)

    def test_a_fetch_that_waits_does_not_hold_the_stop(self):
        self.broker.start()
        connection = wire.Connection(self.broker.port)
        connection.ask(wire.create_topic("waited"))
        connection.send(wire.fetch("waited", max_wait_ms=30_000))
        time.sleep(0.3)
        code, seconds = self.broker.stop()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 2.0)

    def test_a_fetch_that_may_not_have_more_is_answered_at_once(self):
        self.broker.start()
        with wire.Connection(self.broker.port) as connection:
            connection.ask(wire.create_topic("large"))
            batch = wire.batch([b"x" * 20_000])
            for _ in range(4):
                self.assertEqual(connection.produce_error("large", batch)[0], 0)
            asked = time.monotonic()
            size = len(connection.ask(wire.fetch("large", max_bytes=50_000, min_bytes=50_000, max_wait_ms=15_000)))
            seconds = time.monotonic() - asked
        self.assertLess(seconds, 5.0, "a third batch is there, though not all of it may be sent")
        self.assertGreater(size, 2 * len(batch))
        self.assertLess(size, 2 * len(batch) + 1000, "the beginning of the third batch is of no use")

    def test_a_clean_restart_reads_no_segment(self):
        self.broker.start()
        count = self.fill("kept")
        self.assertEqual(self.broker.stop()[0], 0)
        started = self.broker.start()
        read = self.broker.bytes_read()
        self.assertLess(read, MEGABYTES * 1_000_000 / 20, "a clean restart scanned the log")
        self.assertEqual(self.numbers("kept", count), list(range(count)))
        self.figure(f"{MEGABYTES} MB; {1000 * started:.0f} ms, {read / 1e3:.0f} KB read at the start")

    def test_after_kill_9_everything_is_there_and_goes_on(self):
        self.broker.start()
        count = self.fill("kept")
        self.broker.kill()
        started = self.broker.start()
        count = self.fill("kept", 1, count)
        self.assertEqual(self.numbers("kept", count), list(range(count)))
        self.figure(f"{MEGABYTES} MB; {1000 * started:.0f} ms")

    def test_a_torn_tail_is_cut_and_named(self):
        self.broker.start()
        count = self.fill("torn", 2)
        self.broker.kill()
        segment = sorted(self.broker.folder.glob("data/torn-0/*.log"))[-1]
        with open(segment, "ab") as tail:
            tail.write(wire.batch([b"half of a batch" * 100])[:700])
        before = len(self.broker.log())
        self.broker.start()
        self.assertEqual(self.numbers("torn", count), list(range(count)))
        self.assertIn("torn-0", self.broker.log()[before:])
        self.assertEqual(self.fill("torn", 1, count), count + 100)
        self.assertEqual(self.numbers("torn", count + 100), list(range(count + 100)))

    def test_indexes_that_are_gone_are_made_again(self):
        self.broker.start()
        count = self.fill("bare", 5)
        self.broker.kill()
        for pattern in ("*.index", "*.timeindex"):
            for path in self.broker.folder.glob(f"data/bare-0/{pattern}"):
                path.unlink()
        self.broker.start()
        self.assertEqual(self.numbers("bare", count), list(range(count)))

    def test_a_second_broker_on_the_same_data_is_refused(self):
        self.broker.start()
        other = Broker({"log.dirs": str(self.broker.folder / "data")})
        self.addCleanup(other.remove)
        with self.assertRaisesRegex(RuntimeError, "ended with [1-9]"):
            other.start()
        self.assertTrue(self.broker.is_alive())

    def test_an_interrupt_stops_it_cleanly(self):
        self.broker.start()
        self.fill("here", 1)
        self.broker.process.send_signal(signal.SIGINT)
        self.assertEqual(self.broker.process.wait(5), 0)
        self.assertTrue((self.broker.folder / "data/.kafka_cleanshutdown").exists())

    def test_a_hangup_opens_the_log_file_again(self):
        self.broker.start()
        self.broker.process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        self.assertTrue(wire.answers("127.0.0.1", self.broker.port))

    def test_a_taken_port_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            settings = ["--override", f"listeners=PLAINTEXT://127.0.0.1:{port}",
                        "--override", f"log.dirs={self.broker.folder / 'data'}"]
            done = subprocess.run([PROGRAM, "broker", *settings], capture_output=True, timeout=20, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(port), done.stderr + done.stdout)


@unittest.skipIf(AGAINST, "needs a broker process of its own")
class SettingsTest(unittest.TestCase):
    """server.properties and --override: what is refused, what is only named."""

    def setUp(self):
        self.broker = Broker()
        self.addCleanup(self.broker.remove)

    def refused(self, key, value):
        done = subprocess.run([PROGRAM, "broker", "--override", f"log.dirs={self.broker.folder / 'data'}",
                               "--override", f"{key}={value}"], capture_output=True, timeout=20, text=True)
        self.assertNotEqual(done.returncode, 0, f"{key}={value} was taken")
        return done.stderr + done.stdout

    def test_a_bad_value_names_key_and_value(self):
        for key, value in (("num.partitions", "many"), ("log.segment.bytes", "-5"), ("listeners", "here"),
                           ("message.max.bytes", "1e99")):
            said = self.refused(key, value)
            self.assertIn(key, said)
            self.assertIn(value, said)

    def test_an_unknown_key_is_a_warning_that_names_the_nearest(self):
        self.broker.settings["log.retention.hour"] = "5"
        self.broker.start()
        self.assertIn("log.retention.hours", self.broker.log())

    def test_a_file_of_kafka_works_as_it_is(self):
        path = pathlib.Path(self.broker.folder / "server.properties")
        path.write_text("# Kafka's own example\nbroker.id=7\nnum.network.threads=3\nnum.io.threads=8\n"
                        "num.partitions=2\nlog.retention.hours=168\nlog.segment.bytes=1073741824\n"
                        "socket.send.buffer.bytes=102400\nsocket.receive.buffer.bytes=102400\n"
                        "socket.request.max.bytes=104857600\nnum.recovery.threads.per.data.dir=1\n"
                        "offsets.topic.replication.factor=1\nlog.retention.check.interval.ms=300000\n"
                        "group.initial.rebalance.delay.ms=0\nzookeeper.connection.timeout.ms=18000\n")
        self.broker.start([str(path)])
        with wire.Connection(self.broker.port) as connection:
            self.assertEqual(connection.create_error("t"), 0)
        self.assertEqual(self.broker.stop()[0], 0)
        self.assertIn("broker.id=7", (self.broker.folder / "data/meta.properties").read_text())
