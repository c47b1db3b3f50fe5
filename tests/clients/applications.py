"""Programs on top of Apache Kafka: the WordCount of Kafka Streams, and Kafka Connect with files, distributed."""
import collections
import json
import pathlib
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from broker import free_port
from tools import java, run_alone

LONGEST_SECONDS = 90


class Application:
    """A JVM with a main class that runs until it is stopped."""

    def __init__(self, folder, main, settings, scratch):
        self.file, self.log = scratch / "application.properties", scratch / "application.log"
        self.file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self.command = java(folder, main, self.file)
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it does not stop in {LONGEST_SECONDS} s") from None

    def said(self):
        return self.log.read_text(errors="replace")[-700:]

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()


def until(condition, what, application):
    """what: a function that says what is there instead."""
    last = time.monotonic() + LONGEST_SECONDS
    while not condition():
        if application.process.poll() is not None:
            raise AssertionError(f"it ended with {application.process.returncode}: {application.said()}")
        if time.monotonic() > last:
            raise AssertionError(f"after {LONGEST_SECONDS} s: {what()}; its log: {application.said()}")
        time.sleep(0.2)


def in_turn(application, steps, report):
    """Scenarios that build on each other: after a failure the rest would say nothing."""
    try:
        for name, step in steps.items():
            step()
            report("ok", name)
    except (AssertionError, OSError, subprocess.TimeoutExpired) as problem:
        report("FAILED", name, str(problem))
    finally:
        application.kill()


def streams(folder, release, address, prefix, report):
    with tempfile.TemporaryDirectory(prefix="barnabas-streams-") as scratch:
        scratch = pathlib.Path(scratch)
        counts, source, counted_words = collections.Counter(), f"{prefix}-lines", f"{prefix}-words"
        application = Application(folder, "WordCount", {
            "input": source, "output": counted_words, "bootstrap.servers": address, "application.id": prefix,
            "state.dir": scratch / "state", "commit.interval.ms": 200, "processing.guarantee": "at_least_once",
            "session.timeout.ms": 6000}, scratch)

        def write(line):
            counts.update(line.lower().split())
            arguments = ["--bootstrap-server", address, "--topic", source]
            run_alone(folder, release, "console-producer", arguments, line + "\n")

        def found():
            _, output, _ = run_alone(folder, release, "console-consumer", [
                "--bootstrap-server", address, "--topic", counted_words, "--from-beginning", "--timeout-ms", "3000",
                "--property", "print.key=true", "--property",
                "value.deserializer=org.apache.kafka.common.serialization.LongDeserializer"])
            return {word: int(count) for word, count in re.findall(r"^(\S+)\t(\d+)$", output, re.MULTILINE)}

        def counted():
            until(lambda: found() == counts, lambda: f"the counts are {found()}, wanted {dict(counts)}", application)
            time.sleep(1)  # it commits every 200 ms

        def work():
            for topic in (source, counted_words):
                run_alone(folder, release, "topics", ["--bootstrap-server", address, "--create", "--topic", topic,
                                                      "--if-not-exists"])
            application.start()
            write("All streams lead to Kafka")
            write("Hello Kafka streams")
            counted()

        def again():
            write("Join Kafka summit")
            application.start()
            write("Kafka goes on")
            counted()

        in_turn(application, {
            "word-count": work,
            "word-count-after-a-stop": lambda: (application.stop(), again()),
            "word-count-after-kill": lambda: (application.kill(), again()),
        }, report)


def connect(folder, release, address, prefix, report):
    with tempfile.TemporaryDirectory(prefix="barnabas-connect-") as scratch:
        scratch, port = pathlib.Path(scratch), free_port()
        source, sink = scratch / "source.txt", scratch / "sink.txt"
        storage = {f"{name}.storage.{key}": value for name in ("config", "offset", "status") for key, value in
                   {"topic": f"{prefix}-{name}", "replication.factor": 1}.items()}
        application = Application(folder, "org.apache.kafka.connect.cli.ConnectDistributed", {
            "bootstrap.servers": address, "group.id": prefix, "listeners": f"http://127.0.0.1:{port}",
            "key.converter": "org.apache.kafka.connect.storage.StringConverter", "offset.flush.interval.ms": 500,
            "value.converter": "org.apache.kafka.connect.storage.StringConverter", "offset.storage.partitions": 2,
            "status.storage.partitions": 2, "scheduled.rebalance.max.delay.ms": 0, **storage}, scratch)
        written = []

        def write(count):
            more = [f"line {n}" for n in range(len(written), len(written) + count)]
            written.extend(more)
            with open(source, "a") as file:
                file.write("".join(line + "\n" for line in more))

        def configure(name, **settings):
            body = json.dumps({"tasks.max": "1", **settings}).encode()
            request = urllib.request.Request(f"http://127.0.0.1:{port}/connectors/{name}/config", body, method="PUT",
                                             headers={"Content-Type": "application/json"})

            def accepted():
                try:
                    return urllib.request.urlopen(request, timeout=30).status in (200, 201)
                except (urllib.error.URLError, ConnectionError, TimeoutError):
                    return False
            until(accepted, lambda: f"{name} cannot be configured", application)

        def lines():
            return sink.read_text().splitlines() if sink.exists() else []

        def arrived():
            until(lambda: len(lines()) >= len(written), lambda: f"{len(lines())} of {len(written)} lines", application)
            time.sleep(1)

        def work():
            write(500)
            application.start()
            configure("file-source", file=str(source), topic=f"{prefix}-lines", **{
                "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector"})
            configure("file-sink", file=str(sink), topics=f"{prefix}-lines", **{
                "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector"})
            arrived()
            same(lines())

        def same(found):
            if found != written:
                raise AssertionError(f"{len(found)} lines in the sink, not the {len(written)} of the source")

        def stopped():
            application.stop()
            write(500)
            application.start()
            arrived()
            same(lines())

        def killed():
            application.kill()
            write(500)
            application.start()
            until(lambda: set(lines()) >= set(written), lambda: f"{len(set(lines()))} lines", application)
            same(list(dict.fromkeys(lines())))  # a line may come twice, none is lost

        in_turn(application, {"file-source-and-sink": work, "files-after-a-stop": stopped, "files-after-kill": killed},
                report)
