"""A data directory of ours goes on in Apache Kafka 3.9, and comes back: topics, records, groups, committed offsets.

Kafka finds in its ZooKeeper what our metastore has as nodes, and on the disk what we left there. Each broker is killed
with -9 before the other starts.
"""
from actors import Actor, wait_until
from apache_kafka import KafkaWithZooKeeper
from znodes import nodes_of


def go_on_and_come_back(actor_command, ours, report):
    with_actor(actor_command, ours, lambda actor: write_and_read(actor, "ours", "readers"))
    ours.kill()
    data = ours.folder / "data"
    kafka = KafkaWithZooKeeper(data, nodes_of(data))
    scenario = "goes-on-in-kafka"
    try:
        kafka.start()
        with_actor(actor_command, kafka, lambda actor: goes_on(actor, "ours", "readers"))
        report("ok", scenario)
        scenario = "comes-back"
        with_actor(actor_command, kafka, lambda actor: write_and_read(actor, "theirs", "others"))
        kafka.kill()
        ours.start(["--adopt"])
        with_actor(actor_command, ours, lambda actor: goes_on(actor, "theirs", "others"))
        with_actor(actor_command, ours, lambda actor: has_read_all(actor, "ours", "readers"))
        report("ok", scenario)
    except AssertionError as problem:
        report("FAILED", scenario, str(problem))
    finally:
        kafka.remove()


def with_actor(command, broker, body):
    actor = Actor("java-3.9", [*command, broker.address, "actor"])
    try:
        body(actor)
    finally:
        actor.kill()


def read(actor, group, topic, wanted):
    """Joins, reads what is there, commits it and leaves."""
    actor.ask("join", group, topic, "-", "range", 6000)
    wait_until(lambda: sorted(actor.numbers()) == wanted, lambda: f"{len(actor.records)} records of {len(wanted)}, "
               f"{sorted(actor.numbers())[:3]}..., wanted {wanted[:3]}...", [actor])
    actor.ask("commit")
    actor.ask("leave")
    actor.clear()


def write_and_read(actor, topic, group):
    """300 records that the group has read, and 100 that it has not."""
    actor.ask("create", topic, 3)
    actor.ask("produce", topic, 0, 300, "zstd")
    read(actor, group, topic, list(range(300)))
    actor.ask("produce", topic, 300, 100, "none")


def goes_on(actor, topic, group):
    """The group reads what it has not committed, and what is written here."""
    actor.ask("produce", topic, 400, 100, "gzip")
    read(actor, group, topic, list(range(300, 500)))


def has_read_all(actor, topic, group):
    committed = sum(int(offset) for _, _, offset in actor.ask("committed", group, topic))
    assert committed == 500, f"{group} has committed {committed} of 500 records"
