"""The client library against Apache Kafka's listeners with TLS and SASL, by the example program tls and by the command
line; and Apache Kafka's console tools against our listener with TLS."""
import contextlib
import json
import pathlib
import socket
import subprocess
import tempfile
import time

from broker import PROGRAM, Broker, free_port, write_clusters
from tokens import TokenServer
from tools import java, run_alone

STORES = pathlib.Path(__file__).resolve().parents[1] / "data/security"
EXAMPLE = pathlib.Path(PROGRAM).resolve().parents[2] / "examples/tls"
LISTENERS = ("CONTROLLER", "PLAINTEXT", "SSL", "SASL_SSL", "SASL_PLAINTEXT")
LOGIN = "org.apache.kafka.common.security"
SETTINGS = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{CONTROLLER}
controller.listener.names=CONTROLLER
listeners={listeners}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,{protocols}
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/log
offsets.topic.replication.factor=1
ssl.keystore.type=PEM
ssl.keystore.location={folder}/keystore.pem
ssl.truststore.location={stores}/trust.jks
ssl.truststore.password=secret
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
connections.max.reauth.ms=3000
delegation.token.secret.key=castle
"""
MECHANISMS = {"plain": 'plain.PlainLoginModule required user_alice="secret"',
              "scram-sha-256": "scram.ScramLoginModule required", "scram-sha-512": "scram.ScramLoginModule required",
              "oauthbearer": "oauthbearer.OAuthBearerLoginModule required"}
CERTIFICATE = {"ssl.certificate.location": "client.pem", "ssl.key.location": "client-encrypted.key",
               "ssl.key.password": "secret"}
NONE = dict.fromkeys(CERTIFICATE, "")


def free_ports(count):
    with contextlib.ExitStack() as open_sockets:
        listening = [open_sockets.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in listening]


class Kafka:
    """Apache Kafka of a release with a listener of each kind, and the user alice with the password secret."""

    def __init__(self, folder, release, scratch):
        self.folder, self.release = folder, release
        self.ports = dict(zip(LISTENERS, free_ports(len(LISTENERS))))
        listeners = ",".join(f"{name}://localhost:{port}" for name, port in self.ports.items())
        text = SETTINGS.format(listeners=listeners, folder=scratch, stores=STORES,
                               protocols=",".join(f"{name}:{name}" for name in LISTENERS[1:]), **self.ports)
        for listener in ("sasl_ssl", "sasl_plaintext"):
            text += "".join(f"listener.name.{listener}.{name}.sasl.jaas.config={LOGIN}.{module};\n"
                            for name, module in MECHANISMS.items())
        settings = pathlib.Path(scratch, "server.properties")
        settings.write_text(text)
        pathlib.Path(scratch, "keystore.pem").write_text(
            (STORES / "broker.key").read_text() + (STORES / "broker.pem").read_text())
        subprocess.run(java(folder, "kafka.tools.StorageTool", "format", "-t", "A" * 22, "-c", settings), check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.log = pathlib.Path(scratch, "kafka.log")
        self.process = subprocess.Popen(java(folder, "kafka.Kafka", settings), stdin=subprocess.DEVNULL,
                                        stdout=self.log.open("w"), stderr=subprocess.STDOUT)

    def start(self):
        """Returns when alice can be known by SCRAM."""
        until = time.monotonic() + 120
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
            while True:
                code, _, why = run_alone(self.folder, self.release, "configs", [
                    "--bootstrap-server", self.address("PLAINTEXT"), "--alter", "--entity-type", "users",
                    "--entity-name", "alice", "--add-config", f"{mechanism}=[password=secret]"])
                if code == 0:
                    break
                if time.monotonic() > until or self.process.poll() is not None:
                    raise RuntimeError(f"Kafka {self.release} does not start: {why[-500:]}")

    def address(self, listener):
        return f"localhost:{self.ports[listener]}"

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def spoken(kafka, topic, listener, settings):
    """What the example says over a listener, or what it complains of."""
    all_settings = {"security.protocol": listener.lower(), **NONE, "ssl.ca.location": "root.pem", **settings}
    for name, value in all_settings.items():
        if name.endswith("location") and value:
            all_settings[name] = str(STORES / value)
    order = ["ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.key.password"]
    first = [all_settings.pop(name) for name in order]
    done = subprocess.run([EXAMPLE, kafka.address(listener), topic, *first,
                           *(f"{name}={value}" for name, value in all_settings.items())],
                          capture_output=True, text=True, timeout=60)
    return done.stdout if done.returncode == 0 else done.stderr


def sasl(mechanism, password="secret"):
    return {"sasl.mechanisms": mechanism, "sasl.username": "alice", "sasl.password": password}


TOKENS = {"sasl.mechanisms": "OAUTHBEARER", "enable.sasl.oauthbearer.unsecure.jwt": "true",
          "sasl.oauthbearer.config": "principal=alice lifeSeconds=600"}
# Of servers of tokens that run meanwhile: {http} and {https} stand for their addresses.
ENDPOINT = {"sasl.mechanisms": "OAUTHBEARER", "sasl.oauthbearer.method": "oidc", "sasl.oauthbearer.client.id": "castle",
            "sasl.oauthbearer.client.secret": "se:cret", "sasl.oauthbearer.token.endpoint.url": "{http}"}
# What is tried: (scenario, listener, settings, a piece of what must come of it).
SCENARIOS = [
    ("mutual-tls", "SSL", CERTIFICATE, ": hello"),
    ("mutual-tls-1.2", "SSL", {**CERTIFICATE, "ssl.enabled.protocols": "TLSv1.2"}, ": hello"),
    ("stores-pkcs12", "SSL", {"ssl.ca.location": "trust.p12", "ssl.truststore.password": "secret",
                              "ssl.keystore.location": "client.p12", "ssl.keystore.password": "secret"}, ": hello"),
    ("stores-jks", "SSL", {"ssl.ca.location": "trust.jks", "ssl.truststore.password": "secret",
                           "ssl.keystore.location": "client.jks", "ssl.keystore.password": "secret"}, ": hello"),
    ("no-certificate", "SSL", {}, "demands a certificate of the client"),
    ("stranger", "SSL", {**CERTIFICATE, "ssl.ca.location": "stranger.pem"}, "is not trusted"),
    ("wrong-key-password", "SSL", {**CERTIFICATE, "ssl.key.password": "wrong"},
     "the password is wrong (ssl.key.password)"),
    ("tls-to-plaintext", "PLAINTEXT", {"security.protocol": "ssl"}, "does that port speak TLS"),
    ("plaintext-to-tls", "SSL", {"security.protocol": "plaintext"}, "does its listener speak TLS"),
    ("plaintext-to-sasl", "SASL_PLAINTEXT", {"security.protocol": "plaintext"}, "does its listener demand SASL"),
    ("sasl-to-plaintext", "PLAINTEXT", {"security.protocol": "sasl_plaintext", **sasl("PLAIN")}, "speaks no SASL"),
    ("plain", "SASL_SSL", sasl("PLAIN"), ": hello"),
    ("scram-sha-256", "SASL_SSL", sasl("SCRAM-SHA-256"), ": hello"),
    ("scram-sha-512", "SASL_PLAINTEXT", sasl("SCRAM-SHA-512"), ": hello"),
    ("oauthbearer", "SASL_SSL", TOKENS, ": hello"),
    ("oauthbearer-endpoint", "SASL_SSL", ENDPOINT, ": hello"),
    ("oauthbearer-https", "SASL_PLAINTEXT", {
        **ENDPOINT, "sasl.oauthbearer.token.endpoint.url": "{https}", "https.ca.location": "root.pem"}, ": hello"),
    ("oauthbearer-refused", "SASL_SSL", {**ENDPOINT, "sasl.oauthbearer.client.secret": "wrong"},
     "401 Unauthorized: invalid_client: nobody here is called so"),
    ("wrong-password-plain", "SASL_SSL", sasl("PLAIN", "wrong"), "PLAIN as alice has failed"),
    ("wrong-password-scram", "SASL_SSL", sasl("SCRAM-SHA-512", "wrong"), "invalid credentials"),
]


PLAIN, SCRAM = f"{LOGIN}.plain.PlainLoginModule", f"{LOGIN}.scram.ScramLoginModule"
ALICE = 'username="alice" password="secret"'
# Clusters as the command line's file has them: (name, listener, settings, a piece of what must come of it).
CLUSTERS = [
    ("tls", "SSL", CERTIFICATE, "hello"),
    ("plain", "SASL_SSL", sasl("PLAIN"), "hello"),
    ("scram", "SASL_PLAINTEXT", sasl("SCRAM-SHA-512"), "hello"),
    ("oauthbearer", "SASL_SSL", TOKENS, "hello"),
    ("jaas-plain", "SASL_SSL", {"sasl.mechanism": "PLAIN", "sasl.jaas.config": f"{PLAIN} required {ALICE};"}, "hello"),
    ("jaas-scram", "SASL_PLAINTEXT", {"sasl.mechanism": "SCRAM-SHA-256",
                                      "sasl.jaas.config": f"{SCRAM} required {ALICE};"}, "hello"),
    ("jaas-oauthbearer", "SASL_SSL", {
        "sasl.mechanism": "OAUTHBEARER", "sasl.jaas.config":
        f'{LOGIN}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="alice";'}, "hello"),
    ("jaas-endpoint", "SASL_SSL", {
        "sasl.mechanism": "OAUTHBEARER", "sasl.oauthbearer.token.endpoint.url": "{http}",
        "sasl.login.callback.handler.class": f"{LOGIN}.oauthbearer.OAuthBearerLoginCallbackHandler", "sasl.jaas.config":
        f'{LOGIN}.oauthbearer.OAuthBearerLoginModule required clientId="castle" clientSecret="se:cret";'}, "hello"),
    ("wrong-password", "SASL_SSL", sasl("SCRAM-SHA-256", "wrong"), "invalid credentials"),
    ("jaas-wrong", "SASL_SSL", {"sasl.mechanism": "PLAIN", "sasl.jaas.config": f"{PLAIN} required {ALICE}"},
     "sasl.jaas.config: the ; at its end is missing"),
]


class CommandLine:
    """The program with a file of clusters, which are Kafka's listeners with settings of each."""

    def __init__(self, kafka, scratch, prefix, report, clusters):
        self.path, self.prefix, self.report, self.sections = pathlib.Path(scratch, "clusters"), prefix, report, {}
        for name, listener, settings in clusters:
            settings = {"bootstrap.servers": kafka.address(listener), "security.protocol": listener, **settings}
            if listener.endswith("SSL"):
                settings["ssl.ca.location"] = "root.pem"
            self.sections[name] = {key: STORES / value if key.endswith("location") else value
                                   for key, value in settings.items()}
        write_clusters(self.path, self.sections)

    def command(self, cluster, *arguments, given=""):
        command = [PROGRAM, *arguments, "--cluster", cluster]
        try:
            return subprocess.run(command, input=given, capture_output=True, text=True, timeout=60,
                                  env={"HOME": "/", "BARNABAS_CLUSTERS": str(self.path)})
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, 1, "", "it did not end within a minute")

    def check(self, name, is_right, why):
        self.report("ok" if is_right else "FAILED", f"command-line-{name}", "" if is_right else why[-500:])

    def write_and_read(self, name, expected="hello"):
        topic = f"{self.prefix}-command-{name}"
        written = self.command(name, "produce", topic, "-X", "max.block.ms=20000", given="hello\n")
        done = self.command(name, "consume", topic, "-e") if written.returncode == 0 else written
        said = done.stdout + done.stderr
        self.check(name, expected in said, said)

    def use_token(self):
        """Makes a delegation token, logs in with it, and ends it."""
        made = self.command("scram", "token", "create", "--lifetime", "1h", "--renewer", "User:bob", "--json")
        if made.returncode != 0:
            self.check("token", False, made.stderr)
            return
        token = json.loads(made.stdout)
        self.sections["token"] = {
            **{key: value for key, value in self.sections["scram"].items() if key != "sasl.username"},
            "sasl.jaas.config": f'{SCRAM} required username="{token["token"]}" password="{token["hmac"]}" '
                                "tokenauth=true;"}
        del self.sections["token"]["sasl.password"]
        write_clusters(self.path, self.sections)
        self.write_and_read("token")
        listed = self.command("plain", "token", "list", "--json").stdout
        self.check("token-list", token["token"] in listed and token["renewers"] == ["User:bob"], made.stdout + listed)
        for how in (["renew", token["hmac"], "--for", "10m"], ["expire", token["hmac"]]):
            done = self.command("scram", "token", *how)
            self.check(f"token-{how[0]}", done.returncode == 0, done.stderr)


