"""The clients: how each is fetched and built, and the command that runs its scenarios."""
import dataclasses
import sys
from typing import Callable

from fetch import HERE, build, fetched, folder_with

JAVA_VERSIONS = {"3.9": "3.9.2", "4.3": "4.3.1"}


@dataclasses.dataclass
class Client:
    name: str
    prepare: Callable[[], list]  # returns the command, to which HOST:PORT and a prefix for topics are added


def java_jars(release):
    """The folder of the jars of a release, fetched with Maven."""
    folder = folder_with(f"java-{release}", ["java/pom.xml", "java/Clients.java"])
    fetched(["mvn", "-q", "-B", f"-Dkafka={JAVA_VERSIONS[release]}", "dependency:copy-dependencies",
             "-DincludeScope=runtime", "-DoutputDirectory=jars"], folder, ["java/pom.xml"])
    return folder


def java(release):
    def prepare():
        folder = java_jars(release)
        build(["javac", "-cp", "jars/*", "-d", "classes", "Clients.java"], folder)
        return ["java", "-Xmx512M", "-cp", f"{folder}/classes:{folder}/jars/*", "Clients"]
    return Client(f"java-{release}", prepare)


def java_tools(release):
    def prepare():
        return [sys.executable, "-B", str(HERE / "java_tools.py"), str(java_jars(release)), release]
    return Client(f"java-tools-{release}", prepare)


def go(name):
    def prepare():
        folder = folder_with(name, [f"{name}/go.mod", f"{name}/go.sum", f"{name}/main.go"])
        fetched(["go", "mod", "download"], folder, [f"{name}/go.mod"])
        build(["go", "build", "-o", "client", "."], folder)
        return [str(folder / "client")]
    return Client(name, prepare)


def kafkajs():
    files = [f"kafkajs/{file}" for file in ("package.json", "package-lock.json", "clients.js")]

    def prepare():
        folder = folder_with("kafkajs", files)
        fetched(["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"], folder, files[:2])
        return ["node", str(folder / "clients.js")]
    return Client("kafkajs", prepare)


def python(name, program):
    requirements = f"python/requirements-{name}.txt"

    def prepare():
        folder = folder_with(f"python-{name}", [requirements, f"python/{program}", "python/records.py"])
        if not (folder / "venv/bin/pip").exists():
            build(["/usr/bin/python3", "-m", "venv", "venv"], folder)
        fetched([str(folder / "venv/bin/pip"), "install", "-q", "-r", requirements.split("/")[1]], folder,
                [requirements])
        return [str(folder / "venv/bin/python"), "-B", str(folder / program)]
    return Client(f"python-{name}", prepare)


CLIENTS = {client.name: client for client in [
    java("3.9"), java("4.3"), java_tools("3.9"), java_tools("4.3"), go("franz-go"), go("sarama"), kafkajs(),
    python("confluent", "confluent_client.py"), python("aiokafka", "aiokafka_client.py"),
    python("kafka-python", "kafka_python_client.py")]}
