"""Reading from the closest replica (KIP-392): our consumer in a rack of three nodes of Apache Kafka, each behind a
relay that counts what clients get from it."""
import socket
import subprocess
import threading

from apache_kafka import Kafka
from broker import PROGRAM, free_port

RECORDS = 20_000
VALUE = "v" * 200
RACKS = {1: "north", 2: "south", 3: "west"}
SELECTOR = "org.apache.kafka.common.replica.RackAwareReplicaSelector"


class Relay:
    """Listens at a port of its own and passes everything on to another."""

    def __init__(self, to):
        self.to, self.bytes_out, self.open = to, 0, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                broker = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return  # closed, or the broker is not there
            self.open += [client, broker]
            threading.Thread(target=self._pass_on, args=(client, broker, False), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(broker, client, True), daemon=True).start()

    def _pass_on(self, source, target, counts):
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
                self.bytes_out += len(data) if counts else 0
        except OSError:
            pass
        self._end([source, target])

    def _end(self, sockets):
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()

    def close(self):
        self._end([self.listener, *self.open])


class Nodes:
    """Three of them, the first with the controller; brokers talk to each other beside the relays."""

    def __init__(self, release):
        controller = free_port()
        self.relays, self.nodes = {}, {}
        for node, rack in RACKS.items():
            kafka = Kafka(release)
            inside = free_port()
            self.relays[node] = Relay(kafka.port)
            listeners = f"PLAINTEXT://127.0.0.1:{kafka.port},INSIDE://127.0.0.1:{inside}"
            kafka.settings |= {
                "node.id": node, "broker.rack": rack, "replica.selector.class": SELECTOR,
                "process.roles": "broker,controller" if node == 1 else "broker",
                "controller.quorum.voters": f"1@127.0.0.1:{controller}", "inter.broker.listener.name": "INSIDE",
                "listeners": listeners + (f",CONTROLLER://127.0.0.1:{controller}" if node == 1 else ""),
                "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.relays[node].port},INSIDE://127.0.0.1:{inside}",
                "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,INSIDE:PLAINTEXT"}
            self.nodes[node] = kafka

    def start(self):
        for node in self.nodes.values():
            node.start()

    @property
    def addresses(self):
        return ",".join(f"127.0.0.1:{relay.port}" for relay in self.relays.values())

    def remove(self):
        for relay in self.relays.values():
            relay.close()
        for node in self.nodes.values():
            node.remove()


def barnabas(*arguments, **more):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=120, **more)


def flags(rack):
    return ["-X", f"client.rack={rack}", "-X", "metadata.max.age.ms=1000"]


def read(nodes, topic, rack):
    """The values of all records, and how many bytes came from each node meanwhile."""
    before = {node: relay.bytes_out for node, relay in nodes.relays.items()}
    done = barnabas("consume", topic, "-b", nodes.addresses, "-e", "-f", "%s\n", *flags(rack))
    if done.returncode != 0:
        raise RuntimeError(f"consume ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout.split(), {node: relay.bytes_out - before[node] for node, relay in nodes.relays.items()}


def scenarios(release, prefix, report):
    nodes = Nodes(release)
    try:
        nodes.start()
        topic = f"{prefix}-closest"
        made = barnabas("topic", "create", topic, "-b", nodes.addresses, "--partitions", 1, "--replication", 3)
        lines = [f"{number}-{VALUE}" for number in range(RECORDS)]
        written = barnabas("produce", topic, "-b", nodes.addresses, "-X", "acks=all", input="\n".join(lines) + "\n")
        if made.returncode != 0 or written.returncode != 0:
            raise RuntimeError((made.stderr + written.stderr)[-500:])
        for node, rack in RACKS.items():
            values, came = read(nodes, topic, rack)
            share = came[node] / sum(came.values())
            report("ok" if values == lines and share > 0.95 else "FAILED", f"rack-{rack}",
                   f"{len(values)} records, {100 * share:.0f} % of the bytes from the node in the rack")
        values, came = read(nodes, topic, "nowhere")
        leader = max(came, key=came.get)
        report("ok" if values == lines and came[leader] > 0.95 * sum(came.values()) else "FAILED", "rack-unknown",
               f"all from node {leader}")
        closest = next(node for node in (3, 2) if node != leader)
        values = read_while_killed(nodes, topic, closest)
        report("ok" if values == lines else "FAILED", "closest-is-killed", f"{len(values)} records")
    finally:
        nodes.remove()


def read_while_killed(nodes, topic, closest):
    """The node that is read from goes in the middle: the rest comes from others."""
    reader = subprocess.Popen([PROGRAM, "consume", topic, "-b", nodes.addresses, "-e", "-f", "%s\n",
                               *flags(RACKS[closest]), "-X", "queued.max.messages.kbytes=100", "-X",
                               "max.partition.fetch.bytes=20000"], stdout=subprocess.PIPE, bufsize=0)
    begin = b"".join(reader.stdout.readline() for _ in range(RECORDS // 10))
    nodes.nodes[closest].kill()
    nodes.relays[closest].close()
    rest, _ = reader.communicate(timeout=120)
    return (begin + rest).decode().split()
