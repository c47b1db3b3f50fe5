"""What is measured. A scenario has a name, a group of the report, and measure(load, server, topic), which
returns figures; `bare` names the bare server that is its limit. Sizes shrink in the quick mode."""
import contextlib
import os
import re
import signal
import time

import machine

LARGE = {"record": 1024, "batch": 65536}
SMALL = {"record": 100, "batch": 2048}
STEADY = {"record": 1024, "batch": 16384, "connections": 4, "rate": 20_000_000}


class Scenario:
    def __init__(self, name, group, measure, bare=None, manages_process=False, is_slow=False):
        self.name, self.group, self.measure, self.bare = name, group, measure, bare
        self.manages_process = manages_process  # starts the server by itself
        self.is_slow = is_slow or manages_process  # Apache Kafka takes so long that it runs once


@contextlib.contextmanager
def placed(load, server, is_same_core):
    """The server held to one core, and the load to the same one or to another."""
    first, second = machine.first_cores()
    machine.place(server.pid, {first})
    load.core = first if is_same_core else second
    try:
        yield
    finally:
        load.core = None
        machine.place(server.pid, os.sched_getaffinity(0))


def produce(**words):
    def measure(load, server, topic):
        figures = load.produce(server, topic=topic, **words)
        load.delete(server, topic)
        return figures
    return measure


def produce_placed(is_same_core, **words):
    def measure(load, server, topic):
        with placed(load, server, is_same_core):
            return produce(**words)(load, server, topic)
    return measure


def produce_flushed(**words):
    """Into a topic of which Apache Kafka, too, acknowledges only what is on disk."""
    def measure(load, server, topic):
        if not server.is_bare:
            load.create(server, topic, words["partitions"])
            load.call("alter", server, topic=topic, name="flush.messages", value=1)
        return produce(**words)(load, server, topic)
    return measure


def _java_figures(load, server, records, record, tool, *words):
    """CPU of the server under a load tool of Apache Kafka, its start and end included."""
    began, before = time.monotonic(), _cpu_seconds(server.pid)
    load.java(tool, *words)
    cpu, seconds = _cpu_seconds(server.pid) - before, time.monotonic() - began
    return {"cpu_s_per_gb": cpu / (records * record / 1e9), "cpu_s_per_million_records": cpu / (records / 1e6),
            "core_percent": 100 * cpu / seconds, "seconds": seconds}


def _java_producer(load, server, topic, records, record, batch, linger):
    return _java_figures(load, server, records, record, "ProducerPerformance", "--topic", topic,
                         "--num-records", records, "--record-size", record, "--throughput", -1, "--producer-props",
                         f"bootstrap.servers=127.0.0.1:{server.port}", "acks=1", f"batch.size={batch}",
                         f"linger.ms={linger}", "buffer.memory=67108864")


def java_produce(**words):
    def measure(load, server, topic):
        load.create(server, topic)
        figures = _java_producer(load, server, topic, **words)
        load.delete(server, topic)
        return figures
    return measure


def java_consume(records, record):
    def measure(load, server, topic):
        load.produce(server, topic=topic, bytes=records * (record + 80), **LARGE)
        figures = _java_figures(load, server, records, record, "ConsumerPerformance", "--bootstrap-server",
                                f"127.0.0.1:{server.port}", "--topic", topic, "--messages", records)
        load.delete(server, topic)
        return figures
    return measure


def fetch(size, reading, is_cold, is_same_core):
    """Reads from the beginning a topic that was written just before."""
    def measure(load, server, topic):
        if not server.is_bare:
            load.produce(server, topic=topic, bytes=size, **LARGE)
        if is_cold:
            machine.drop_from_page_cache(server.data_folder())
        with placed(load, server, is_same_core):
            figures = load.fetch(server, topic=topic, bytes=int(size * 0.95), **LARGE, **reading)
        load.delete(server, topic)
        return figures
    return measure


def start(load, server, topic):
    """A new folder, to the first acknowledged batch of a topic that had to be created."""
    began = time.monotonic_ns()
    server.start(wait=False)
    return {"first_ms": load.first(server, began, topic=topic)["first_ms"]}


def idle(seconds):
    def measure(load, server, topic):
        server.start()
        load.first(server, time.monotonic_ns(), topic=topic)
        time.sleep(1)
        return _at_rest(server, seconds)
    return measure


def _cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        values = {line.split(":")[0]: int(line.split()[1]) for line in file if ":" in line and "kB" in line}
    return {"rss_mb": values["Rss"] / 1024, "pss_mb": values["Pss"] / 1024,
            "own_mb": (values["Private_Dirty"] + values.get("Private_Clean", 0)) / 1024}


def _at_rest(server, seconds):
    before = _cpu_seconds(server.pid)
    time.sleep(seconds)
    used = _cpu_seconds(server.pid) - before
    return {**_memory_mb(server.pid), "core_percent": 100 * used / seconds,
            "open_files": len(os.listdir(f"/proc/{server.pid}/fd"))}


