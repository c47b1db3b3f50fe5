"""What a run consists of: a job is a client, the tools of a release, or a program on top of them; each has a broker."""
import shlex
import subprocess
import threading
import time

import admin_calls
import applications
import closest
import directories
import dump
import mixed
import secured
import tools
import transactions
import wire
from actors import Absent
from broker import Broker, Running
from clients import CLIENTS, JAVA_VERSIONS, java_folder
from compacted import check_compacted
from fetch import NotFetched
from scenarios import SCENARIOS, Stage

LONGEST_SECONDS = 600
PREPARING = threading.Lock()
SETTINGS = {"log.segment.bytes": 2_000_000, "group.initial.rebalance.delay.ms": 0, "num.partitions": 1,
            "offsets.topic.replication.factor": 1, "offsets.topic.num.partitions": 10}
JOIN_GROUP = 11


class Started(Running):
    """A broker of any make that a command starts in the foreground."""

    def __init__(self, address, command):
        super().__init__(address)
        self.command = command
        self.start()

    def start(self):
        self.process = subprocess.Popen(shlex.split(self.command), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 120
        while not self.is_alive():
            if time.monotonic() > until:
                raise RuntimeError(f"no answer at {self.address} after 120 s: {self.command}")
            time.sleep(0.1)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Brokers:
    """Gives each job its broker: a new one of ours, or always the one that was named."""

    def __init__(self, against, starts):
        self.named = Started(against, starts) if starts else Running(against) if against else None
        self.ours = []

    def of_a_job(self):
        if self.named:
            return self.named
        broker = Broker(SETTINGS)
        self.ours.append(broker)
        broker.start()
        return broker

    def remove(self):
        if isinstance(self.named, Started):
            self.named.kill()
        for broker in self.ours:
            broker.remove()


def prepared(prepare):
    with PREPARING:  # jobs share folders of the cache
        return prepare()


def client_job(client):
    def body(broker, prefix, report):
        program, actor = prepared(client.prepare)
        if program:
            run_program(program, broker.address, prefix, report)
        other = CLIENTS["java-4.3" if client.language == "Python" else "python-confluent"]
        try:
            partner = prepared(other.prepare)[1]
        except NotFetched:
            partner = None
        run_scenarios(client, Stage(broker, client.name, actor, partner, prefix), report)
    return body


def run_program(command, address, prefix, report):
    """A client's own scenarios: it prints a line for each."""
    try:
        done = subprocess.run([*command, address, prefix], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        report("FAILED", "to its end", f"stopped after {LONGEST_SECONDS} s")
        return
    lines = [line.split(" ", 2) for line in done.stdout.splitlines() if line.startswith(("ok ", "FAILED "))]
    for outcome, scenario, *note in lines:
        report(outcome, scenario, *note)
    if done.returncode != 0 and not any(line[0] == "FAILED" for line in lines) or not lines:
        report("FAILED", "to its end", done.stderr[-1500:])


def run_scenarios(client, stage, report):
    has_groups = wire.serves("127.0.0.1", stage.broker.port, JOIN_GROUP)
    for name, body in SCENARIOS.items():
        if name in client.cannot:
            report("absent", name, client.cannot[name])
        elif name not in ("produce-with-keys", "wrong-topic") and not has_groups:
            report("skipped", name, "the broker has no consumer groups")
        elif name == "broker-killed" and not hasattr(stage.broker, "kill"):
            report("skipped", name, "needs a broker that is started here")
        elif name == "two-languages-share" and stage.partner is None:
            report("skipped", name, "the other client could not be fetched")
        else:
            run_scenario(name, body, stage, report)
    stage.end()


def run_scenario(name, body, stage, report):
    try:
        stage.begin(name)
        report("ok", name, body(stage) or "")
        return
    except Absent as problem:
        report("absent", name, str(problem))
    except AssertionError as problem:
        report("FAILED", name, str(problem))
    stage.end()  # the next scenario begins with fresh actors


def mixed_job(broker, prefix, report):
    if not wire.serves("127.0.0.1", broker.port, JOIN_GROUP):
        report("skipped", "all", "the broker has no consumer groups")
        return
    mixed.run(lambda name: prepared(CLIENTS[name].prepare)[1], broker, prefix, report)


def tools_job(release):
    def body(broker, prefix, report):
        folder = prepared(lambda: java_folder(release))
        tools.run_tools(folder, release, broker, prefix, report)
    return body


def application_job(scenarios, release):
    def body(broker, prefix, report):
        if not wire.serves("127.0.0.1", broker.port, JOIN_GROUP):
            report("skipped", "all", "the broker has no consumer groups")
            return
        scenarios(prepared(lambda: java_folder(release)), release, broker.address, prefix, report)
    return body


def secured_job(release):
    def body(_, prefix, report):
        folder = prepared(lambda: java_folder(release))
        secured.library(folder, release, prefix, report)
        secured.tools(folder, release, prefix, report)
    return body


def transactions_job(release):
    def body(_, prefix, report):
        transactions.run(prepared(lambda: java_folder(release)), release, prefix, report)
    return body


def closest_job(_, prefix, report):
    prepared(lambda: java_folder("4.3"))
    closest.scenarios("4.3", prefix, report)


def directory_job(broker, prefix, report):
    if hasattr(broker, "folder"):
        directories.go_on_and_come_back(prepared(CLIENTS["java-3.9"].prepare)[1], broker, report)
    else:
        report("skipped", "all", "needs a broker that is started here")


def all_jobs():
    found = {client.name: client_job(client) for client in CLIENTS.values()} | {"directory-3.9": directory_job}
    found |= {"mixed-groups": mixed_job, "library-closest-4.3": closest_job}
    for release in JAVA_VERSIONS:
        found |= {f"tools-{release}": tools_job(release), f"library-secured-{release}": secured_job(release),
                  f"library-transactions-{release}": transactions_job(release),
                  f"streams-{release}": application_job(applications.streams, release),
                  f"connect-{release}": application_job(applications.connect, release)}
    return found | admin_calls.jobs(prepared)


def run(name, body, brokers, tally):
    began = time.monotonic()
    broker = brokers.of_a_job()
    report = lambda outcome, scenario, note="": tally.line(outcome, name, scenario, note)
    try:
        body(broker, f"{name}-{int(time.time()) % 1000000}", report)
    except NotFetched as problem:
        report("skipped", "all", f"not fetched: {problem}")
    except subprocess.CalledProcessError as problem:
        report("FAILED", "build", (problem.stdout or b"").decode(errors="replace")[-1500:])
    except (OSError, RuntimeError, ValueError, EOFError) as problem:
        report("FAILED", "all", f"{type(problem).__name__}: {problem}")
    tally.say(f"        {name}: {time.monotonic() - began:.0f} s")


def check_what_was_written(names, brokers, tally):
    """With the dump tool of each release whose tools took part: what the jobs left, and a topic that was compacted."""
    stopped = [broker for broker in brokers.ours if broker.is_alive()]
    for broker in stopped:
        broker.stop()
    for release in JAVA_VERSIONS:
        if stopped and f"tools-{release}" in names:
            for scenario, check in (("dump-log", lambda folder: dump.check_folders(folder, release, stopped)),
                                    ("dump-log-compacted", lambda folder: check_compacted(folder, release))):
                try:
                    outcome, note = check(prepared(lambda: java_folder(release)))
                except NotFetched as problem:
                    outcome, note = "skipped", f"not fetched: {problem}"
                tally.line(outcome, f"tools-{release}", scenario, note)
