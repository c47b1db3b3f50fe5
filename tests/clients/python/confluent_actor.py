"""confluent-kafka (librdkafka) as an actor: usage: confluent_actor.py HOST:PORT."""
import sys

from actor import Actor, record, say
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic


class Confluent(Actor):
    def __init__(self, servers):
        super().__init__(servers)
        self.settings = {"bootstrap.servers": servers, "log_level": 0, "reconnect.backoff.max.ms": 1000}
        self.admin = AdminClient(self.settings)
        self.producers = {}

    def do_create(self, topic, partitions):
        self.admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result()

    def do_produce(self, topic, first, count, codec):
        settings = {**self.settings, "enable.idempotence": True, "compression.type": codec, "linger.ms": 5}
        producer = self.producers.setdefault(codec, None) or Producer(settings)
        self.producers[codec] = producer
        wrong = []

        def delivered(error, message):
            if error:
                wrong.append(error)
            else:
                say("sent", message.partition(), message.offset(), message.value().decode())

        for n in range(first, first + count):
            key, value = record(n)
            producer.produce(topic, value, key, on_delivery=delivered)
            producer.poll(0)
        if producer.flush(110):
            raise TimeoutError("records still wait after 110 s")
        if wrong:
            raise RuntimeError(wrong[0])

    def do_join(self, group, topic, instance, assignor, session_ms):
        settings = {**self.settings, "group.id": group, "enable.auto.commit": False, "auto.offset.reset": "earliest",
                    "session.timeout.ms": session_ms, "heartbeat.interval.ms": 500, "fetch.wait.max.ms": 100,
                    "partition.assignment.strategy": assignor}
        if instance:
            settings["group.instance.id"] = instance
        self.topic = topic
        self.consumer = Consumer(settings)
        add = lambda _, some: self.assigned(self.owned | {each.partition for each in some})
        remove = lambda _, some: self.assigned(self.owned - {each.partition for each in some})
        self.consumer.subscribe([topic], on_assign=add, on_revoke=remove, on_lost=remove)

    def poll(self):
        for message in self.consumer.consume(100, 0.1):
            if message.error() is None:
                yield message.partition(), message.offset(), message.key(), message.value()
            elif not message.error().retriable():
                say("trouble", message.error().str())

    def commit(self, asynchronous):
        offsets = [TopicPartition(self.topic, partition, at) for partition, at in self.said_positions()]
        for each in self.consumer.commit(offsets=offsets, asynchronous=asynchronous) or []:
            if each.error:
                raise RuntimeError(each.error)

    def do_commit(self):
        self.commit(False)

    def do_commit_async(self):
        self.commit(True)

    def do_seek(self, partition, offset):
        self.consumer.seek(TopicPartition(self.topic, partition, offset))

    def do_pause(self, partition):
        self.consumer.pause([TopicPartition(self.topic, partition)])

    def do_resume(self, partition):
        self.consumer.resume([TopicPartition(self.topic, partition)])

    def do_leave(self):
        self.consumer.close()
        self.left()

    def do_groups(self):
        for group in self.admin.list_consumer_groups().result().valid:
            say("group", group.group_id)

    def do_describe(self, group):
        found = self.admin.describe_consumer_groups([group])[group].result()
        say("state", found.state.name, len(found.members))

    def do_committed(self, group, topic):
        asked = ConsumerGroupTopicPartitions(group)
        for each in self.admin.list_consumer_group_offsets([asked])[group].result().topic_partitions:
            say("committed", each.partition, each.offset)

    def do_delete_group(self, group):
        self.admin.delete_consumer_groups([group])[group].result()


Confluent(sys.argv[1]).run()