def recovery(partitions, kafka_partitions):
    """Every partition written, kill -9, and the time until every one takes a batch again."""
    def measure(load, server, topic):
        count = kafka_partitions if server.is_kept else partitions
        server.start()
        load.create(server, topic, count)
        load.produce(server, topic=topic, partitions=count, at_once=100, record=100, batch=1024,
                     connections=1, bytes=count * 1000)
        memory = _memory_mb(server.pid)
        server.stop(signal.SIGKILL, keep_data=True)
        began = time.monotonic_ns()
        server.start(wait=False)
        times = load.first(server, began, topic=topic, partitions=count)
        return {"partitions": count, "first_ms": times["first_ms"], "all_ms": times["all_ms"],
                "before_rss_mb": memory["rss_mb"], **_at_rest(server, 2)}
    return measure


def commit(**words):
    def measure(load, server, topic):
        return load.commit(server, topic=topic, **words)
    return measure


def join_after_kill(groups, partitions):
    """Every group commits every partition; kill -9, and the time from the start until one takes a member."""
    def measure(load, server, topic):
        server.start()
        load.commit(server, topic=topic, groups=groups, partitions=partitions, at_once=partitions, commits=groups)
        server.stop(signal.SIGKILL, keep_data=True)
        began = time.monotonic_ns()
        server.start(wait=False)
        joined = load.join(server, began, group=groups - 1)
        return {"first_ms": joined["joined_ms"], **_memory_mb(server.pid)}
    return measure


def heartbeat(**words):
    def measure(load, server, topic):
        return load.heartbeat(server, **words)
    return measure


def compact(records, keys):
    """A log that is all there becomes compacted: from the change of its policy until only its last segment is dirty."""
    def measure(load, server, topic):
        load.call("fill", server, topic=topic, records=records, keys=keys)
        load.call("alter", server, topic=topic, name="min.cleanable.dirty.ratio", value=0.01)
        size = _log_bytes(server, topic)
        before, began = _cpu_seconds(server.pid), time.monotonic()
        load.call("alter", server, topic=topic, name="cleanup.policy", value="compact")
        while not _is_cleaned(server, topic):
            time.sleep(0.02)
            if time.monotonic() - began > 300:
                raise RuntimeError("the log was not cleaned in 300 s")
        used, seconds = _cpu_seconds(server.pid) - before, time.monotonic() - began
        figures = {"cpu_s_per_gb": used * 1e9 / size, "seconds": seconds, "before_mb": size / 1e6,
                   "after_mb": _log_bytes(server, topic) / 1e6, "peak_mb": _peak_memory_mb(server.pid)}
        load.delete(server, topic)
        return figures
    return measure


def _segments(server, topic):
    return [os.path.join(server.data_folder(), f"{topic}-0", name)
            for name in sorted(os.listdir(os.path.join(server.data_folder(), f"{topic}-0"))) if name.endswith(".log")]


def _log_bytes(server, topic):
    return sum(os.path.getsize(path) for path in _segments(server, topic))


def _is_cleaned(server, topic):
    active = int(os.path.basename(_segments(server, topic)[-1])[:-4])
    try:
        with open(os.path.join(server.data_folder(), "cleaner-offset-checkpoint")) as file:
            found = re.search(rf"^{topic} 0 (\d+)$", file.read(), re.MULTILINE)
    except OSError:
        return False
    return found is not None and int(found.group(1)) == active


def _peak_memory_mb(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"^VmHWM:\s+(\d+) kB", file.read(), re.MULTILINE).group(1)) / 1024


def _group_scenarios(quick):
    commits, seconds = (100_000, 3) if quick else (500_000, 10)
    groups, partitions = (1_000, 100) if quick else (10_000, 100)
    steady = commit(groups=1000, partitions=10, rate=5_000, seconds=seconds, connections=10, depth=50)
    return [Scenario("commits of 1,000 groups, 10 conn., 20 in flight", "groups",
                     commit(groups=1000, partitions=10, commits=commits, connections=10, depth=20)),
            Scenario("commits of 1,000 groups, 5,000 a second", "groups", steady),
            Scenario("1,000 groups of 10 members, each a heartbeat in 3 s", "groups",
                     heartbeat(groups=1000, members=10, seconds=9), is_slow=True),
            Scenario(f"first join after kill -9: {groups:,} groups, {groups * partitions:,} offsets", "life",
                     join_after_kill(groups, partitions), manages_process=True)]


# How a load of one connection may be placed; the suffix of the name, and whether it shares the server's core.
PLACES = (("", True), (", load on another core", False))


