"""aiokafka as an actor: usage: aiokafka_actor.py HOST:PORT."""
import asyncio
import logging
import sys

from actor import Actor, record, say
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.range import RangePartitionAssignor


class Listener(ConsumerRebalanceListener):
    def __init__(self, actor):
        self.actor = actor

    def on_partitions_assigned(self, assigned):
        self.actor.assigned({each.partition for each in assigned})

    def on_partitions_revoked(self, revoked):
        self.actor.assigned(set())


class Aiokafka(Actor):
    """Its event loop turns while it reads; between the commands of an actor without a consumer it stands."""

    def __init__(self, servers):
        super().__init__(servers)
        self.settings = {"bootstrap_servers": servers}
        self.loop = asyncio.new_event_loop()

    def wait(self, task, seconds=110):
        return self.loop.run_until_complete(asyncio.wait_for(task, seconds))

    def admin(self, call):
        """call: a function of the admin client that returns something to wait for."""
        async def body():
            client = AIOKafkaAdminClient(**self.settings)
            await client.start()
            try:
                return await call(client)
            finally:
                await client.close()
        return self.wait(body())

    def do_create(self, topic, partitions):
        self.admin(lambda admin: admin.create_topics([NewTopic(topic, partitions, 1)]))

    def do_produce(self, topic, first, count, codec):
        async def produce():
            producer = AIOKafkaProducer(**self.settings, linger_ms=5, enable_idempotence=True,
                                        request_timeout_ms=20000,
                                        compression_type=None if codec == "none" else codec)
            await producer.start()
            try:
                futures = []
                for n in range(first, first + count):
                    key, value = record(n)
                    futures.append((n, await producer.send(topic, value, key)))
                for n, future in futures:
                    where = await future
                    say("sent", where.partition, where.offset, n)
            finally:
                await producer.stop()
        self.wait(produce())

    def do_join(self, group, topic, instance, assignor, session_ms):
        if assignor != "range":
            raise NotImplementedError
        self.topic = topic

        async def join():
            consumer = AIOKafkaConsumer(
                **self.settings, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest",
                session_timeout_ms=session_ms, heartbeat_interval_ms=500, fetch_max_wait_ms=100,
                group_instance_id=instance,
                metadata_max_age_ms=5000, partition_assignment_strategy=[RangePartitionAssignor])
            consumer.subscribe([topic], listener=Listener(self))
            await consumer.start()
            return consumer
        self.consumer = self.wait(join())

    def poll(self):
        for batch in self.wait(self.consumer.getmany(timeout_ms=100)).values():
            for message in batch:
                yield message.partition, message.offset, message.key, message.value

    def do_commit(self):
        offsets = {TopicPartition(self.topic, partition): at for partition, at in self.said_positions()}
        self.wait(self.consumer.commit(offsets))

    def inside(self, call, *arguments):
        """Calls what does not wait, but has to be called where the loop runs."""
        async def body():
            call(*arguments)
        self.wait(body())

    def do_seek(self, partition, offset):
        self.inside(self.consumer.seek, TopicPartition(self.topic, partition), offset)

    def do_pause(self, partition):
        self.inside(self.consumer.pause, TopicPartition(self.topic, partition))

    def do_resume(self, partition):
        self.inside(self.consumer.resume, TopicPartition(self.topic, partition))

    def do_leave(self):
        self.wait(self.consumer.stop())
        self.left()

    def do_groups(self):
        for name, _ in self.admin(lambda admin: admin.list_consumer_groups()):
            say("group", name)

    def do_describe(self, group):
        [answer] = self.admin(lambda admin: admin.describe_consumer_groups([group]))
        [found] = answer.groups
        say("state", found[2].upper(), len(found[5]))

    def do_committed(self, group, topic):
        for where, offset in self.admin(lambda admin: admin.list_consumer_group_offsets(group)).items():
            say("committed", where.partition, offset.offset)


logging.disable(logging.CRITICAL)
Aiokafka(sys.argv[1]).run()
