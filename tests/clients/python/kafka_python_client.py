"""kafka-python, the newest: usage: kafka_python_client.py HOST:PORT PREFIX."""
import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from records import CODECS, COUNT, FIRST_MS, record, run, same


def write(topic, codec="none"):
    producer = KafkaProducer(bootstrap_servers=sys.argv[1], acks="all", linger_ms=5,
                             compression_type=None if codec == "none" else codec)
    sent = []
    for n in range(COUNT):
        key, value, headers, timestamp = record(n)
        sent.append(producer.send(topic, value, key, headers, 0, timestamp))
    producer.flush(60)
    same([delivery.get(1).offset for delivery in sent], list(range(COUNT)), "acknowledged offsets")
    producer.close()


def reader(topic):
    consumer = KafkaConsumer(bootstrap_servers=sys.argv[1], auto_offset_reset="earliest", enable_auto_commit=False,
                             group_id=None, consumer_timeout_ms=20000)
    consumer.assign([TopicPartition(topic, 0)])
    return consumer


def read(consumer, start, end):
    n = start
    while n < end:
        found = next(consumer)
        same((found.offset, found.key, found.value, list(found.headers), found.timestamp), (n, *record(n)),
             f"record {n}")
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
    consumer, partition = reader(topic), TopicPartition(topic, 0)
    consumer.seek(partition, COUNT // 2)
    read(consumer, COUNT // 2, COUNT)
    same(consumer.beginning_offsets([partition]), {partition: 0}, "beginning")
    same(consumer.end_offsets([partition]), {partition: COUNT}, "end")
    same(consumer.offsets_for_times({partition: FIRST_MS + 12337})[partition].offset, 1234, "offset by time")
    consumer.seek(partition, 1234)
    read(consumer, 1234, 1300)
    consumer.close()


def admin(topic):
    client = KafkaAdminClient(bootstrap_servers=sys.argv[1])
    client.create_topics([NewTopic(topic, 3, 1)])
    client.delete_topics([topic])
    client.close()


run({**{name: codec(name) for name in CODECS}, "seek-offset-time": seek, "admin": admin})
