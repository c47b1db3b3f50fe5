"""kcat: a generated log goes in and comes out as it was, with keys, headers, nulls and every compression."""
import hashlib
import json
import random
import subprocess

from broker import BrokerTest

LINES = 200_000
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def log_lines(count, seed=9):
    """Lines as a server's log has them, of some 10 to 300 bytes, in several alphabets."""
    random_ = random.Random(seed)
    words = "castle messenger village landlord K. Frieda Brücke schloß 城 letter bureau secretary".split()
    for number in range(count):
        text = " ".join(random_.choices(words, k=random_.randint(1, 24)))
        yield f"{number:07d} {random_.getrandbits(64):016x} {text}".encode()


class KcatTest(BrokerTest):
    def kcat(self, *arguments, given=None):
        done = subprocess.run(["kcat", "-b", self.broker.address, *arguments], input=given,
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, f"kcat {arguments}: {done.stderr.decode()[-800:]}")
        return done.stdout

    def produce(self, *arguments, given):
        self.kcat("-P", "-t", self.topic, *arguments, given=given)

    def consume(self, *arguments):
        return self.kcat("-C", "-q", "-e", "-t", self.topic, "-p", "0", *arguments)

    def test_a_text_comes_back_identical(self):
        text = b"\n".join(log_lines(LINES)) + b"\n"
        self.produce("-p", "0", given=text)
        back = self.consume("-o", "beginning")
        self.assertEqual(hashlib.sha256(back).digest(), hashlib.sha256(text).digest(),
                         f"{len(text)} bytes went in, {len(back)} came out")
        self.figure(f"{len(text) / 1e6:.0f} MB, {LINES} lines")

    def test_every_compression_comes_back_identical(self):
        text = b"\n".join(log_lines(10_000)) + b"\n"
        for codec in CODECS:
            self.produce("-p", "0", "-z", codec, given=text)
        self.assertEqual(self.consume("-o", "beginning"), text * len(CODECS))

    def test_keys_headers_and_nulls(self):
        self.produce("-p", "0", "-K", ":", "-Z", "-H", "from=castle", "-H", "empty=",
                     given=b"key:value\n:null key\ngone:\n")
        lines = self.consume("-o", "beginning", "-Z", "-f", "%o|%k|%K|%s|%S|%h\n").decode().splitlines()
        self.assertEqual(lines, ["0|key|3|value|5|from=castle,empty=",
                                 "1|NULL|-1|null key|8|from=castle,empty=",
                                 "2|gone|4|NULL|-1|from=castle,empty="])

    def test_reads_from_an_offset_and_counts_from_the_end(self):
        self.produce("-p", "0", given=b"\n".join(log_lines(1000)) + b"\n")
        wanted = list(log_lines(1000))
        self.assertEqual(self.consume("-o", "500", "-c", "2").splitlines(), wanted[500:502])
        self.assertEqual(self.consume("-o", "-3").splitlines(), wanted[-3:])

    def test_offsets_by_time(self):
        self.produce("-p", "0", given=b"\n".join(log_lines(100)) + b"\n")
        stamps = [int(line) for line in self.consume("-o", "beginning", "-f", "%T\n").split()]
        asked = self.kcat("-Q", "-t", f"{self.topic}:0:{stamps[50]}").decode()
        self.assertIn(f"offset {stamps.index(stamps[50])}", asked)

    def test_a_new_topic_is_listed(self):
        self.produce(given=b"one\n")
        listed = json.loads(self.kcat("-L", "-J", "-t", self.topic))
        topic = listed["topics"][0]
        self.assertEqual((topic["topic"], topic["partitions"][0]["leader"]),
                         (self.topic, listed["brokers"][0]["id"]))
