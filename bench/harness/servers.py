"""The servers under test. Each listens on a free port of 127.0.0.1 and keeps its data in a folder of its own,
which goes away with it. Only processes that were started here are ever ended, by their pid."""
import glob
import os
import re
import shutil
import signal
import subprocess
import time

import machine


class Server:
    """One process. `is_bare`: knows nothing but Produce or Fetch. `is_kept`: started once and reused, since it is
    slow to start and to warm up; the others get a fresh process and folder for every run."""
    is_bare = False
    is_kept = False
    start_seconds = 20

    def __init__(self, name, folder):
        self.name, self.folder = name, os.path.join(folder, name)
        self.process = self.port = None

    @property
    def pid(self):
        return self.process.pid

    def prepare(self):
        """What is no part of the start: folders, files, another server that it needs."""
        os.makedirs(self.data_folder(), exist_ok=True)
        self.port = self.port or machine.free_port(2)

    def start(self, wait=True):
        with open(os.path.join(self.folder, "output.txt"), "ab") as output:
            self.process = subprocess.Popen(self.command(), stdout=output, stderr=output,
                                            stdin=subprocess.DEVNULL, start_new_session=True)
        if wait:
            machine.wait_for_port(self.port, self.process, self.start_seconds)

    def stop(self, how=signal.SIGTERM, keep_data=False):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None
        if not keep_data:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.port = None

    def output(self):
        try:
            with open(os.path.join(self.folder, "output.txt"), errors="replace") as file:
                return file.read()[-2000:]
        except OSError:
            return ""

    def data_folder(self):
        return os.path.join(self.folder, "data")


class Barnabas(Server):
    def __init__(self, program, folder):
        super().__init__("barnabas", folder)
        self.program = program
        self.advertised_port = None

    def command(self):
        advertised = self.advertised_port or self.port
        return [self.program, "broker", "--override", f"listeners=PLAINTEXT://127.0.0.1:{self.port}",
                "--override", f"advertised.listeners=PLAINTEXT://127.0.0.1:{advertised}",
                "--override", f"log.dirs={self.data_folder()}",
                "--override", "group.initial.rebalance.delay.ms=0",
                "--override", "socket.listen.backlog.size=1000"]


class BareProduce(Server):
    is_bare = True
    does_sync = False

    def __init__(self, programs, folder):
        super().__init__("bare", folder)
        self.program = os.path.join(programs, "bare_produce")

    def command(self):
        return [self.program, str(self.port), os.path.join(self.data_folder(), "log")] + \
            (["sync"] if self.does_sync else [])


class BareForClients(BareProduce):
    """For real clients: a broker, whose advertised address is the bare server's, answers what is no Produce request."""

    def __init__(self, programs, folder, broker_program):
        super().__init__(programs, folder)
        self.broker = Barnabas(broker_program, os.path.join(folder, "behind"))

    def prepare(self):
        super().prepare()
        self.broker.prepare()
        self.broker.advertised_port = self.port
        self.broker.start()

    def command(self):
        return [*super().command(), str(self.broker.port)]

    def stop(self, *arguments, **words):
        super().stop(*arguments, **words)
        self.broker.stop()


