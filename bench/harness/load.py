"""Calls the load generator and turns its line of JSON into the figures of the report."""
import json
import os
import subprocess
import time


class LoadFailed(Exception):
    pass


class Load:
    def __init__(self, programs, jars=None):
        self.program = os.path.join(programs, "bench_load")
        self.jars = jars  # of Apache Kafka, for its own load tools
        self.core = None  # the one it is held to

    def call(self, command, server, timeout=400, **words):
        keys = {"port": server.port, **words}
        if command in ("produce", "fetch", "commit", "heartbeat"):
            keys["pid"] = server.pid
        if command in ("produce", "fetch"):
            keys["bare"] = int(server.is_bare)
        core = [] if self.core is None else ["taskset", "-c", str(self.core)]
        done = subprocess.run([*core, self.program, command, *(f"{k}={v}" for k, v in keys.items())],
                              capture_output=True, text=True, timeout=timeout)
        if done.returncode != 0:
            raise LoadFailed(done.stderr.strip() or f"bench_load ended with code {done.returncode}")
        return json.loads(done.stdout)

    def java(self, tool, *words):
        done = subprocess.run(["java", "-cp", os.path.join(self.jars, "*"), f"org.apache.kafka.tools.{tool}",
                               *map(str, words)], capture_output=True, text=True, timeout=400)
        if done.returncode != 0:
            raise LoadFailed((done.stderr or done.stdout).strip()[-500:])

    def create(self, server, topic, partitions=1):
        if not server.is_bare:
            self.call("create", server, topic=topic, partitions=partitions)

    def delete(self, server, topic):
        """Only for a server that is kept; the others' data goes with their folder."""
        if server.is_kept:
            self.call("delete", server, topic=topic)
            time.sleep(0.3)

    def produce(self, server, **words):
        return figures(self.call("produce", server, **words))

    def fetch(self, server, **words):
        return figures(self.call("fetch", server, **words))

    def first(self, server, since_ns, **words):
        return self.call("first", server, since=since_ns, **words)

    def commit(self, server, **words):
        return request_figures(self.call("commit", server, **words))

    def heartbeat(self, server, **words):
        return request_figures(self.call("heartbeat", server, **words))

    def join(self, server, since_ns, **words):
        return self.call("join", server, since=since_ns, **words)


def request_figures(raw):
    """CPU of the server over the requests that it answered."""
    requests, server = raw["produced"]["requests"], raw["server"]
    result = {"cpu_us_per_request": server["cpu_ns"] / 1e3 / requests, "requests_per_s": requests / raw["seconds"],
              "core_percent": 100 * server["cpu_ns"] / 1e9 / raw["seconds"],
              "rss_mb": server["resident_kib"] / 1024}
    for key in ("p50", "p99", "p999", "max"):
        if raw["latency"]["count"]:
            result[f"{key}_ms"] = raw["latency"][f"{key}_us"] / 1000
    return result


def figures(raw):
    """CPU seconds of the server over everything that went in or out."""
    produced, fetched, server = raw["produced"], raw["fetched"], raw["server"]
    moved = produced["bytes"] + fetched["bytes"]
    records = produced["records"] + fetched["records"]
    requests = produced["requests"] + fetched["requests"]
    cpu = server["cpu_ns"] / 1e9
    switches = server["voluntary_switches"] + server["involuntary_switches"]
    result = {
        "cpu_s_per_gb": cpu / (moved / 1e9), "cpu_s_per_million_records": cpu / (records / 1e6),
        "cpu_us_per_request": cpu * 1e6 / requests, "mb_per_s": moved / 1e6 / raw["seconds"],
        "core_percent": 100 * cpu / raw["seconds"], "switches_per_request": switches / requests,
        "system_share": server["system_ms"] / max(server["system_ms"] + server["user_ms"], 1),
        "rss_mb": server["resident_kib"] / 1024, "pss_mb": server["proportional_kib"] / 1024,
        "load_cpu_s_per_gb": raw["load"]["cpu_ns"] / 1e9 / (moved / 1e9)}
    for kind, prefix in (("latency", ""), ("delivery", "delivery_")):
        if raw[kind]["count"]:
            for key in ("p50", "p99", "p999", "max"):
                result[f"{prefix}{key}_ms"] = raw[kind][f"{key}_us"] / 1000
    return result
