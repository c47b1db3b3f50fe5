"""Clients of our library that show tokens of a server of HTTP."""
import os
import subprocess
import time
import unittest

from broker import AGAINST, PROGRAM, Broker
from tokens import STORES, Gate, TokenServer


@unittest.skipIf(AGAINST, "needs a broker process of its own")
class TokensTest(unittest.TestCase):
    def setUp(self):
        self.tokens = TokenServer()
        self.gate = Gate(lambda message: any(f"auth=Bearer {token}\x01" in message for token in self.tokens.given))
        self.broker = Broker({"advertised.listeners": f"PLAINTEXT://{self.gate.address}"})
        self.broker.start()
        self.gate.broker_port = self.broker.port

    def tearDown(self):
        code, _ = self.broker.stop()
        self.broker.remove()
        self.gate.stop()
        self.tokens.stop()
        self.assertEqual(code, 0)

    def command(self, *arguments, settings=None, **options):
        given = {"security.protocol": "sasl_plaintext", **(settings or self.tokens.settings())}
        flags = [part for name, value in given.items() for part in ("-X", f"{name}={value}")]
        return subprocess.Popen([PROGRAM, *arguments, "-b", self.gate.address, *flags], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env={**os.environ, "BARNABAS_CLUSTERS": "/nowhere"}, **options)

    def run_command(self, *arguments, given="", settings=None):
        process = self.command(*arguments, settings=settings)
        output, errors = process.communicate(given, timeout=60)
        return process.returncode, output, errors

    def test_records_go_and_come_by_one_token_a_client(self):
        settings = self.tokens.settings(sasl_oauthbearer_scope="read write", sasl_oauthbearer_extensions="house=inn")
        self.assertEqual(self.run_command("produce", "letters", given="hello\n", settings=settings), (0, "", ""))
        self.assertEqual((len(self.tokens.given), self.tokens.requests[0]["scope"]), (1, "read write"))
        self.assertIn("\x01house=inn\x01", self.gate.connections[-1][0])
        self.assertEqual(self.run_command("consume", "letters", "-e", "-g", "readers")[:2], (0, "hello\n"))
        self.assertGreater(len(self.gate.connections), len(self.tokens.given))

    def test_a_connection_goes_on_with_newer_tokens(self):
        self.tokens.life_s, self.gate.session_ms = 3, 1500
        writer = self.command("produce", "letters", bufsize=1)
        until = time.monotonic() + 30
        while not any(len(set(messages)) > 2 for messages in self.gate.connections):
            self.assertLess(time.monotonic(), until)
            writer.stdin.write("line\n")
            time.sleep(0.2)
        self.tokens.trouble = 503, {"error": "temporarily_unavailable"}  # not noticed while the last one lives
        writer.stdin.write("last\n")
        self.assertEqual(writer.communicate(timeout=30)[1], "")
        self.assertEqual(writer.returncode, 0)

    def test_what_the_server_says_is_told(self):
        settings = {**self.tokens.settings(), "sasl.oauthbearer.client.secret": "wrong", "socket.timeout.ms": "3000"}
        code, _, errors = self.run_command("topic", "list", settings=settings)
        self.assertEqual(code, 5, errors)
        self.assertIn(f"{self.tokens.url}: 401 Unauthorized: invalid_client: nobody here is called so", errors)
        self.assertNotIn("wrong", errors)
        self.tokens.trouble = 503, {"error": "temporarily_unavailable"}
        code, _, errors = self.run_command("topic", "list", settings={**settings, "socket.timeout.ms": "3000"})
        self.assertEqual(code, 3, errors)
        self.assertIn("503 Service Unavailable: temporarily_unavailable", errors)

    def test_a_broker_that_refuses_a_token_is_quoted(self):
        self.gate.accepts = lambda message: False
        code, _, errors = self.run_command("topic", "list",
                                           settings={**self.tokens.settings(), "socket.timeout.ms": "3000"})
        self.assertEqual(code, 5, errors)
        self.assertIn("a token of nobody's", errors)

    def test_https_is_trusted_by_certificates_of_its_own(self):
        secure = TokenServer(is_secure=True)
        self.addCleanup(secure.stop)
        self.gate.accepts = lambda message: secure.given[-1] in message
        settings = {**secure.settings(), "https.ca.location": STORES / "root.pem", "socket.timeout.ms": "3000"}
        self.assertEqual(self.run_command("topic", "list", settings=settings)[0], 0)
        stranger = {**settings, "https.ca.location": STORES / "stranger.pem"}
        self.assertIn("is not trusted", self.run_command("topic", "list", settings=stranger)[2])
        missing = {**settings, "https.ca.location": "/no/file"}
        code, _, errors = self.run_command("topic", "list", settings=missing)
        self.assertEqual(code, 2, errors)
        self.assertIn("https.ca.location=/no/file", errors)
