"""Apache Kafka's command line tools, led by tools.txt, which says what is typed and what must come of it."""
import pathlib
import queue
import random
import re
import subprocess
import tempfile
import threading

import wire
from actors import Actor, wait_until

HERE = pathlib.Path(__file__).resolve().parent
LONGEST_SECONDS = 120
MAIN = {
    "topics": "org.apache.kafka.tools.TopicCommand",
    "configs": "kafka.admin.ConfigCommand",
    "consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "log-dirs": "org.apache.kafka.tools.LogDirsCommand",
    "broker-api-versions": {"3.9": "kafka.admin.BrokerApiVersionsCommand",
                            "4.3": "org.apache.kafka.tools.BrokerApiVersionsCommand"},
    "console-producer": {"3.9": "kafka.tools.ConsoleProducer", "4.3": "org.apache.kafka.tools.ConsoleProducer"},
    "console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "verifiable-producer": "org.apache.kafka.tools.VerifiableProducer",
    "verifiable-consumer": "org.apache.kafka.tools.VerifiableConsumer",
    "producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
    "dump-log": {"3.9": "kafka.tools.DumpLogSegments", "4.3": "org.apache.kafka.tools.DumpLogSegments"},
}
# Those that count in static fields or read standard input have a JVM of their own; the others share one (Tools.java).
ALONE = {"console-producer", "console-consumer", "verifiable-producer", "verifiable-consumer", "producer-perf-test"}


def java(folder, *command):
    return ["java", "-Xmx512M", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
            f"{folder}/classes:{folder}/jars/*", *map(str, command)]


def main_class(release, name):
    return MAIN[name] if isinstance(MAIN[name], str) else MAIN[name][release]


def run_alone(folder, release, name, arguments, given=""):
    """(exit code, standard output, standard error)"""
    done = subprocess.run(java(folder, main_class(release, name), *arguments), input=given, capture_output=True,
                          text=True, errors="replace", timeout=LONGEST_SECONDS)
    return done.returncode, done.stdout, done.stderr


class Shared:
    """The JVM of Tools.java."""

    def __init__(self, folder, release):
        self.release = release
        self.process = subprocess.Popen(java(folder, "Tools"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, errors="replace", bufsize=1)
        self.lines = queue.Queue()
        threading.Thread(target=lambda: [self.lines.put(line) for line in self.process.stdout], daemon=True).start()

    def run(self, name, arguments):
        self.process.stdin.write("\t".join([main_class(self.release, name), *arguments]) + "\n")
        output = []
        while True:
            try:
                line = self.lines.get(timeout=LONGEST_SECONDS)
            except queue.Empty:
                raise AssertionError(f"{name}: no end after {LONGEST_SECONDS} s; it said {output[-5:]}") from None
            if line.startswith("exit "):
                return int(line.split()[1]), "".join(output), ""
            output.append(line[2:])


def groups():
    """(name, numbers of APIs, [(number of the line, command, [expectations])]) for each group of tools.txt."""
    found, is_head = [], True
    for number, line in enumerate((HERE / "tools.txt").read_text().splitlines(), 1):
        if not line:
            is_head = False
        elif is_head:
            continue
        elif line.startswith("# "):
            name, *apis = line[2:].split()
            found.append((name, [int(api) for api in apis[1:]], []))
        elif line.startswith("  "):
            found[-1][2][-1][2].append(line[2:])
        else:
            found[-1][2].append((number, line, []))
    return found


class Session:
    """Tools of one release against one broker."""

    def __init__(self, folder, release, address, node, scratch):
        self.folder, self.release, self.address, self.scratch = folder, release, address, scratch
        self.shared = Shared(folder, release)
        self.actor = Actor("actor", java(folder, "Actor", address))
        random_ = random.Random(3)
        lines = [f"line {n} {'schloß ' * random_.randrange(30)}".rstrip() for n in range(2000)]
        self.words = {"node": node, "lines": self.file("\n".join(lines) + "\n"),
                      "pairs": self.file("left:right\nover:under\n")}

    def file(self, text):
        path = self.scratch / f"file-{len(list(self.scratch.iterdir()))}"
        path.write_text(text)
        return str(path)

    def filled(self, text):
        """{t} and the other words in their places; {file:TEXT} becomes the path of a file with the text."""
        for word, value in self.words.items():
            text = text.replace("{" + word + "}", value)
        return re.sub(r"\{file:(.*)\}(?= |$)", lambda match: self.file(match.group(1) + "\n"), text)

    def group(self, topic, lines):
        self.words["t"] = topic
        self.actor.clear()
        for number, command, expected in lines:
            release = re.match(r"(\d\.\d): ", command)
            if release is None or release.group(1) == self.release:
                try:
                    self.step(self.filled(command[release.end() if release else 0:]), expected)
                except AssertionError as problem:
                    raise AssertionError(f"tools.txt:{number}: {command}: {problem}") from None

    def step(self, command, expected):
        name, *arguments = command.split()
        if name == "actor":
            self.actor.ask(*arguments)
        elif name == "read":
            count = int(arguments[0])
            wait_until(lambda: len(self.actor.records) >= count, lambda: f"{len(self.actor.records)} records were read",
                       [self.actor])
            self.actor.clear()
        else:
            self.check(*self.run(name, arguments), expected)

    def run(self, name, arguments):
        given = ""
        if "<" in arguments:
            given = pathlib.Path(arguments.pop()).read_text()
            arguments.pop()
        if name == "producer-perf-test":
            arguments += ["--producer-props", f"bootstrap.servers={self.address}", "acks=all"]
        else:
            arguments = ["--bootstrap-server", self.address, *arguments]
        if name in ALONE:
            return run_alone(self.folder, self.release, name, arguments, given)
        return self.shared.run(name, arguments)

    def check(self, code, output, errors, expected):
        wanted_code = 0
        said = (output + errors).strip()[:700]
        for line in map(self.filled, expected):
            if line.startswith("exit "):
                wanted_code = int(line[5:])
            elif line.startswith("= "):
                if output.splitlines() != pathlib.Path(line[2:]).read_text().splitlines():
                    raise AssertionError(f"{len(output.splitlines())} lines, not those of the file: {said}")
            elif (re.search(line.removeprefix("! "), output + errors, re.MULTILINE) is None) != line.startswith("! "):
                raise AssertionError(f"wanted {line!r}, found: {said}")
        if code != wanted_code:
            raise AssertionError(f"exit code {code}: {said}")

    def end(self):
        self.actor.kill()
        self.shared.process.kill()
        self.shared.process.wait()


def run_tools(folder, release, broker, prefix, report):
    """report(outcome, scenario, note) for each group of the table."""
    with tempfile.TemporaryDirectory(prefix="barnabas-tools-") as scratch:
        node = str(wire.node_id("127.0.0.1", broker.port))
        session = Session(folder, release, broker.address, node, pathlib.Path(scratch))
        for name, apis, lines in groups():
            if missing := [api for api in apis if not wire.serves("127.0.0.1", broker.port, api)]:
                report("skipped", name, f"the broker has no API {missing[0]}")
                continue
            try:
                if not session.actor.is_alive() or session.shared.process.poll() is not None:
                    session.end()
                    session = Session(folder, release, broker.address, node, pathlib.Path(scratch))
                session.group(f"{prefix}-{name}", lines)
                report("ok", name, f"{sum(line[1].split()[0] not in ('actor', 'read') for line in lines)} commands")
            except (AssertionError, subprocess.TimeoutExpired, OSError) as problem:
                report("FAILED", name, str(problem))
                session.actor.kill()
        session.end()