def _java_scenarios(size):
    """What the rivals' own users would run; one producer or consumer, one partition."""
    large, small = size // 1024, size // 1000
    return [Scenario("Java's producer, 1 KiB records, 64 KiB batches, acks=1", "java",
                     java_produce(records=large, record=1024, batch=65536, linger=5), "clients"),
            Scenario("Java's producer, 100 B records, 2 KiB batches, acks=1", "java",
                     java_produce(records=small, record=100, batch=2048, linger=0), "clients"),
            Scenario("Java's consumer, 1 KiB records", "java", java_consume(records=large, record=1024))]


def _durable_scenarios(seconds):
    """What waits for the disk, at one rate in larger and smaller requests; Apache Kafka also with a sync of its own."""
    found = []
    for batch, shape in (("16 KiB batches, 4 conn.", {"batch": 16384, "connections": 4, "partitions": 4}),
                         ("4 KiB batches, 16 conn.", {"batch": 4096, "connections": 16, "partitions": 16}),
                         ("a record a request, 16 conn.", {"batch": 1024, "connections": 16, "partitions": 16})):
        words = {"record": 1024, "rate": 20_000_000, "seconds": seconds, "acks": -1, **shape}
        for flushed, how in (("", produce), (", flush.messages=1", produce_flushed)):
            found.append(Scenario(f"produce 20 MB/s, {batch}, acks=all{flushed}", "rate", how(**words), "sync"))
    return found


def _produce_scenarios(size):
    found = []
    for label, shape, share in (("1 KiB records, 64 KiB batches", LARGE, 1),
                                ("100 B records, 2 KiB batches", SMALL, 10)):
        words = {**shape, "bytes": size // share}
        for place, is_same_core in PLACES:
            for kind, how in (("", {}), (", idempotent", {"idempotent": 1})):
                found.append(Scenario(f"{label}, acks=1, 1 conn.{kind}{place}", "produce",
                                      produce_placed(is_same_core, **words, **how, acks=1), "produce"))
        found.append(Scenario(f"{label}, acks=1, 1 conn., not placed", "produce", produce(**words, acks=1), "produce"))
        found.append(Scenario(f"{label}, acks=1, 16 conn.", "produce",
                              produce(**words, acks=1, connections=16), "produce"))
        words["bytes"] //= 5  # a batch that waits for the disk takes far longer than it costs
        for connections in (1, 16):
            found.append(Scenario(f"{label}, acks=all, {connections} conn.", "produce",
                                  produce(**words, acks=-1, connections=connections), "sync"))
    for place, is_same_core in PLACES:
        found.append(Scenario(f"100 B records, 2 KiB batches, acks=1, 1 conn., 64 in flight{place}", "produce",
                              produce_placed(is_same_core, **SMALL, acks=1, depth=64, bytes=size // 10), "produce"))
    found.append(Scenario("1,000 partitions at once (20 a request, 4 KiB batches)", "produce",
                          produce(partitions=1000, at_once=20, record=1000, batch=4096, connections=4,
                                  bytes=size // 2), "produce", is_slow=True))
    return found


def all_scenarios(quick):
    size = 300_000_000 if quick else 1_000_000_000
    seconds = 2 if quick else 5
    tail = {"record": 1024, "batch": 16384, "rate": 5_000_000, "seconds": seconds}
    found = _produce_scenarios(size)
    found.append(Scenario("produce 20 MB/s, 16 KiB batches, 4 conn., acks=1", "rate",
                          produce(**STEADY, acks=1, partitions=4, seconds=seconds), "produce"))
    found += _durable_scenarios(seconds)
    for place, is_same_core in PLACES:
        for what, reading, is_cold in (("1 MiB, in the page cache", {}, False), ("1 MiB, cold", {}, True),
                                       ("64 KiB, in the page cache", {"max_bytes": 65536}, False)):
            found.append(Scenario(f"from the beginning, {what}{place}", "fetch",
                                  fetch(size, reading, is_cold, is_same_core), "fetch"))
    for readers in (1, 10, 50):
        found.append(Scenario(f"tail, {readers} readers, 5 MB/s written", "rate", produce(readers=readers, **tail)))
    found.append(Scenario("mixed: 40 MB/s into 8 partitions, 8 readers", "rate",
                          produce(record=1024, batch=16384, connections=4, partitions=8, readers=8, rate=40_000_000,
                                  seconds=seconds)))
    found.append(Scenario("start to the first acknowledged batch", "life", start, manages_process=True))
    found.append(Scenario("idle", "life", idle(3 if quick else 10), manages_process=True))
    found += _group_scenarios(quick)
    records = 1_000_000 if quick else 10_000_000
    for share, keys in ((1, "a key of its own each"), (10, "ten for each key")):
        found.append(Scenario(f"{records:,} records of 100 B, {keys}", "compaction", compact(records, records // share),
                              is_slow=True))
    found += _java_scenarios(size * 2)
    partitions = (2000, 1000) if quick else (10_000, 2000)
    found.append(Scenario("recovery after kill -9", "life", recovery(*partitions), manages_process=True))
    return found
