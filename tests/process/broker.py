"""A broker as a process: started on a free port with its data in a temporary folder, killed, stopped, looked at.

Options of the run come from the environment, which run.py sets:
  BARNABAS_BROKER    the program; default build/release/apps/barnabas/barnabas
  BARNABAS_AGAINST   host:port of a broker that runs already: tests which need a process of their own skip
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("BARNABAS_BROKER", str(ROOT / "build/release/apps/barnabas/barnabas"))
AGAINST = os.environ.get("BARNABAS_AGAINST")
START_SECONDS = 30


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def write_clusters(path, clusters):
    """A file of the command line's with settings of each cluster."""
    path.write_text("".join(f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())
                            for name, settings in clusters.items()))


class Broker:
    """One node. settings are added to listeners and log.dirs; folder is made, and removed by remove()."""

    def __init__(self, settings=None, folder=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="barnabas-test-"))
        self.port = free_port()
        self.settings = {"listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
                         "log.dirs": str(self.folder / "data"), **(settings or {})}
        self.process = None
        self.log_path = self.folder / "broker.log"

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self, arguments=()):
        """Returns the seconds from the start of the process to the first answered request."""
        command = [PROGRAM, "broker", *arguments]
        for key, value in self.settings.items():
            command += ["--override", f"{key}={value}"]
        began = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while not wire.answers("127.0.0.1", self.port):
            if self.process.poll() is not None:
                raise RuntimeError(f"the broker ended with {self.process.returncode}:\n{self.log()[-2000:]}")
            if time.monotonic() - began > START_SECONDS:
                raise RuntimeError(f"no answer after {START_SECONDS} s:\n{self.log()[-2000:]}")
            time.sleep(0.002)
        return time.monotonic() - began

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """SIGTERM; returns (exit code, seconds)."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20), time.monotonic() - began
        except subprocess.TimeoutExpired:
            self.kill()
            return None, time.monotonic() - began

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def remove(self):
        if self.is_alive():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def resident_bytes(self):
        return self._status("VmRSS")

    def _status(self, name):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        return 0

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def bytes_read(self):
        """What it asked the system to read since its start, from files and sockets."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/io").read_text().splitlines():
            if line.startswith("rchar:"):
                return int(line.split()[1])
        return 0

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Running:
    """Stands in for Broker when the tests run against a broker that somebody else started."""

    def __init__(self, address):
        self.address = address
        self.port = int(address.rsplit(":", 1)[1])

    def is_alive(self):
        return wire.answers("127.0.0.1", self.port)

    def log(self):
        return ""


class BrokerTest(unittest.TestCase):
    """A broker for all tests of a class; each test has topics of its own. It must live through them and end well."""

    settings = {}

    @classmethod
    def setUpClass(cls):
        if AGAINST:
            cls.broker = Running(AGAINST)
            return
        cls.broker = Broker(cls.settings)
        cls.broker.start()

    @classmethod
    def tearDownClass(cls):
        if AGAINST:
            return
        try:
            code, seconds = cls.broker.stop()
            if code != 0:
                raise AssertionError(f"SIGTERM: exit code {code} after {seconds:.1f} s:\n"
                                     f"{cls.broker.log()[-3000:]}")
        finally:
            cls.broker.remove()

    def setUp(self):
        self.topic = f"{type(self).__name__}.{self._testMethodName}-{os.getpid() % 100000}-{time.time_ns() % 10**9}"

    def tearDown(self):
        self.assertTrue(self.broker.is_alive(), f"the broker died:\n{self.broker.log()[-3000:]}")

    def own_process(self):
        if AGAINST:
            self.skipTest("needs a broker process of its own")

    def figure(self, text):
        """A measurement, printed beside the test's name."""
        self.figures = getattr(self, "figures", []) + [text]