def connections_to(port):
    """The local ports of established connections to a port of this machine."""
    rows = [line.split() for name in ("tcp", "tcp6") for line in pathlib.Path("/proc/net", name).open()]
    return {row[1] for row in rows if row[2].endswith(f":{port:04X}") and row[3] == "01"}


def keep_session(kafka, topic):
    """Produces for three times as long as the broker takes a client without hearing again who it is, and returns
    whether that was one connection. Others, which Kafka would close, would be new ones."""
    settings = {"security.protocol": "sasl_plaintext", **sasl("SCRAM-SHA-256")}
    flags = [part for name, value in settings.items() for part in ("-X", f"{name}={value}")]
    writer = subprocess.Popen([PROGRAM, "produce", topic, "-b", kafka.address("SASL_PLAINTEXT"), *flags],
                              stdin=subprocess.PIPE, text=True, bufsize=1)
    seen = []
    for number in range(12):
        writer.stdin.write(f"{number}\n")
        time.sleep(0.8)
        seen.append(connections_to(kafka.ports["SASL_PLAINTEXT"]))
    writer.stdin.close()
    return writer.wait(30) == 0 and len(seen[3]) > 0 and seen[3] == seen[-1]


def library(folder, release, prefix, report):
    with tempfile.TemporaryDirectory(prefix="barnabas-secured-") as scratch:
        kafka = Kafka(folder, release, scratch)
        servers = {"{http}": TokenServer(), "{https}": TokenServer(is_secure=True)}

        def complete(settings):
            return {name: servers[value].url if value in servers else value for name, value in settings.items()}

        try:
            kafka.start()
            for name, listener, settings, expected in SCENARIOS:
                said = spoken(kafka, f"{prefix}-{name}", listener, complete(settings))
                report("ok" if expected in said else "FAILED", name, "" if expected in said else said[-500:])
            clusters = [(name, listener, complete(settings)) for name, listener, settings, _ in CLUSTERS]
            commands = CommandLine(kafka, scratch, prefix, report, clusters)
            for name, _, _, expected in CLUSTERS:
                commands.write_and_read(name, expected)
            commands.use_token()
            report("ok" if keep_session(kafka, f"{prefix}-session") else "FAILED", "session")
        finally:
            kafka.stop()
            for server in servers.values():
                server.stop()


