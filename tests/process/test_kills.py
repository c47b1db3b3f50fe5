"""kill -9 again and again under load: nothing acknowledged is missing, nothing is there twice, order is kept."""
import os
import random
import threading
import time
import unittest

from broker import AGAINST, Broker
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

KILLS = int(os.environ.get("BARNABAS_KILLS", "10"))
PRODUCERS, PARTITIONS = 3, 2


class Writer(threading.Thread):
    """One idempotent producer with acks=all; keeps what was acknowledged: (partition, offset, number)."""

    def __init__(self, name, address, done):
        super().__init__(daemon=True)
        self.label, self.done = name, done
        self.acknowledged, self.errors, self.sent = [], [], 0
        self.producer = Producer({
            "bootstrap.servers": address, "enable.idempotence": True, "acks": "all", "linger.ms": 2,
            "message.timeout.ms": 600_000, "retry.backoff.ms": 50, "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 100, "socket.connection.setup.timeout.ms": 2000, "log_level": 0,
            "queue.buffering.max.messages": 2000, "error_cb": self.failed})

    def failed(self, error):
        if error.fatal():
            self.errors.append(str(error))

    def delivered(self, error, message):
        if error is not None:
            self.errors.append(str(error))
        else:
            number = int(message.value().split(b" ")[1])
            self.acknowledged.append((message.partition(), message.offset(), number))

    def run(self):
        while not self.done.is_set() and not self.errors:
            try:
                self.producer.produce("kept", b"%s %d %s" % (self.label, self.sent, b"x" * (self.sent % 500)),
                                      partition=self.sent % PARTITIONS, on_delivery=self.delivered)
                self.sent += 1
            except BufferError:
                pass
            self.producer.poll(0 if self.sent % 50 else 0.005)
        if self.producer.flush(60) != 0:
            self.errors.append("records were still waiting 60 s after the last start")


@unittest.skipIf(AGAINST, "needs a broker process of its own")
class KillTest(unittest.TestCase):
    def setUp(self):
        self.broker = Broker({"num.partitions": PARTITIONS, "log.segment.bytes": 4_000_000})
        self.addCleanup(self.broker.remove)

    def everything(self, partition, address):
        """[(offset, label, number)] of a partition, to its end."""
        consumer = Consumer({"bootstrap.servers": address, "group.id": "assigned", "log_level": 0,
                             "enable.auto.commit": False, "check.crcs": True})
        _, end = consumer.get_watermark_offsets(TopicPartition("kept", partition), timeout=20)
        consumer.assign([TopicPartition("kept", partition, OFFSET_BEGINNING)])
        records, until = [], time.monotonic() + 60
        while (not records or records[-1][0] < end - 1) and time.monotonic() < until:
            for message in consumer.consume(10_000, 0.5):
                if message.error() is None:
                    label, number = message.value().split(b" ")[:2]
                    records.append((message.offset(), label, int(number)))
        consumer.close()
        return records

    def test_nothing_acknowledged_is_lost_doubled_or_reordered(self):
        random_, done, starts = random.Random(), threading.Event(), []
        self.broker.start()
        writers = [Writer(b"writer%d" % n, self.broker.address, done) for n in range(PRODUCERS)]
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            time.sleep(random_.uniform(0.2, 1.0))
            self.broker.kill()
            starts.append(self.broker.start())
        time.sleep(0.5)
        done.set()
        for writer in writers:
            writer.join(90)
            self.assertEqual(writer.errors, [])
        for partition in range(PARTITIONS):
            self.check(partition, writers)
        self.assertEqual(self.broker.stop()[0], 0)
        total = sum(len(writer.acknowledged) for writer in writers)
        self.figures = [f"{KILLS} kills, {total} records acknowledged, slowest start {1000 * max(starts):.0f} ms"]

    def check(self, partition, writers):
        found = self.everything(partition, self.broker.address)
        self.assertEqual([offset for offset, _, _ in found], list(range(len(found))), "a gap in the offsets")
        for writer in writers:
            mine = [(offset, number) for offset, label, number in found if label == writer.label]
            numbers = [number for _, number in mine]
            self.assertEqual(numbers, sorted(set(numbers)), f"{writer.label}: twice or out of order")
            acknowledged = {(offset, number) for p, offset, number in writer.acknowledged if p == partition}
            missing = sorted(acknowledged - set(mine))
            self.assertEqual(missing[:5], [], f"{writer.label}: {len(missing)} acknowledged records are not there")
