"""Apache Kafka's command line tools: usage: java_tools.py FOLDER_OF_JARS RELEASE HOST:PORT PREFIX, and its dump tool
over the folders that the broker wrote."""
import random
import re
import subprocess
import sys

TOOLS = {
    "console-producer": {"3.9": "kafka.tools.ConsoleProducer", "4.3": "org.apache.kafka.tools.ConsoleProducer"},
    "console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
    "topics": "org.apache.kafka.tools.TopicCommand",
    "configs": "kafka.admin.ConfigCommand",
    "get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "dump-log": {"3.9": "kafka.tools.DumpLogSegments", "4.3": "org.apache.kafka.tools.DumpLogSegments"},
}


def tool(jars, release, name, *arguments, given=None):
    """Standard output and error of a tool that has to end well."""
    main = TOOLS[name] if isinstance(TOOLS[name], str) else TOOLS[name][release]
    done = subprocess.run(["java", "-Xmx512M", "-cp", f"{jars}/jars/*", main, *map(str, arguments)], input=given,
                          capture_output=True, timeout=120)
    said = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    if done.returncode != 0:
        raise AssertionError(f"{name} ended with {done.returncode}: {said[0][-500:]} {said[1][-1000:]}")
    return said


def scenarios(jars, release, address):
    def run(name, *arguments, given=None):
        return tool(jars, release, name, "--bootstrap-server", address, *arguments, given=given)

    def console(topic):
        random_ = random.Random(3)
        lines = [f"line {n} {'schloß ' * random_.randrange(30)}" for n in range(2000)]
        run("console-producer", "--topic", topic, given="\n".join(lines).encode() + b"\n")
        found, _ = run("console-consumer", "--topic", topic, "--partition", 0, "--offset", "earliest",
                       "--max-messages", len(lines))
        if found.splitlines() != lines:
            raise AssertionError(f"{len(found.splitlines())} lines came back, not the same {len(lines)}")

    def perf(topic):
        run("topics", "--create", "--topic", topic, "--partitions", 3)
        said, _ = tool(jars, release, "producer-perf-test", "--topic", topic, "--num-records", 100_000,
                       "--record-size", 1000, "--throughput", -1, "--producer-props", f"bootstrap.servers={address}",
                       "acks=all")
        if "100000 records sent" not in said:
            raise AssertionError(said)
        ends, _ = run("get-offsets", "--topic", topic, "--time", "latest")
        total = sum(int(line.rsplit(":", 1)[1]) for line in ends.splitlines() if line.startswith(topic))
        if total != 100_000:
            raise AssertionError(f"the end offsets add up to {total}: {ends}")
        return re.search(r"\(([\d.]+ MB/sec)\)", said.splitlines()[-1]).group(1)

    def configs(topic):
        run("topics", "--create", "--topic", topic, "--config", "retention.ms=99999")
        run("configs", "--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config",
            "segment.bytes=3000000", "--delete-config", "retention.ms")
        said, _ = run("configs", "--describe", "--entity-type", "topics", "--entity-name", topic)
        if "segment.bytes=3000000" not in said or "retention.ms" in said:
            raise AssertionError(said)
        said, _ = run("topics", "--describe", "--topic", topic)
        if f"Topic: {topic}" not in said or "PartitionCount: 1" not in said:
            raise AssertionError(said)
        run("topics", "--delete", "--topic", topic)

    return {"console-producer-and-consumer": console, "producer-perf-test": perf, "topics-and-configs": configs}


def main():
    jars, release, address, prefix = sys.argv[1:]
    failed = False
    for name, body in scenarios(jars, release, address).items():
        try:
            note = body(f"{prefix}-{name}") or ""
            print(f"ok {name} {note}".rstrip(), flush=True)
        except (AssertionError, subprocess.TimeoutExpired) as problem:
            failed = True
            print(f"FAILED {name} " + str(problem).replace("\n", " | ")[:1500], flush=True)
    return failed


def check_folder(broker, names, tally):
    """Apache Kafka's dump tool over every segment and index of a stopped broker."""
    from clients import java_jars
    from fetch import NotFetched
    releases = [name.rsplit("-", 1)[1] for name in names if name.startswith("java-tools-")]
    if releases:
        broker.stop()
    for release in releases:
        try:
            jars = java_jars(release)
        except NotFetched as problem:
            tally.line("skipped", f"java-tools-{release}", "dump-log", str(problem))
            continue
        try:
            files, batches = dump(jars, release, broker.folder / "data")
            tally.line("ok", f"java-tools-{release}", "dump-log", f"{files} files, {batches} batches")
        except (AssertionError, subprocess.TimeoutExpired) as problem:
            tally.line("FAILED", f"java-tools-{release}", "dump-log", str(problem)[:1500])


def dump(jars, release, data):
    """(files, batches) that the tool read; what it or we find wrong is an AssertionError."""
    files = [path for suffix in ("log", "index", "timeindex", "snapshot")
             for path in sorted(data.glob(f"*-*/*.{suffix}"))
             if path.stat().st_size > 0 and not path.parent.name.endswith("-delete")]
    if not any(path.suffix == ".log" for path in files):
        raise AssertionError(f"no segments below {data}")
    batches = 0
    for first in range(0, len(files), 100):
        some = ",".join(map(str, files[first:first + 100]))
        out, err = tool(jars, release, "dump-log", "--deep-iteration", "--files", some)
        batches += check_batches(out)
        # The tool of 4.3 calls a segment that does not start at offset 0 non-consecutive; check_batches knows better.
        wrong = re.findall(r"^.*(?:mismatch|corrupt|isvalid: false|not in order|Could not|ERROR).*$", out + err,
                           re.IGNORECASE | re.MULTILINE)
        if wrong:
            raise AssertionError(f"{len(wrong)} complaints: " + " | ".join(wrong[:5]))
    return len(files), batches


def check_batches(dumped):
    """Offsets of a partition's batches follow each other; returns how many batches there are."""
    batches, partition, expected = 0, None, None
    for line in dumped.splitlines():
        if line.startswith("Dumping "):
            folder = line.split("/")[-2]
            expected = expected if folder == partition and line.endswith(".log") else None
            partition = folder
        elif match := re.match(r"baseOffset: (\d+) lastOffset: (\d+) ", line):
            batches += 1
            if expected not in (None, int(match.group(1))):
                raise AssertionError(f"{partition}: offset {expected} is followed by {match.group(1)}")
            expected = int(match.group(2)) + 1
    return batches


if __name__ == "__main__":
    sys.exit(main())