def console_over_tls(folder, release, broker, port, topic, versions):
    """What the console consumer prints of the lines that the console producer got."""
    config = broker.folder / "client.properties"
    config.write_text(f"security.protocol=SSL\nssl.enabled.protocols={versions}\nssl.key.password=secret\n" + "".join(
        f"ssl.{name}store.location={STORES / file}\nssl.{name}store.password=secret\nssl.{name}store.type=JKS\n"
        for name, file in (("trust", "trust.jks"), ("key", "client.jks"))))
    lines = "".join(f"line {number} {'x' * (number % 700)}\n" for number in range(5000))
    common = ["--bootstrap-server", f"127.0.0.1:{port}", "--topic", topic]
    config_of = {"3.9": "--{}.config", "4.3": "--command-config"}[release].format  # the older is said to be deprecated
    run_alone(folder, release, "console-producer", [*common, config_of("producer"), config], lines)
    _, printed, why = run_alone(folder, release, "console-consumer", [
        *common, "--partition", "0", "--offset", "earliest", "--max-messages", "5000", "--timeout-ms", "20000",
        config_of("consumer"), config])
    return "" if printed == lines else why[-500:] or "other lines came back"


def tools(folder, release, prefix, report):
    """Both versions of TLS, with stores that keytool made on the side of the tools and OpenSSL on ours."""
    broker, port = Broker(), free_port()
    keys = broker.folder / "keys.pem"
    keys.write_text((STORES / "broker.key").read_text() + (STORES / "broker.pem").read_text())
    broker.settings.update({
        "listeners": broker.settings["listeners"] + f",SSL://127.0.0.1:{port}", "ssl.keystore.location": keys,
        "ssl.truststore.location": STORES / "root.pem", "ssl.client.auth": "required"})
    try:
        broker.start()
        for versions in ("TLSv1.2", "TLSv1.3"):
            trouble = console_over_tls(folder, release, broker, port, f"{prefix}-{versions}", versions)
            report("FAILED" if trouble else "ok", f"console-over-{versions}", trouble)
    finally:
        broker.remove()
