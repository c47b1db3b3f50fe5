"""confluent-kafka (librdkafka), the newest: usage: confluent_client.py HOST:PORT PREFIX."""
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, Producer, TopicPartition
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic,
                                   OffsetSpec)
from records import CODECS, COUNT, FIRST_MS, record, run, same

SERVERS = {"bootstrap.servers": sys.argv[1], "log_level": 0}


def write(topic, codec="none", **options):
    producer = Producer({**SERVERS, "enable.idempotence": True, "compression.type": codec, "linger.ms": 5, **options})
    offsets = []
    for n in range(COUNT):
        key, value, headers, timestamp = record(n, null_headers=True)
        producer.produce(topic, value, key, 0, timestamp=timestamp, headers=headers,
                         on_delivery=lambda error, message: offsets.append(error or message.offset()))
        producer.poll(0)
    same(producer.flush(60), 0, "records that wait")
    same(offsets, list(range(COUNT)), "acknowledged offsets")


def reader(topic, offset=OFFSET_BEGINNING):
    consumer = Consumer({**SERVERS, "group.id": "assigned", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, offset)])
    return consumer


def read(consumer, start, end):
    n, until = start, time.monotonic() + 30
    while n < end:
        same(time.monotonic() < until, True, f"time left after {n} records")
        for found in consumer.consume(500, 0.5):
            if found.error() is None and n < end:
                headers = found.headers() or []
                same((found.offset(), found.key(), found.value(), headers, found.timestamp()[1]),
                     (n, *record(n, null_headers=True)), f"record {n}")
                n += 1


def codec(name):
    def scenario(topic):
        write(topic, name)
        consumer = reader(topic)
        read(consumer, 0, COUNT)
        consumer.close()
    return scenario


def seek(topic):
    write(topic)
    consumer = reader(topic, COUNT // 2)
    read(consumer, COUNT // 2, COUNT)
    consumer.seek(TopicPartition(topic, 0, 11))
    read(consumer, 11, 50)
    same(consumer.get_watermark_offsets(TopicPartition(topic, 0), 10), (0, COUNT), "ends")
    found = consumer.offsets_for_times([TopicPartition(topic, 0, FIRST_MS + 12337)], 10)
    same(found[0].offset, 1234, "offset by time")
    late = consumer.offsets_for_times([TopicPartition(topic, 0, FIRST_MS + 10_000_000)], 10)
    same(late[0].offset, OFFSET_END, "after the end")
    consumer.close()


def admin(topic):
    client = AdminClient(SERVERS)
    client.create_topics([NewTopic(topic, 3, 1, config={"retention.ms": "1234567"})])[topic].result()
    client.create_partitions([NewPartitions(topic, 5)])[topic].result()
    resource = ConfigResource("topic", topic, incremental_configs=[
        ConfigEntry("segment.bytes", "2000000", incremental_operation=AlterConfigOpType.SET)])
    client.incremental_alter_configs([resource])[resource].result()
    asked = ConfigResource("topic", topic)
    until = time.monotonic() + 5
    while (described := client.describe_configs([asked])[asked].result())["segment.bytes"].value != "2000000":
        same(time.monotonic() < until, True, "segment.bytes is changed")
    same(described["retention.ms"].value, "1234567", "retention.ms")
    partition = TopicPartition(topic, 0)
    same(client.list_offsets({partition: OffsetSpec.latest()})[partition].result().offset, 0, "latest offset")
    client.delete_topics([topic])[topic].result()


run({**{name: codec(name) for name in CODECS}, "seek-offset-time": seek, "admin": admin})
