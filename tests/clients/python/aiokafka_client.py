"""aiokafka: usage: aiokafka_client.py HOST:PORT PREFIX."""
import asyncio
import logging
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from records import CODECS, COUNT, FIRST_MS, record, run, same

logging.disable(logging.CRITICAL)


async def write(topic, codec="none"):
    producer = AIOKafkaProducer(bootstrap_servers=sys.argv[1], enable_idempotence=True, linger_ms=5,
                                compression_type=None if codec == "none" else codec)
    await producer.start()
    try:
        sent = []
        for n in range(COUNT):
            key, value, headers, timestamp = record(n)
            sent.append(await producer.send(topic, value, key, 0, timestamp, headers))
        offsets = [(await delivery).offset for delivery in sent]
        same(offsets, list(range(COUNT)), "acknowledged offsets")
    finally:
        await producer.stop()


async def read(consumer, start, end):
    for n in range(start, end):
        found = await asyncio.wait_for(consumer.getone(), 20)
        same((found.offset, found.key, found.value, list(found.headers), found.timestamp), (n, *record(n)),
             f"record {n}")


async def with_consumer(topic, body):
    consumer = AIOKafkaConsumer(bootstrap_servers=sys.argv[1], auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        await body(consumer)
    finally:
        await consumer.stop()


def codec(name):
    async def scenario(topic):
        await write(topic, name)
        await with_consumer(topic, lambda consumer: read(consumer, 0, COUNT))
    return lambda topic: asyncio.run(scenario(topic))


async def seek(topic):
    await write(topic)
    partition = TopicPartition(topic, 0)

    async def body(consumer):
        consumer.seek(partition, COUNT // 2)
        await read(consumer, COUNT // 2, COUNT)
        same(await consumer.beginning_offsets([partition]), {partition: 0}, "beginning")
        same(await consumer.end_offsets([partition]), {partition: COUNT}, "end")
        found = await consumer.offsets_for_times({partition: FIRST_MS + 12337})
        same(found[partition].offset, 1234, "offset by time")
        consumer.seek(partition, 1234)
        await read(consumer, 1234, 1300)
    await with_consumer(topic, body)


async def admin(topic):
    client = AIOKafkaAdminClient(bootstrap_servers=sys.argv[1])
    await client.start()
    try:
        await client.create_topics([NewTopic(topic, 3, 1)])
        described = await client.describe_topics([topic])
        same(len(described[0]["partitions"]), 3, "partitions")
        await client.delete_topics([topic])
    finally:
        await client.close()


run({**{name: codec(name) for name in CODECS}, "seek-offset-time": lambda topic: asyncio.run(seek(topic)),
     "admin": lambda topic: asyncio.run(admin(topic))})
