"""The suites: how each is fetched, what of it is run, and what came of each test as (test, outcome, note)."""
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import time
import urllib.request

from clients import CLIENTS, java_folder
from fetch import CACHE, NotFetched, built, fetched

LOGS = pathlib.Path(__file__).resolve().parents[2] / "build/logs"
SARAMA, TOXIPROXY = "github.com/IBM/sarama@v1.61.1", "github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0"
KAFKA_PYTHON = "kafka-python==3.0.12"
LIBRDKAFKA = "@confluentinc/kafka-javascript@1.10.1"  # has librdkafka 2.15.1 with its tests
LONGEST_SECONDS = 1800
TOLD_VERSION = "3.9.0"  # without what came later: share groups, which need a cluster of 4.2


def free_ports(count):
    """The first of as many free ports in a row."""
    while True:
        first = random.randrange(20000, 29000)
        with contextlib.suppress(OSError), contextlib.ExitStack() as sockets:
            for port in range(first, first + count):
                sockets.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first


BROKERS = 5  # as many as sarama's tests look for
PROXIED_PORT = free_ports(BROKERS + 1)  # of the first of them; behind the last is the proxy's own

LEFT_OUT = {
    "sarama": {
        "Txn|Transaction|TestFuncInitProducerId3|TestReadOnlyAndAllCommittedMessages": "transactions",
        "TestVersionMatrix": "goes through all versions of messages that are older than Kafka 0.11",
        "TestFuncAdminListConsumerGroupOffsets$|TestFuncIdempotentBufferedSequence":
            "has brokers in Docker, whose output it reads or which it stops",
        "TestConsumerFetchFollowerFailover|TestFuncAdminAlterPartitionReassignments|TestFuncAdminDescribeLogDirs":
            "several brokers"},
    "kafka-python": {
        "transaction": "transactions",
        "sasl_integration|ssl_integration": "starts brokers of its own",
        "delete_acls": "permissions",
        "describe_metadata_quorum": "the quorum of KRaft"},
    "librdkafka": {
        "0098|0103|0129": "transactions",
        "0097|0115|0119|0126|0135|0142": "needs TLS, SASL or permissions",
        "0101": "several brokers",
        "0139|0150": "brings a broker of its own"},
}


def run(name, command, folder, **environment):
    """Standard output of a suite, which is its log, too."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"suite-{name}.log"
    with open(log, "wb") as output:
        subprocess.run(["nice", "-n", "5", *command], cwd=folder, stdin=subprocess.DEVNULL, stdout=output,
                       stderr=subprocess.STDOUT, env={**os.environ, **environment}, timeout=LONGEST_SECONDS)
    return re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(errors="replace"))


def left_out(suite, tests):
    return [(test, "left out", why) for test in tests for pattern, why in LEFT_OUT[suite].items()
            if re.search(pattern, test)]


def sarama(address, _):
    """Functional tests, behind toxiproxy; the topics they make have one replica."""
    folder = CACHE / "suite-sarama"
    folder.mkdir(parents=True, exist_ok=True)
    fetched(["env", f"GOBIN={folder}", "go", "install", TOXIPROXY], folder, [])
    found = subprocess.run(["go", "mod", "download", "-json", SARAMA], capture_output=True, cwd=folder)
    if found.returncode:
        raise NotFetched(SARAMA)
    source = folder / "source"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(json.loads(found.stdout)["Dir"], source)
    subprocess.run(["chmod", "-R", "u+w", source], check=True)
    names = []
    for path in source.glob("functional*_test.go"):
        text = path.read_text()
        names += re.findall(r"^func (Test(?!Main)\w+)", text, re.MULTILINE)
        text = re.sub(r"ReplicationFactor:(\s+)[35]\b", r"ReplicationFactor:\g<1>1", text)
        path.write_text(text.replace("29090+i", f"{PROXIED_PORT - 1}+i"))
    proxy = subprocess.Popen([folder / "server", "-port", str(PROXIED_PORT + BROKERS)], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    try:
        prepare_proxies(address)
        output = run("sarama", ["go", "test", "-count=1", "-vet=off", "-tags", "functional", "-v", "-timeout", "25m",
                                "-run", f"^({'|'.join(names)})$", "-skip", "|".join(LEFT_OUT["sarama"]), "."], source,
                     TOXIPROXY_ADDR=f"http://localhost:{PROXIED_PORT + BROKERS}", KAFKA_VERSION=TOLD_VERSION)
    finally:
        proxy.kill()
        proxy.wait()
    outcomes = {"PASS": "ok", "FAIL": "FAILED", "SKIP": "skipped"}
    return [(test, outcomes[outcome], "") for outcome, test in
            re.findall(r"^--- (PASS|FAIL|SKIP): (\w+)", output, re.MULTILINE)] + left_out("sarama", names)


def prepare_proxies(address):
    """Five, as the suite wants them, before one broker."""
    time.sleep(2)
    for number in range(BROKERS):
        body = {"name": f"kafka{number + 1}", "listen": f"127.0.0.1:{PROXIED_PORT + number}", "upstream": address,
                "enabled": True}
        urllib.request.urlopen(f"http://localhost:{PROXIED_PORT + BROKERS}/proxies", json.dumps(body).encode(), timeout=10)


# What the source distribution of kafka-python leaves out: a broker that somebody else started.
SERVICE = """class ExternalService:
    def __init__(self, host, port):
        self.host, self.port = host, port

    def open(self):
        pass

    close = stop = open


