"""Consumer groups with clients in several languages: kcat and confluent-kafka (C), kafka-python (Python)."""
import subprocess
import tarfile
import time
import unittest

from broker import AGAINST, ROOT, Broker, BrokerTest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from kafka import KafkaConsumer
from kafka import TopicPartition as KafkaPartition
from kafka.structs import OffsetAndMetadata

SETTINGS = {"group.initial.rebalance.delay.ms": 0, "num.partitions": 4, "offsets.topic.num.partitions": 5}
PARTITIONS = 4


class Kcat:
    """A member of a group in a process of its own, that can be killed."""

    def __init__(self, broker, group, topic):
        self.process = subprocess.Popen(
            ["kcat", "-G", group, "-b", broker.address, "-u", "-q", "-f", "%p %o %s\\n", "-X",
             "session.timeout.ms=6000", "-X", "auto.offset.reset=earliest", "-X", "auto.commit.interval.ms=200", topic],
            stdout=open(broker.folder / f"{group}.out", "wb"), stderr=subprocess.DEVNULL)
        self.path = broker.folder / f"{group}.out"

    def read(self):
        """[(partition, offset, value)] of the whole lines so far."""
        lines = self.path.read_text().split("\n")[:-1]
        return [(int(p), int(o), v) for p, o, v in (line.split(" ", 2) for line in lines)]

    def kill(self):
        self.process.kill()
        self.process.wait()


class GroupCase(BrokerTest):
    settings = SETTINGS

    def setUp(self):
        super().setUp()
        self.own_process()
        self.group = self.topic + "-group"

    def produce(self, first, count):
        producer = Producer({"bootstrap.servers": self.broker.address, "log_level": 0})
        for number in range(first, first + count):
            producer.produce(self.topic, str(number), partition=number % PARTITIONS)
        self.assertEqual(producer.flush(30), 0)

    def create_topic(self):
        admin = AdminClient({"bootstrap.servers": self.broker.address})
        admin.create_topics([NewTopic(self.topic, PARTITIONS, 1)])[self.topic].result()

    def confluent(self, **options):
        consumer = Consumer({"bootstrap.servers": self.broker.address, "group.id": self.group, "log_level": 0,
                             "auto.offset.reset": "earliest", "enable.auto.commit": False,
                             "session.timeout.ms": 6000, "reconnect.backoff.max.ms": 200, **options})
        return consumer

    def python(self):
        consumer = KafkaConsumer(self.topic, bootstrap_servers=self.broker.address, group_id=self.group,
                                 auto_offset_reset="earliest", session_timeout_ms=6000, heartbeat_interval_ms=500,
                                 auto_commit_interval_ms=200, reconnect_backoff_max_ms=200)
        self.addCleanup(consumer.close)
        return consumer

    def committed(self):
        asker = self.confluent()
        offsets = asker.committed([TopicPartition(self.topic, p) for p in range(PARTITIONS)], timeout=20)
        asker.close()
        return [max(each.offset, 0) for each in offsets]

    def until(self, what, seconds=30, step=lambda: time.sleep(0.05)):
        end = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), end, "it took too long")
            step()

    def consume(self, consumer, count, into, seconds=30):
        """Whole records, until there are so many."""
        def step():
            for message in consumer.consume(1000, 0.2):
                if message.error() is None:
                    into.append((message.partition(), message.offset(), message.value().decode()))
        self.until(lambda: len(into) >= count, seconds, step)


