"""What becomes of a broker that has no more descriptors, or no more room on its disk, and of its clients."""
import pathlib
import resource
import subprocess
import time
import unittest

import wire
from broker import AGAINST, Broker

NONE, KAFKA_STORAGE_ERROR = 0, 56
SECONDS = 20
MEGABYTE = 1 << 20


def wait_until(what, seconds=SECONDS):
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@unittest.skipIf(AGAINST, "needs a broker process of its own")
class DescriptorsTest(unittest.TestCase):
    def setUp(self):
        self.broker = Broker()
        self.addCleanup(self.broker.remove)
        self.broker.start()

    def test_a_broker_without_descriptors_serves_those_who_are_there_and_then_accepts_again(self):
        with wire.Connection(self.broker.port) as connection:
            self.assertEqual(connection.create_error("t"), NONE)
            self.assertEqual(connection.produce_error("t", wire.batch([b"before"]))[0], NONE)
            limit = self.broker.open_files() + 10
            resource.prlimit(self.broker.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
            waiting = [wire.Connection(self.broker.port) for _ in range(30)]
            try:
                self.assertTrue(wait_until(lambda: self.broker.open_files() >= limit), self.broker.open_files())
                began = self.broker.cpu_seconds()
                time.sleep(1)
                self.assertLess(self.broker.cpu_seconds() - began, 0.5, "it does not try again and again")
                self.assertEqual(connection.produce_error("t", wire.batch([b"meanwhile"]))[0], NONE)
                self.assertRegex(self.broker.log(), "(?i)too many open files")
            finally:
                for each in waiting:
                    each.socket.close()
            self.assertTrue(wait_until(lambda: wire.answers("127.0.0.1", self.broker.port)), "it accepts again")
            self.assertEqual(connection.produce_error("t", wire.batch([b"after"])), (NONE, 2))
        self.assertTrue(self.broker.is_alive())


@unittest.skipIf(AGAINST, "needs a broker process of its own")
class FullDiskTest(unittest.TestCase):
    """On a small file system in memory, which only root can make."""

    def setUp(self):
        self.broker = Broker()
        self.addCleanup(self.broker.remove)
        self.disk = self.broker.folder / "disk"
        self.disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(self.disk)],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest(f"no file system of its own: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.disk)])
        self.broker.settings["log.dirs"] = f"{self.broker.folder / 'data'},{self.disk / 'data'}"
        self.broker.start()

    def topic_on_the_small_disk(self, connection):
        for number in range(8):
            self.assertEqual(connection.create_error(f"t{number}"), NONE)
            if pathlib.Path(self.disk / f"data/t{number}-0").exists():
                return f"t{number}"
        self.fail("no topic is on the small disk")

    def test_what_does_not_fit_is_refused_and_all_goes_on_when_there_is_room(self):
        with wire.Connection(self.broker.port) as connection:
            topic = self.topic_on_the_small_disk(connection)
            (self.disk / "others").write_bytes(bytes(20 * MEGABYTE))
            body = wire.batch([b"x" * 500_000])
            written, error = 0, NONE
            while error == NONE and written < 100:
                error, offset = connection.produce_error(topic, body)
                if error == NONE:
                    self.assertEqual(offset, written)
                    written += 1
            self.assertEqual(error, KAFKA_STORAGE_ERROR)
            self.assertGreater(written, 5)
            (self.disk / "others").unlink()
            self.assertEqual(connection.produce_error(topic, body), (NONE, written))
        self.broker.kill()
        self.broker.start()
        with wire.Connection(self.broker.port) as connection:
            self.assertEqual(connection.produce_error(topic, body), (NONE, written + 1))
        self.figures = [f"{written} batches of 500 kB fitted"]
