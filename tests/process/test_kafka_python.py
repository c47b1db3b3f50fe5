"""kafka-python, a client written from scratch in Python: every compression, headers, nulls, seeking, topics."""
import time

from broker import BrokerTest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.errors import TopicAlreadyExistsError

CODECS = [None, "gzip", "snappy", "lz4", "zstd"]


class KafkaPythonTest(BrokerTest):
    def producer(self, **options):
        producer = KafkaProducer(bootstrap_servers=self.broker.address, acks="all",
                                 max_block_ms=15000, **options)
        self.addCleanup(producer.close)
        return producer

    def consumer(self, partitions=(0,), **options):
        consumer = KafkaConsumer(bootstrap_servers=self.broker.address, auto_offset_reset="earliest",
                                 enable_auto_commit=False, consumer_timeout_ms=15000, **options)
        self.addCleanup(consumer.close)
        consumer.assign([TopicPartition(self.topic, partition) for partition in partitions])
        return consumer

    def admin(self):
        admin = KafkaAdminClient(bootstrap_servers=self.broker.address)
        self.addCleanup(admin.close)
        return admin

    def write(self, count, **options):
        """Sends count records to partition 0 and returns what a reader has to see: (offset, key, value, headers)."""
        producer, wanted = self.producer(**options), []
        for number in range(count):
            key = None if number % 5 == 0 else b"key %d" % number
            value = None if number % 7 == 0 and key else b"value %d " % number * (number % 40 + 1)
            headers = [("n", b"%d" % number), ("empty", b"")] if number % 3 == 0 else []
            sent = producer.send(self.topic, value, key, headers, partition=0)
            wanted.append((sent, key, value, headers))
        producer.flush(30)
        return [(sent.get(1).offset, *rest) for sent, *rest in wanted]

    def read(self, consumer, count):
        records = []
        for record in consumer:
            records.append((record.offset, record.key, record.value, record.headers))
            if len(records) == count:
                break
        return records

    def test_every_compression_comes_back_identical(self):
        wanted = []
        for codec in CODECS:
            wanted += self.write(500, compression_type=codec, linger_ms=5)
        self.assertEqual([record[0] for record in wanted], list(range(len(wanted))))
        self.assertEqual(self.read(self.consumer(), len(wanted)), wanted)
        self.figure(f"{len(CODECS)} compressions")

    def test_acks_0_and_1(self):
        for acks in (0, 1):
            producer = KafkaProducer(bootstrap_servers=self.broker.address, acks=acks,
                                     max_block_ms=15000)
            for number in range(100):
                producer.send(self.topic, b"%d" % number, partition=0)
            producer.close()
        values = [value for _, _, value, _ in self.read(self.consumer(), 200)]
        self.assertEqual(values, [b"%d" % number for number in range(100)] * 2)

    def test_seeks_by_offset_to_the_ends_and_back(self):
        wanted = self.write(200)
        consumer, partition = self.consumer(), TopicPartition(self.topic, 0)
        consumer.seek(partition, 150)
        self.assertEqual(self.read(consumer, 3), wanted[150:153])
        consumer.seek_to_beginning(partition)
        self.assertEqual(self.read(consumer, 1), wanted[:1])
        consumer.seek_to_end(partition)
        self.assertEqual(consumer.position(partition), 200)
        self.assertEqual(consumer.beginning_offsets([partition]), {partition: 0})
        self.assertEqual(consumer.end_offsets([partition]), {partition: 200})

    def test_finds_offsets_by_time(self):
        producer, partition = self.producer(), TopicPartition(self.topic, 0)
        start = int(time.time() * 1000) - 100_000
        for number in range(100):
            producer.send(self.topic, b"x", partition=0, timestamp_ms=start + 1000 * number)
            if number % 10 == 0:
                producer.flush()
        producer.flush()
        consumer = self.consumer()
        for when, offset in ((start - 5000, 0), (start + 41_500, 42), (start + 42_000, 42)):
            self.assertEqual(consumer.offsets_for_times({partition: when})[partition].offset, offset)
        self.assertIsNone(consumer.offsets_for_times({partition: start + 200_000})[partition])

    def test_an_offset_outside_the_log_is_reset(self):
        wanted = self.write(10)
        consumer = self.consumer()
        consumer.seek(TopicPartition(self.topic, 0), 5000)
        self.assertEqual(self.read(consumer, 10), wanted)

    def test_topics_are_created_grown_described_and_deleted(self):
        admin = self.admin()
        settings = {"retention.ms": "3600000", "max.message.bytes": "5000"}
        admin.create_topics([NewTopic(self.topic, 3, 1, topic_configs=settings)])
        with self.assertRaises(TopicAlreadyExistsError):
            admin.create_topics([NewTopic(self.topic, 3, 1)])
        self.assertEqual(self.consumer().partitions_for_topic(self.topic), {0, 1, 2})
        admin.create_partitions({self.topic: NewPartitions(5)})
        self.assertEqual(self.consumer().partitions_for_topic(self.topic), set(range(5)))
        answer = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, self.topic)])
        described = {entry[0]: entry[1] for entry in answer[0].resources[0][4]}
        self.assertEqual({key: described[key] for key in settings}, settings)
        admin.delete_topics([self.topic])
        self.assertNotIn(self.topic, self.consumer().topics())