class GroupTest(GroupCase):
    def test_two_languages_share_and_one_is_killed(self):
        self.create_topic()
        self.produce(0, 400)
        killed = Kcat(self.broker, self.group, self.topic)
        self.addCleanup(killed.kill)
        self.until(lambda: len(killed.read()) >= 400)
        other, mine = self.python(), []

        def poll():
            for records in other.poll(timeout_ms=100).values():
                mine.extend((r.partition, r.offset, r.value.decode()) for r in records)
        self.until(lambda: len(other.assignment()) == PARTITIONS // 2, step=poll)
        self.produce(400, 400)
        self.until(lambda: len(killed.read()) + len(mine) >= 800, step=poll)
        self.assertEqual(sorted(int(v) for _, _, v in killed.read() + mine), list(range(800)), "once each")
        killed.kill()
        committed = self.committed()
        self.produce(800, 400)
        self.until(lambda: len(other.assignment()) == PARTITIONS, step=poll)
        self.until(lambda: {int(v) for _, _, v in mine} >= set(range(800, 1200)), step=poll)
        before = set(killed.read())
        self.assertEqual({int(v) for _, _, v in before | set(mine)}, set(range(1200)), "something is missing")
        self.assertEqual(len(mine), len(set(mine)))
        again = [(p, o) for p, o, v in mine if (p, o, v) in before and o < committed[p]]
        self.assertEqual(again, [], "committed and read again")

    def test_a_static_member_restarts_without_a_rebalance(self):
        self.create_topic()
        events = []
        stays = self.confluent(**{"group.instance.id": "stays"})
        self.addCleanup(stays.close)
        stays.subscribe([self.topic], on_assign=lambda _, parts: events.append([p.partition for p in parts]))
        first = self.confluent(**{"group.instance.id": "restarts"})
        first.subscribe([self.topic])

        def step(consumer):
            return lambda: (stays.poll(0.05), consumer.poll(0.05))
        self.until(lambda: len(stays.assignment()) == len(first.assignment()) == 2, step=step(first))
        had, count = first.assignment(), len(events)
        first.close()
        second = self.confluent(**{"group.instance.id": "restarts"})
        self.addCleanup(second.close)
        second.subscribe([self.topic])
        self.until(lambda: second.assignment(), 5, step=step(second))
        self.assertEqual(sorted(p.partition for p in second.assignment()), sorted(p.partition for p in had))
        self.assertEqual(len(events), count, "the other one noticed")

    def test_a_group_is_listed_described_and_deleted(self):
        self.create_topic()
        self.produce(0, 10)
        admin = AdminClient({"bootstrap.servers": self.broker.address})
        consumer, read = self.confluent(**{"client.id": "reader"}), []
        consumer.subscribe([self.topic])
        self.consume(consumer, 10, read)
        consumer.commit(asynchronous=False)
        found = admin.list_groups(self.group, timeout=10)[0]
        self.assertEqual((found.state, found.protocol_type, len(found.members)), ("Stable", "consumer", 1))
        self.assertEqual(found.members[0].client_id, "reader")
        self.assertEqual(found.members[0].client_host, "/127.0.0.1")
        self.assertIn(self.group, [group.id for group in admin.list_groups(timeout=10)])
        consumer.close()
        self.assertEqual(admin.list_groups(self.group, timeout=10)[0].state, "Empty")
        self.assertEqual(sum(self.committed()), 10)

    def test_offsets_of_a_deleted_topic_are_forgotten(self):
        self.create_topic()
        consumer = self.confluent()
        self.addCleanup(consumer.close)
        consumer.commit(offsets=[TopicPartition(self.topic, 0, 7)], asynchronous=False)
        self.assertEqual(self.committed()[0], 7)
        admin = AdminClient({"bootstrap.servers": self.broker.address})
        admin.delete_topics([self.topic])[self.topic].result()
        self.create_topic()
        self.assertEqual(self.committed()[0], 0)


class RestartTest(GroupCase):
    def test_a_group_goes_on_from_its_offsets_after_kill_9(self):
        self.create_topic()
        self.produce(0, 400)
        consumer, read = self.confluent(), []
        consumer.subscribe([self.topic])
        self.consume(consumer, 400, read)
        consumer.commit(asynchronous=False)
        committed = self.committed()
        self.assertEqual(sum(committed), 400)
        self.broker.kill()
        started = self.broker.start()
        self.produce(400, 400)
        self.consume(consumer, 800, read, 60)
        self.assertEqual(sorted(int(v) for _, _, v in read), list(range(800)), "missed or read twice")
        consumer.commit(asynchronous=False)
        self.broker.kill()
        self.broker.start()
        self.assertEqual(sum(self.committed()), 800)
        consumer.close()
        self.produce(800, 40)
        fresh, rest = self.confluent(), []
        fresh.subscribe([self.topic])
        self.consume(fresh, 40, rest, 60)
        fresh.close()
        self.assertEqual(sorted(int(v) for _, _, v in rest), list(range(800, 840)))
        self.figure(f"answers {1000 * started:.0f} ms after the start")



class KafkaFolderTest(BrokerTest):
    """A log directory of Apache Kafka 3.9 with a group in it (tests/data/golden)."""

    @classmethod
    def setUpClass(cls):
        if AGAINST:
            raise unittest.SkipTest("needs a broker process of its own")
        cls.broker = Broker({"broker.id": 1})
        with tarfile.open(ROOT / "tests/data/golden/clean-3.9.2.tar.gz") as packed:
            packed.extractall(cls.broker.folder)
        cls.broker.settings["log.dirs"] = str(cls.broker.folder / "clean")
        cls.broker.start(["--adopt"])

    def test_a_group_of_apache_kafka_goes_on_here(self):
        consumer = KafkaConsumer(bootstrap_servers=self.broker.address, group_id="golden-group")
        self.addCleanup(consumer.close)
        for topic in ("g-none", "g-lz4"):
            for partition in (0, 1):
                found = consumer.committed(KafkaPartition(topic, partition), metadata=True)
                self.assertEqual(found, OffsetAndMetadata(100 + partition, f"meta {topic}-{partition}"))
        asker = AdminClient({"bootstrap.servers": self.broker.address})
        found = asker.list_groups("golden-group", timeout=10)[0]
        self.assertEqual((found.state, found.protocol, len(found.members)), ("Stable", "range", 1))