SpawnedService = None
"""


def kafka_python(address, version):
    """Integration tests from the source distribution; the version is what it must find out by itself."""
    folder = CACHE / "suite-kafka-python"
    folder.mkdir(parents=True, exist_ok=True)
    CLIENTS["python-kafka-python"].prepare()
    python = str(CACHE / "python-kafka-python/venv/bin/python")
    fetched([python, "-m", "pip", "install", "-q", "pytest", "pytest-timeout", "pytest-mock", "py"], folder, [])
    source = folder / KAFKA_PYTHON.replace("==", "-").replace("kafka-", "kafka_")
    if not source.exists():
        download = [python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", KAFKA_PYTHON]
        if subprocess.run(download, cwd=folder).returncode:
            raise NotFetched(KAFKA_PYTHON)
        built(["tar", "xzf", f"{source.name}.tar.gz"], folder, [])
    (source / "test/service.py").write_text(SERVICE)
    (source / "test/__init__.py").touch()  # Python has a package of that name, too
    # KAFKA_ROOT only has to be there: it is what the suite would start brokers from.
    environment = {"KAFKA_URI": f"kafka://{address}", "KAFKA_ROOT": ".", "KAFKA_VERSION": version}
    pytest = [python, "-m", "pytest", "test/integration", "-p", "no:cacheprovider"]
    listed = re.findall(r"^test/integration/(\S+)", run("kafka-python-list", [*pytest, "--collect-only", "-q"], source,
                                                        **environment), re.MULTILINE)
    unwanted = left_out("kafka-python", listed)
    output = run("kafka-python", [*pytest, "-v", "--timeout", "120", "--tb=short", *(
        f"--deselect=test/integration/{test}" for test, _, _ in unwanted)], source, **environment)
    outcomes = {"PASSED": "ok", "FAILED": "FAILED", "ERROR": "FAILED", "SKIPPED": "skipped", "XFAIL": "skipped"}
    return [(test, outcomes[outcome], "") for test, outcome in
            re.findall(r"^test/integration/(\S+) (PASSED|FAILED|ERROR|SKIPPED|XFAIL)", output, re.MULTILINE)] + unwanted


def librdkafka(address, _):
    """Its test runner: what needs a broker, quick, and without the tests that disturb sockets."""
    source = librdkafka_source()
    tests = re.findall(r"^\W*_TEST\((0\w+),", (source / "tests/test.c").read_text(), re.MULTILINE)
    return run_librdkafka(source, address, "default") + left_out("librdkafka", sorted(set(tests)))


def librdkafka_without_creation(address, _):
    """Those of its tests that want a broker where topics do not make themselves."""
    return run_librdkafka(librdkafka_source(), address, "noautocreate")


# Where its tests make topics with three.
ONE_REPLICA = "s/, 3, 5000)/, 1, 5000)/; s/, 1, 3)/, 1, 1)/"


def librdkafka_source():
    folder = CACHE / "suite-librdkafka"
    folder.mkdir(parents=True, exist_ok=True)
    fetched(["npm", "pack", "--silent", LIBRDKAFKA], folder, [])
    source = folder / "package/deps/librdkafka"
    if not (source / "tests/test-runner").exists():
        built(["bash", "-c", f"tar xzf *.tgz && cd {source} && sed -i '{ONE_REPLICA}' tests/01*.c* && "
               "./configure --disable-sasl --disable-curl && nice make -j2 libs && nice make -j2 -C tests build"],
              folder, [])
    return source


def run_librdkafka(source, address, scenario):
    settings = CACHE / "suite-librdkafka/test.conf"
    settings.write_text(f"metadata.broker.list={address}\ntest.topic.random=true\n"
                        "test.timeout.multiplier=4\n")
    options = ["-p3", "-L", "-Q", "-E", "-K", "-s", scenario, "-V", TOLD_VERSION]
    output = run(f"librdkafka-{scenario}", ["./test-runner", *options], source / "tests",
                 LD_LIBRARY_PATH="../src:../src-cpp", RDKAFKA_TEST_CONF=str(settings), BROKERS=address,
                 KAFKA_PATH=str(kafka_path()), TESTS_SKIP="|".join(LEFT_OUT["librdkafka"]).replace("|", ","))
    ended = dict(re.findall(r"=+ Test (\w+) (PASSED|SKIPPED)", output))
    failures = dict(re.findall(r'^### Test "(\w+).* failed at (\S+) at ', output, re.MULTILINE))
    outcomes = {"PASSED": "ok", "SKIPPED": "skipped", None: "FAILED"}  # a test that times out ends the run
    return [(test, outcomes[ended.get(test)], failures.get(test, "")) for test in
            dict.fromkeys(re.findall(r"=+ Running test (\w+) =+", output)) if test in ended or test in failures]


def kafka_path():
    """A folder where some tests look for Apache Kafka's tool for topics."""
    jars, script = java_folder("4.3") / "jars", CACHE / "suite-librdkafka/kafka/bin/kafka-topics.sh"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(f'#!/bin/sh\nexec java -cp "{jars}/*" org.apache.kafka.tools.TopicCommand "$@"\n')
    script.chmod(0o755)
    return script.parents[1]


SUITES = {"sarama": sarama, "kafka-python": kafka_python, "librdkafka": librdkafka,
          "librdkafka-noautocreate": librdkafka_without_creation}
SETTINGS = {  # what each expects of its broker
    "sarama": {"auto.create.topics.enable": "false",
               "advertised.listeners": f"PLAINTEXT://127.0.0.1:{PROXIED_PORT}"},
    "kafka-python": {"num.partitions": 4, "broker.id": 0, "group.min.session.timeout.ms": 1000},
    "librdkafka": {"num.partitions": 4, "group.initial.rebalance.delay.ms": 500},  # its members join together
    "librdkafka-noautocreate": {"num.partitions": 4, "auto.create.topics.enable": "false"},
}
