"""The clients: how each is fetched and built, and the command that runs its scenarios."""
import dataclasses
import pathlib
from typing import Callable

from broker import PROGRAM
from fetch import HERE, built, fetched, folder_with

JAVA_VERSIONS = {"3.9": "3.9.2", "4.3": "4.3.1"}


@dataclasses.dataclass
class Client:
    """prepare() fetches and builds, and returns two commands, to which HOST:PORT is added: a program with scenarios of
    its own, which takes a prefix for topics, too (or None), and an actor."""
    name: str
    prepare: Callable[[], tuple]
    language: str
    cannot: dict = dataclasses.field(default_factory=dict)  # scenarios that fail with every broker: why


def java_folder(release):
    """The folder with the jars of a release, fetched with Maven, and our classes."""
    sources = ["java/Clients.java", "java/Actor.java", "java/Tools.java", "java/WordCount.java"]
    folder = folder_with(f"java-{release}", ["java/pom.xml", *sources])
    fetched(["mvn", "-q", "-B", f"-Dkafka={JAVA_VERSIONS[release]}", "dependency:copy-dependencies",
             "-DincludeScope=runtime", "-DoutputDirectory=jars"], folder, ["java/pom.xml"])
    built(["javac", "-nowarn", "-cp", "jars/*", "-d", "classes", *(source[5:] for source in sources)], folder, sources)
    return folder


def java(release):
    def prepare():
        folder = java_folder(release)
        return tuple(["java", "-Xmx512M", "-cp", f"{folder}/classes:{folder}/jars/*", main] for main in
                     ("Clients", "Actor"))
    return Client(f"java-{release}", prepare, "Java")


def go(name, **more):
    def prepare():
        files = [f"{name}/{file.name}" for file in (HERE / name).iterdir()] + ["go/actor.go", "go/compare.go"]
        folder = folder_with(name, files)
        fetched(["go", "mod", "download"], folder, [f"{name}/go.mod"])
        built(["go", "build", "-o", "client", "."], folder, [])  # go knows itself what has changed
        return [str(folder / "client")], [str(folder / "client")]
    return Client(name, prepare, "Go", **more)


def kafkajs():
    files = [f"kafkajs/{file}" for file in ("package.json", "package-lock.json", "clients.js", "actor.js")]

    def prepare():
        folder = folder_with("kafkajs", files)
        fetched(["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"], folder, files[:2])
        return ["node", str(folder / "clients.js")], ["node", str(folder / "actor.js")]
    return Client("kafkajs", prepare, "JavaScript")


def python(name):
    module = name.replace("-", "_")
    requirements = f"python/requirements-{name}.txt"

    def prepare():
        folder = folder_with(f"python-{name}", [requirements, *(f"python/{file}.py" for file in (
            f"{module}_client", f"{module}_actor", "records", "actor"))])
        if not (folder / "venv/bin/pip").exists():
            built(["/usr/bin/python3", "-m", "venv", "venv"], folder, [])
        fetched([str(folder / "venv/bin/pip"), "install", "-q", "-r", requirements.split("/")[1]], folder,
                [requirements])
        return tuple([str(folder / "venv/bin/python"), "-B", str(folder / f"{module}_{role}.py")] for role in
                     ("client", "actor"))
    return Client(f"python-{name}", prepare, "Python")


def ours():
    def prepare():
        return None, [str(pathlib.Path(PROGRAM).resolve().parents[2] / "tests/clients/client_actor")]
    return Client("barnabas", prepare, "C++")


CLIENTS = {client.name: client for client in [
    ours(), java("3.9"), java("4.3"), python("confluent"), go("confluent-go"), go("franz-go"), go("sarama"),
    go("segmentio", cannot={"two-languages-share": "kafka-go cannot read what newer clients say of "
                                               "themselves when they join, with Apache Kafka neither"}),
    kafkajs(), python("kafka-python"), python("aiokafka")]}