class BareFetch(Server):
    is_bare = True

    def __init__(self, programs, folder):
        super().__init__("bare", folder)
        self.program = os.path.join(programs, "bare_fetch")
        self.file_bytes = 0

    def prepare(self):
        super().prepare()
        # An append for each batch, as a log gets them: how large the pieces of the page cache are depends on it.
        batch = os.urandom(65_100)
        with open(self.file_path(), "wb", buffering=0) as file:
            for _ in range(max(self.file_bytes, 2 << 20) // len(batch) + 1):
                file.write(batch)

    def file_path(self):
        return os.path.join(self.data_folder(), "log")

    def command(self):
        return [self.program, str(self.port), self.file_path()]


JVM = ("-server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 "
       "-XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true").split()
# Kafka's own heap for a broker is 1 GB fixed; topics of a run go away at once, so that disks stay small.
BROKER_HEAP = ["-Xmx1G", "-Xms1G"]
BROKER_SETTINGS = """offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
socket.listen.backlog.size=1000
log.segment.delete.delay.ms=100
log.initial.task.delay.ms=1000
"""


class Kafka(Server):
    """Apache Kafka from a folder of jars: 3.x with ZooKeeper, 4.x as one KRaft process."""
    is_kept = True
    start_seconds = 120

    def __init__(self, jars, folder):
        names = [os.path.basename(path) for path in glob.glob(os.path.join(jars, "kafka_2.1*.jar"))]
        versions = [m.group(1) for m in (re.match(r"kafka_[\d.]+-(\d+\.\d+)[\d.]*\.jar", n) for n in names) if m]
        if not versions:
            raise SystemExit(f"{jars} holds no kafka_2.13-VERSION.jar")
        super().__init__(f"kafka-{versions[0]}", folder)
        self.jars = jars
        self.has_zookeeper = versions[0].startswith("3.")
        self.zookeeper = None

    def java(self, heap, *words):
        log4j = os.path.join(self.folder, "log4j.properties")
        with open(log4j, "w") as file:
            file.write("log4j.rootLogger=ERROR\nstatus=ERROR\nrootLogger.level=ERROR\n")
        return ["java", *heap, *JVM, f"-Dlog4j.configuration=file:{log4j}", f"-Dlog4j2.configurationFile={log4j}",
                "-cp", os.path.join(self.jars, "*"), *words]

    def prepare(self):
        super().prepare()
        settings = os.path.join(self.folder, "server.properties")
        lines = BROKER_SETTINGS + f"log.dirs={self.data_folder()}\n"
        if self.has_zookeeper:
            self._start_zookeeper()
            lines += (f"broker.id=1\nlisteners=PLAINTEXT://127.0.0.1:{self.port}\n"
                      f"zookeeper.connect=127.0.0.1:{self.zookeeper_port}\nzookeeper.session.timeout.ms=6000\n")
        else:
            controller = self.port + 1
            lines += ("node.id=1\nprocess.roles=broker,controller\ncontroller.listener.names=CONTROLLER\n"
                      f"controller.quorum.voters=1@127.0.0.1:{controller}\n"
                      f"listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}\n"
                      "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\n")
        with open(settings, "w") as file:
            file.write(lines)
        if not self.has_zookeeper:
            subprocess.run(self.java(["-Xmx256M"], "kafka.tools.StorageTool", "format", "-t",
                                     "MkU3OEVBNTcwNTJENDM2Qg", "-c", settings), check=True, capture_output=True)

    def _start_zookeeper(self):
        self.zookeeper_port = machine.free_port()
        path = os.path.join(self.folder, "zookeeper.properties")
        with open(path, "w") as file:
            file.write(f"dataDir={self.folder}/zookeeper\nclientPort={self.zookeeper_port}\n"
                       "clientPortAddress=127.0.0.1\nmaxClientCnxns=0\nadmin.enableServer=false\n")
        self.zookeeper = subprocess.Popen(
            self.java(["-Xmx256M"], "org.apache.zookeeper.server.quorum.QuorumPeerMain", path),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True)
        machine.wait_for_port(self.zookeeper_port, self.zookeeper, 60)

    def command(self):
        return self.java(BROKER_HEAP, "kafka.Kafka", os.path.join(self.folder, "server.properties"))

    def stop(self, how=signal.SIGTERM, keep_data=False):
        super().stop(how, keep_data=True)
        if keep_data:
            # The killed broker's session has to end before the same broker may register again.
            time.sleep(7 if self.has_zookeeper and how == signal.SIGKILL else 0)
            return
        if self.zookeeper:
            self.zookeeper.kill()
            self.zookeeper.wait()
            self.zookeeper = None
        super().stop()

    def another(self):
        """A second one beside the kept one, for starts and recoveries."""
        return Kafka(self.jars, os.path.join(os.path.dirname(self.folder), "second"))
