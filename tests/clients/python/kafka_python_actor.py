"""kafka-python as an actor: usage: kafka_python_actor.py HOST:PORT."""
import logging
import sys
import threading
import time

from actor import Actor, record, say
from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.structs import OffsetAndMetadata

# The library learns of the partitions after its first join and joins again; about once in 50 times it then sends
# nothing more, with Apache Kafka 4.3, too. A user would start it again.
JOIN_SECONDS = 15
ASSIGNORS = {"range": RangePartitionAssignor, "cooperative-sticky": CooperativeStickyAssignor}


class Listener(ConsumerRebalanceListener):
    def __init__(self, actor):
        self.actor = actor

    def on_partitions_assigned(self, assigned):
        self.actor.assigned(self.actor.owned | {each.partition for each in assigned})

    def on_partitions_revoked(self, revoked):
        self.actor.assigned(self.actor.owned - {each.partition for each in revoked})

    on_partitions_lost = on_partitions_revoked


class KafkaPython(Actor):
    def __init__(self, servers):
        super().__init__(servers)
        self.settings = {"bootstrap_servers": servers, "reconnect_backoff_max_ms": 500}
        self.producers = {}

    def admin(self):
        self.admin_client = getattr(self, "admin_client", None) or KafkaAdminClient(**self.settings)
        return self.admin_client

    def do_create(self, topic, partitions):
        self.admin().create_topics([NewTopic(topic, partitions, 1)])

    def do_produce(self, topic, first, count, codec):
        if codec not in self.producers:
            compression = None if codec == "none" else codec
            self.producers[codec] = KafkaProducer(**self.settings, linger_ms=5, compression_type=compression)
        futures, reported = [], threading.Semaphore(0)

        def report(n, where):
            say("sent", where.partition, where.offset, n)
            reported.release()

        for n in range(first, first + count):
            key, value = record(n)
            futures.append(self.producers[codec].send(topic, value, key).add_callback(report, n))
        for future in futures:
            future.get(110)
        for _ in futures:  # get() may return while the callback still runs
            reported.acquire(timeout=10)

    def do_join(self, group, topic, instance, assignor, session_ms):
        self.topic = topic
        self.consumer = KafkaConsumer(
            **self.settings, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest",
            session_timeout_ms=session_ms, heartbeat_interval_ms=500, fetch_max_wait_ms=100, group_instance_id=instance,
            partition_assignment_strategy=[ASSIGNORS[assignor]])
        self.consumer.subscribe([topic], listener=Listener(self))
        self.join_again = lambda: self.do_join(group, topic, instance, assignor, session_ms)
        self.join_until = time.monotonic() + JOIN_SECONDS

    def poll(self):
        if not self.owned and time.monotonic() > self.join_until:
            self.do_leave()
            self.join_again()
        for batch in self.consumer.poll(100).values():
            for message in batch:
                yield message.partition, message.offset, message.key, message.value

    def offsets(self):
        return {TopicPartition(self.topic, partition): OffsetAndMetadata(at, "", -1)
                for partition, at in self.said_positions()}

    def do_commit(self):
        self.consumer.commit(self.offsets())

    def do_commit_async(self):
        self.consumer.commit_async(self.offsets())

    def do_seek(self, partition, offset):
        self.consumer.seek(TopicPartition(self.topic, partition), offset)

    def do_pause(self, partition):
        self.consumer.pause(TopicPartition(self.topic, partition))

    def do_resume(self, partition):
        self.consumer.resume(TopicPartition(self.topic, partition))

    def do_leave(self):
        self.consumer.close(autocommit=False)
        self.left()

    def do_groups(self):
        for group in self.admin().list_groups():
            say("group", group["group_id"])

    def do_describe(self, group):
        found = self.admin().describe_groups([group])[group]
        say("state", found["group_state"].upper(), len(found["members"]))

    def do_committed(self, group, topic):
        for where, offset in self.admin().list_group_offsets(group)[group].items():
            say("committed", where.partition, offset.offset)

    def do_delete_group(self, group):
        [answer] = self.admin().delete_groups([group]).values()
        if answer != "OK":
            raise RuntimeError(answer)


logging.disable(logging.CRITICAL)
KafkaPython(sys.argv[1]).run()
