"""confluent-kafka (librdkafka): the idempotent producer, headers, nulls, timestamps, administration."""
import time

from broker import BrokerTest
from confluent_kafka import (OFFSET_BEGINNING, OFFSET_END, TIMESTAMP_CREATE_TIME, Consumer, KafkaError,
                             KafkaException, Producer, TopicPartition)
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


class ConfluentTest(BrokerTest):
    def producer(self, **options):
        return Producer({"bootstrap.servers": self.broker.address, "enable.idempotence": True, "log_level": 0,
                         **options})

    def consumer(self, offset=OFFSET_BEGINNING, partition=0):
        consumer = Consumer({"bootstrap.servers": self.broker.address, "group.id": "assigned",
                             "enable.auto.commit": False})
        self.addCleanup(consumer.close)
        consumer.assign([TopicPartition(self.topic, partition, offset)])
        return consumer

    def admin(self):
        return AdminClient({"bootstrap.servers": self.broker.address})

    def write(self, producer, records):
        """records: (key, value, headers, timestamp in ms); returns the acknowledged offsets."""
        offsets = []

        def delivered(error, message):
            self.assertIsNone(error)
            offsets.append(message.offset())
        for key, value, headers, timestamp in records:
            producer.produce(self.topic, value, key, 0, on_delivery=delivered, timestamp=timestamp,
                             headers=headers)
            producer.poll(0)
        self.assertEqual(producer.flush(30), 0)
        return offsets

    def read(self, consumer, count, seconds=20):
        records, until = [], time.monotonic() + seconds
        while len(records) < count and time.monotonic() < until:
            message = consumer.poll(0.5)
            if message is not None and message.error() is None:
                self.assertEqual(message.timestamp()[0], TIMESTAMP_CREATE_TIME)
                records.append((message.key(), message.value(), message.headers() or [], message.timestamp()[1]))
        return records

    def records(self, count, first_ms=None):
        first_ms = first_ms or int(time.time() * 1000) - 10 * count
        return [(None if n % 5 == 0 else b"k%d" % n, None if n % 7 == 0 else b"v%d " % n * (n % 50 + 1),
                 [("a", b"%d" % n), ("a", b"again")] if n % 3 == 0 else [], first_ms + 10 * n)
                for n in range(count)]

    def test_idempotent_in_every_compression(self):
        wanted = []
        for codec in CODECS:
            records = self.records(1000)
            offsets = self.write(self.producer(**{"compression.type": codec, "linger.ms": 5}), records)
            self.assertEqual(offsets, list(range(len(wanted), len(wanted) + len(records))))
            wanted += records
        self.assertEqual(self.read(self.consumer(), len(wanted)), wanted)

    def test_large_records(self):
        records = [(b"%d" % n, bytes([n]) * (900_000 - n), [], int(time.time() * 1000)) for n in range(20)]
        self.write(self.producer(), records)
        self.assertEqual(self.read(self.consumer(), len(records)), records)

    def test_a_record_above_the_limit_is_refused(self):
        admin = self.admin()
        admin.create_topics([NewTopic(self.topic, 1, 1, config={"max.message.bytes": "1000"})])[self.topic].result()
        errors = []
        producer = self.producer()
        producer.produce(self.topic, b"x" * 5000, on_delivery=lambda error, _: errors.append(error.code()))
        producer.flush(20)
        self.assertEqual(errors, [KafkaError.MSG_SIZE_TOO_LARGE])

    def test_seeks_watermarks_and_times(self):
        records = self.records(300)
        self.write(self.producer(), records)
        consumer, partition = self.consumer(250), TopicPartition(self.topic, 0)
        self.assertEqual(self.read(consumer, 5), records[250:255])
        consumer.seek(TopicPartition(self.topic, 0, 10))
        self.assertEqual(self.read(consumer, 2), records[10:12])
        self.assertEqual(consumer.get_watermark_offsets(partition, timeout=10), (0, 300))
        asked = TopicPartition(self.topic, 0, records[123][3] - 5)
        self.assertEqual(consumer.offsets_for_times([asked], timeout=10)[0].offset, 123)
        late = TopicPartition(self.topic, 0, records[-1][3] + 5000)
        self.assertEqual(consumer.offsets_for_times([late], timeout=10)[0].offset, OFFSET_END)

    def test_long_polling_sees_a_record_at_once(self):
        producer = self.producer(**{"linger.ms": 0})
        self.write(producer, self.records(1))
        consumer, waits = self.consumer(), []
        self.assertEqual(len(self.read(consumer, 1)), 1)
        for _ in range(10):
            time.sleep(0.05)
            began = time.monotonic()
            self.write(producer, self.records(1))
            self.assertEqual(len(self.read(consumer, 1)), 1)
            waits.append(time.monotonic() - began)
        self.assertLess(sorted(waits)[5], 0.3)
        self.figure(f"{1000 * sorted(waits)[5]:.1f} ms from produce to read")

    def test_topics_are_created_grown_and_deleted(self):
        admin = self.admin()
        admin.create_topics([NewTopic(self.topic, 2, 1)])[self.topic].result()
        with self.assertRaises(KafkaException) as refused:
            admin.create_topics([NewTopic(self.topic, 2, 1)])[self.topic].result()
        self.assertEqual(refused.exception.args[0].code(), KafkaError.TOPIC_ALREADY_EXISTS)
        admin.create_partitions([NewPartitions(self.topic, 4)])[self.topic].result()
        self.assertEqual(set(admin.list_topics(self.topic, 10).topics[self.topic].partitions), {0, 1, 2, 3})
        admin.delete_topics([self.topic])[self.topic].result()
        until = time.monotonic() + 10
        while self.topic in admin.list_topics(timeout=10).topics and time.monotonic() < until:
            time.sleep(0.05)
        self.assertNotIn(self.topic, admin.list_topics(timeout=10).topics.keys())

    def test_settings_of_a_topic_are_described_and_altered(self):
        admin = self.admin()
        admin.create_topics([NewTopic(self.topic, 1, 1, config={"retention.ms": "1000000"})])[self.topic].result()

        def described():
            resource = ConfigResource("topic", self.topic)
            return admin.describe_configs([resource])[resource].result()
        self.assertEqual(described()["retention.ms"].value, "1000000")
        self.assertTrue(described()["segment.bytes"].is_default)
        change = ConfigResource("topic", self.topic, {"segment.bytes": "2000000"})
        admin.alter_configs([change])[change].result()
        self.assertEqual(described()["segment.bytes"].value, "2000000")
        self.assertEqual(described()["retention.ms"].value, "604800000", "AlterConfigs replaces all settings")

    def test_bad_settings_and_counts_are_refused(self):
        admin = self.admin()
        for topic, code in ((NewTopic(self.topic, 1, 1, config={"retention.ms": "soon"}), KafkaError.INVALID_CONFIG),
                            (NewTopic(self.topic, 1, 3), KafkaError.INVALID_REPLICATION_FACTOR),
                            (NewTopic(self.topic, 0, 1), KafkaError.INVALID_PARTITIONS)):
            with self.assertRaises(KafkaException) as refused:
                admin.create_topics([topic])[self.topic].result()
            self.assertEqual(refused.exception.args[0].code(), code)
        self.assertNotIn(self.topic, admin.list_topics(timeout=10).topics)
