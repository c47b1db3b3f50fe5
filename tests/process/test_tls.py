"""A listener with TLS: real clients over it, those that it refuses, and certificates that are replaced."""
import hashlib
import pathlib
import socket
import ssl
import subprocess
import unittest

import wire
from broker import AGAINST, PROGRAM, ROOT, Broker, free_port, write_clusters
from test_kcat import log_lines

STORES = ROOT / "tests/data/security"
LINES = 100_000
EXAMPLE = pathlib.Path(PROGRAM).resolve().parents[2] / "examples/tls"
CERTIFICATE = {"ssl.certificate.location": STORES / "client.pem", "ssl.key.location": STORES / "client-encrypted.key",
               "ssl.key.password": "secret"}


@unittest.skipIf(AGAINST, "needs a broker process of its own")
class TlsTest(unittest.TestCase):
    """Clients must show a certificate."""

    @classmethod
    def setUpClass(cls):
        cls.broker = Broker()
        cls.keys = cls.broker.folder / "keys.pem"
        cls.use_keys("broker")
        cls.port = free_port()
        cls.broker.settings.update({
            "listeners": cls.broker.settings["listeners"] + f",SSL://127.0.0.1:{cls.port}",
            "ssl.keystore.type": "PEM", "ssl.keystore.location": cls.keys, "ssl.client.auth": "required",
            "ssl.truststore.location": STORES / "trust.jks", "listener.name.ssl.ssl.truststore.password": "secret"})
        cls.broker.start()
        cls.address = f"127.0.0.1:{cls.port}"

    @classmethod
    def tearDownClass(cls):
        code, _ = cls.broker.stop()
        log = cls.broker.log()
        cls.broker.remove()
        if code != 0:
            raise AssertionError(f"SIGTERM: exit code {code}:\n{log[-3000:]}")

    @classmethod
    def use_keys(cls, name):
        both = (STORES / f"{name}.key").read_text() + (STORES / f"{name}.pem").read_text()
        temporary = cls.keys.with_suffix(".new")
        temporary.write_text(both)
        temporary.rename(cls.keys)

    def kcat(self, *arguments, settings=None, given=None):
        settings = {"security.protocol": "ssl", "ssl.ca.location": STORES / "root.pem", **(settings or {})}
        flags = [part for name, value in settings.items() for part in ("-X", f"{name}={value}")]
        return subprocess.run(["kcat", "-b", self.address, *flags, *arguments], input=given, capture_output=True,
                              timeout=60, check=False)

    def raw(self, version=None, certificate=True):
        """A TLS connection of Python's."""
        context = ssl.create_default_context(cafile=STORES / "root.pem")
        if version:
            context.minimum_version = context.maximum_version = version
        if certificate:
            context.load_cert_chain(STORES / "client.pem", STORES / "client.key")
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 10), server_hostname="broker")

    def test_a_text_comes_back_identical(self):
        text = b"\n".join(log_lines(LINES)) + b"\n"
        produced = self.kcat("-P", "-t", "text", "-p", "0", settings=CERTIFICATE, given=text)
        self.assertEqual(produced.returncode, 0, produced.stderr.decode())
        back = self.kcat("-C", "-q", "-e", "-t", "text", "-p", "0", "-o", "beginning", settings=CERTIFICATE).stdout
        self.assertEqual(hashlib.sha256(back).digest(), hashlib.sha256(text).digest(),
                         f"{len(text)} bytes went in, {len(back)} came out")

    def test_our_library_writes_and_reads(self):
        done = subprocess.run([EXAMPLE, self.address, "library", STORES / "root.pem", *CERTIFICATE.values()],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.stdout, "partition 0 offset 0: hello\n", done.stderr)

    def test_the_command_line_knows_clusters_by_name(self):
        clusters = self.broker.folder / "clusters"
        shared = {"bootstrap.servers": self.address, "security.protocol": "ssl"}
        certificate = {name: str(value) for name, value in CERTIFICATE.items()}
        trusted = {"ssl.ca.location": STORES / "root.pem"}
        store = {"ssl.truststore.location": STORES / "trust.jks", "ssl.truststore.password": "secret",
                 "ssl.keystore.location": STORES / "client.p12", "ssl.keystore.password": "secret"}
        write_clusters(clusters, {"castle": shared | trusted | certificate, "stores": shared | store,
                                  "nameless": shared | trusted, "stranger": shared | certificate | {
                                      "ssl.ca.location": STORES / "stranger.pem"}})

        def command(cluster, *arguments, given=b"", code=0):
            done = subprocess.run([PROGRAM, *arguments, "--cluster", cluster, "-X", "socket.timeout.ms=5000"],
                                  input=given, capture_output=True, timeout=60, check=False, env={
                                      "HOME": "/", "BARNABAS_CLUSTERS": str(clusters)})
            self.assertEqual(done.returncode, code, done.stderr.decode())
            return (done.stderr if code else done.stdout).decode()

        command("castle", "produce", "named", given=b"hello\n")
        self.assertEqual(command("stores", "consume", "named", "-e"), "hello\n")
        self.assertEqual(command("castle", "consume", "named", "-g", "readers", "-e"), "hello\n")
        self.assertIn("named", command("stores", "topic", "list", "--names").splitlines())
        self.assertIn("demands a certificate of the client", command("nameless", "topic", "list", code=3))
        self.assertIn("is not trusted", command("stranger", "topic", "list", code=3))

    def test_both_versions_of_tls_are_spoken(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            with self.raw(version) as connection:
                self.assertEqual(connection.version(), name)

    def test_who_shows_no_certificate_is_refused(self):
        refused = self.kcat("-L", "-m", "5")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("peer did not return a certificate", self.broker.log())

    def test_what_is_no_tls_ends_the_connection_only(self):
        for said in (b"", b"\0\0\0\x10" + b"\0" * 16, b"GET / HTTP/1.1\r\n\r\n",
                     b"\x16\x03\x01\xff\xff" + b"\1" * 70_000):
            with socket.create_connection(("127.0.0.1", self.port), 10) as connection:
                connection.settimeout(10)
                try:
                    connection.sendall(said)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        pass
                except OSError as problem:  # shutdown() of what has been reset is no ConnectionError
                    self.assertNotIsInstance(problem, TimeoutError)
        self.assertTrue(wire.answers("127.0.0.1", self.broker.port))
        with self.raw():
            pass

    def test_new_certificates_are_shown_without_a_restart(self):
        def shown():
            context = ssl.create_default_context(cafile=STORES / "root.pem")
            context.check_hostname = False
            context.load_cert_chain(STORES / "client.pem", STORES / "client.key")
            with context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 10)) as connection:
                return dict(part[0] for part in connection.getpeercert()["subject"])["commonName"]
        self.addCleanup(self.use_keys, "broker")
        self.assertEqual(shown(), "Broker")
        self.use_keys("client")
        self.assertEqual(shown(), "Client")
        self.keys.write_text("half of a file")
        self.assertEqual(shown(), "Client")


@unittest.skipIf(AGAINST, "needs a broker process of its own")
class WrongStoreTest(unittest.TestCase):
    def test_the_broker_says_what_is_wrong_and_does_not_start(self):
        broker = Broker({"ssl.keystore.location": STORES / "client.jks", "ssl.keystore.password": "wrong"})
        self.addCleanup(broker.remove)
        broker.settings["listeners"] = f"SSL://127.0.0.1:{broker.port}"
        with self.assertRaises(RuntimeError) as problem:
            broker.start()
        self.assertIn("client.jks: the password is wrong", str(problem.exception))
        self.assertIn("ssl.keystore.password", str(problem.exception))


if __name__ == "__main__":
    unittest.main()
