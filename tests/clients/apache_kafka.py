"""Apache Kafka itself, for comparison: a node of a release as processes, from the jars that the Java client has."""
import pathlib
import shutil
import struct
import subprocess
import tempfile
import time

import wire
from broker import free_port
from clients import java_folder
from znodes import create_nodes

START_SECONDS = 120
ALONE = {"offsets.topic.replication.factor": 1, "transaction.state.log.replication.factor": 1,
         "transaction.state.log.min.isr": 1, "share.coordinator.state.topic.replication.factor": 1,
         "share.coordinator.state.topic.min.isr": 1}


class Kafka:
    """What broker.Broker is for ours. KRaft, broker and controller in one process."""

    def __init__(self, release, settings=None):
        self.jars = java_folder(release) / "jars"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kafka-test-"))
        self.port, controller = free_port(), free_port()
        client, peer = f"127.0.0.1:{self.port}", f"127.0.0.1:{controller}"
        settings = dict(settings or {})
        node = settings.pop("broker.id", 1)
        self.settings = {"listeners": f"PLAINTEXT://{client},CONTROLLER://{peer}",
                         "advertised.listeners": f"PLAINTEXT://{client}", "log.dirs": self.folder / "data",
                         "node.id": node, "process.roles": "broker,controller",
                         "controller.quorum.voters": f"{node}@{peer}", "controller.listener.names": "CONTROLLER",
                         "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
                         **ALONE, **settings}
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        file = self.write("server.properties", self.settings)
        if not (self.folder / "data/meta.properties").exists():
            cluster = "barnabasBarnabasBarnbw"  # any 16 bytes in base64
            subprocess.run(self._java("kafka.tools.StorageTool", "format", "-t", cluster, "-c", file), check=True,
                           capture_output=True)
        self.process = self.run("kafka.Kafka", file)
        self.wait(self.process, lambda: wire.answers("127.0.0.1", self.port))

    def wait(self, process, is_up):
        until = time.monotonic() + START_SECONDS
        while not is_up():
            if process.poll() is not None or time.monotonic() > until:
                log = (self.folder / "kafka.Kafka.log")
                raise RuntimeError(f"Apache Kafka does not start: {log.read_text()[-1000:] if log.exists() else ''}")
            time.sleep(0.1)

    def write(self, name, settings):
        file = self.folder / name
        file.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        return file

    def run(self, main, *arguments):
        """A program of the release that runs on; its output goes to a file in the folder."""
        with open(self.folder / f"{main}.log", "ab") as log:
            return subprocess.Popen(self._java(main, *arguments), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    cwd=self.folder)

    def _java(self, main, *arguments):
        return ["java", "-Xmx1G", "-cp", f"{self.jars}/*", main, *map(str, arguments)]

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def remove(self):
        if self.is_alive():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class KafkaWithZooKeeper(Kafka):
    """3.9 as a broker beside a ZooKeeper of its own that has nodes already, on a data directory that is there."""

    def __init__(self, data, nodes):
        super().__init__("3.9")
        self.nodes, self.zookeeper, self.zookeeper_port = nodes, None, free_port()
        self.settings = {"listeners": f"PLAINTEXT://{self.address}", "log.dirs": data,
                         "zookeeper.connect": f"127.0.0.1:{self.zookeeper_port}", **ALONE}
        identity = dict(line.split("=", 1) for line in (data / "meta.properties").read_text().split() if "=" in line)
        self.settings["broker.id"] = identity["broker.id"]

    def start(self):
        settings = {"dataDir": self.folder / "zookeeper", "clientPort": self.zookeeper_port,
                    "clientPortAddress": "127.0.0.1", "admin.enableServer": "false"}
        self.zookeeper = self.run("org.apache.zookeeper.server.quorum.QuorumPeerMain",
                                  self.write("zookeeper.properties", settings))
        self.wait(self.zookeeper, self._has_nodes)
        self.process = self.run("kafka.Kafka", self.write("server.properties", self.settings))
        self.wait(self.process, lambda: wire.answers("127.0.0.1", self.port))

    def _has_nodes(self):
        try:
            create_nodes(self.zookeeper_port, self.nodes)
            return True
        except (OSError, struct.error):  # it does not listen, or does not answer yet
            return False

    def remove(self):
        if self.zookeeper is not None:
            self.zookeeper.kill()
            self.zookeeper.wait()
        super().remove()
