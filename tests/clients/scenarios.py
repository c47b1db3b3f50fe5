"""What every client does, written once: the scenarios lead actors, which README.md explains."""
import contextlib
import itertools
import time

from actors import Absent, Actor, wait_until

PARTITIONS = 3
COUNT = 300
CODECS = ["gzip", "snappy", "lz4", "zstd"]


class Stage:
    """A broker, a client, and a partner of another language. Actors stay on it until they are killed."""

    def __init__(self, broker, name, command, partner, prefix):
        self.broker, self.name, self.command, self.partner, self.prefix = broker, name, command, partner, prefix
        self.actors = {}
        self.scenario = None
        self.where = {}  # number: {(partition, offset)} as producers were told

    def actor(self, place="first"):
        actor = self.actors.get(place)
        if actor is None or not actor.is_alive():
            command = [*self.command_of(place), self.broker.address, "actor"]
            actor = self.actors[place] = Actor(f"{self.name} ({place})", command)
        return actor

    def command_of(self, place):
        return self.partner if place == "partner" else self.command

    def begin(self, scenario):
        """A topic and a group of the scenario's own."""
        self.where = {}
        self.name_of_scenario = f"{self.prefix}-{scenario}"
        self.actor().ask("create", self.name_of_scenario, PARTITIONS)
        return self.name_of_scenario

    def produce(self, first, count=COUNT, codec="none", actor=None):
        """Each record is acknowledged; where they lie is remembered."""
        actor = actor or self.actor()
        actor.sent.clear()
        actor.ask("produce", self.name_of_scenario, first, count, codec)
        self.remember(actor, range(first, first + count))

    def remember(self, actor, numbers):
        same(sorted(number for _, _, number in actor.sent), list(numbers), "acknowledged records")
        for partition, offset, number in actor.sent:
            self.where.setdefault(number, set()).add((partition, offset))

    def join(self, *places, instance=False, assignor="range", session_ms=30000):
        """The members of the group after they have found their partitions."""
        for place in places:
            self.actor(place).clear()
            self.actor(place).ask("join", self.name_of_scenario, self.name_of_scenario,
                                  f"instance-{place}" if instance else "-", assignor, session_ms)
        return [self.actor(place) for place in places]

    def shared(self, members):
        """Waits until each member owns something and together they own each partition once."""
        def done():
            owned = [member.owns() for member in members]
            return all(owned) and sorted(itertools.chain(*owned)) == list(range(PARTITIONS))
        wait_until(done, lambda: f"the members own {[member.owns() for member in members]}", members)

    def read(self, members, numbers):
        """Waits until the members have read these numbers; each once, where it was written, in order of offsets."""
        numbers = list(numbers)
        count = lambda: sum(len(member.records) for member in members)
        wait_until(lambda: count() >= len(numbers), lambda: f"{count()} of {len(numbers)} records were read", members)
        time.sleep(0.2)
        found = sorted(number for member in members for number in member.numbers())
        same(found, numbers, "records that were read")
        for member in members:
            self.check_places(member)

    def check_places(self, member):
        last = {}
        for partition, offset, key, number in member.records:
            if (partition, offset) not in self.where[number] or key != f"key-{number % 20}":
                raise AssertionError(f"{number} with {key} was read at {partition}:{offset}, written at "
                                     f"{self.where[number]}")
            if offset <= last.get(partition, -1):
                raise AssertionError(f"partition {partition}: {last[partition]} was read before {offset}")
            last[partition] = offset

    def leave(self, *members):
        for member in members:
            member.ask("leave")
            member.assigned = []

    def end(self):
        for actor in self.actors.values():
            with contextlib.suppress(ProcessLookupError):
                actor.kill()
        self.actors = {}


def same(found, wanted, what):
    if found != wanted:
        if isinstance(found, list) and len(found) > 8:
            missing, more = sorted(set(wanted) - set(found)), len(found) - len(set(found))
            raise AssertionError(f"{what}: {len(found)}, wanted {len(wanted)}; missing {missing[:8]}, {more} twice")
        raise AssertionError(f"{what}: found {found}, wanted {wanted}"[:600])


def produce_with_keys(stage):
    stage.produce(0)
    partition_of = {}
    for number, places in stage.where.items():
        [(partition, _)] = places
        same(partition_of.setdefault(number % 20, partition), partition, f"the partition of key {number % 20}")
    same(len(set(partition_of.values())), PARTITIONS, "partitions with keys")
    for partition in range(PARTITIONS):
        offsets = sorted(offset for [(p, offset)] in stage.where.values() if p == partition)
        same(offsets, list(range(len(offsets))), f"offsets of partition {partition}")


def compressions(stage):
    [member] = stage.join("first")
    absent = []
    for number, codec in enumerate(CODECS):
        try:
            stage.produce(1000 * number, codec=codec)
        except Absent:
            absent.append(codec)
    stage.read([member], sorted(stage.where))
    stage.leave(member)
    return f"not {', '.join(absent)}" if absent else ""


def group_consumes(stage):
    stage.produce(0)
    [member] = stage.join("first")
    stage.read([member], range(COUNT))
    member.ask("commit")
    stage.leave(member)
    stage.produce(COUNT, 30)
    [member] = stage.join("first")
    stage.read([member], range(COUNT, COUNT + 30))
    stage.leave(member)


def two_share(stage, assignor="range", other="second"):
    members = stage.join("first", other, assignor=assignor)
    stage.shared(members)
    stage.produce(0)
    stage.read(members, range(COUNT))
    stage.leave(*members)


def third_joins(stage):
    members = stage.join("first", "second")
    stage.shared(members)
    stage.produce(0)
    stage.read(members, range(COUNT))
    for member in members:
        member.ask("commit")
    members += stage.join("third")
    stage.shared(members)
    stage.produce(COUNT)
    stage.read(members, range(2 * COUNT))
    for member in members:
        member.ask("commit")
    stage.leave(members.pop())
    for member in members:
        member.clear()
    stage.shared(members)
    stage.produce(2 * COUNT)
    stage.read(members, range(2 * COUNT, 3 * COUNT))
    stage.leave(*members)


def member_killed(stage):
    """What the dead member had committed is not read again; what it had read only, is."""
    members = stage.join("first", "second", session_ms=6000)
    stage.shared(members)
    first, second = members
    stage.produce(0)
    stage.read(members, range(COUNT))
    for member in members:
        member.ask("commit")
        member.clear()
    stage.produce(COUNT, 30)
    stage.read(members, range(COUNT, COUNT + 30))
    again = second.numbers()
    second.kill()
    stage.produce(COUNT + 30, 30)
    wait_until(lambda: first.owns() == set(range(PARTITIONS)), lambda: f"the other owns {first.owns()}", [first])
    wanted = set(range(COUNT, COUNT + 60))
    wait_until(lambda: set(first.numbers()) >= set(again) | set(range(COUNT + 30, COUNT + 60)),
               lambda: f"only {len(first.records)} records were read", [first])
    same(set(first.numbers()) <= wanted, True, "nothing that was committed is read again")
    stage.leave(first)


def static_member_restarts(stage):
    members = stage.join("first", "second", instance=True)
    stage.shared(members)
    first, second = members
    stage.produce(0)
    stage.read(members, range(COUNT))
    for member in members:
        member.ask("commit")
        member.clear()
    owned, seen = second.owns(), len(first.assigned)
    second.kill()
    stage.produce(COUNT)
    [second] = stage.join("second", instance=True)
    wait_until(lambda: second.owns() == owned, lambda: f"it owned {owned}, now {second.owns()}", [first, second])
    stage.read([first, second], range(COUNT, 2 * COUNT))
    same(len(first.assigned), seen, "rebalances that the other member saw")
    stage.leave(second, first)


def commits(stage, command):
    """What follows the commit is read again by the next member, what was before is not."""
    stage.produce(0)
    [member] = stage.join("first")
    stage.read([member], range(COUNT))
    member.ask(command)
    stage.produce(COUNT, 50)
    stage.read([member], range(COUNT + 50))
    if command == "commit-async":
        time.sleep(0.5)  # its answer came before the broker's
    stage.leave(member)
    [member] = stage.join("first")
    stage.read([member], range(COUNT, COUNT + 50))
    stage.leave(member)


def seek(stage):
    stage.produce(0)
    [member] = stage.join("first")
    stage.read([member], range(COUNT))
    last = {partition: offset for partition, offset, _, _ in member.records}
    for partition, offset in ((0, 5), (1, 0), (2, last[2])):
        member.clear()
        member.ask("seek", partition, offset)
        wanted = [(partition, n) for n in range(offset, last[partition] + 1)]
        wait_until(lambda: len(member.records) >= len(wanted), lambda: f"{len(member.records)} records", [member])
        same([record[:2] for record in member.records], wanted, "records after the seek")
        stage.check_places(member)
    stage.leave(member)


def pause(stage):
    [member] = stage.join("first")
    stage.produce(0)
    stage.read([member], range(COUNT))
    member.ask("pause", 1)
    time.sleep(0.3)
    member.clear()
    stage.produce(COUNT)
    others = [n for n in range(COUNT, 2 * COUNT) if next(iter(stage.where[n]))[0] != 1]
    time.sleep(0.5)
    stage.read([member], others)
    member.ask("resume", 1)
    stage.read([member], range(COUNT, 2 * COUNT))
    stage.leave(member)


def admin_of_groups(stage):
    group = topic = stage.name_of_scenario
    [member] = stage.join("first")
    stage.produce(0)
    stage.read([member], range(COUNT))
    member.ask("commit")
    other = stage.actor("second")
    absent = []

    def ask(*words, wanted=None):
        try:
            found = other.ask(*words)
        except Absent:
            absent.append(words[0])
            return
        if wanted is not None and wanted not in found:
            raise AssertionError(f"{words}: {wanted} is not in {found[:20]}")

    ask("groups", wanted=["group", group])
    ask("describe", group, wanted=["state", "STABLE", "1"])
    ends = {partition: str(offset + 1) for partition, offset, _, _ in member.records}
    for partition, end in ends.items():
        ask("committed", group, topic, wanted=["committed", str(partition), end])
    stage.leave(member)
    ask("describe", group, wanted=["state", "EMPTY", "0"])
    ask("delete-group", group)
    if "delete-group" not in absent and "groups" not in absent:
        same(["group", group] in other.ask("groups"), False, "the group is still listed")
    return f"not {', '.join(sorted(set(absent)))}" if absent else ""


def wrong_topic(stage):
    """An illegal name is refused, and the client goes on with others."""
    actor = stage.actor()
    try:
        actor.ask("produce", "no/topic", 0, 1, "none")
    except AssertionError as expected:
        if not actor.is_alive() or "no answer" in str(expected):
            raise
        note = str(expected).split(": ", 2)[2][:60]
    else:
        raise AssertionError("a topic with a slash in its name was written to")
    stage.produce(0)
    return note


def broker_killed(stage):
    """Under a producer and a member: what was acknowledged is read, and what was committed is not read again."""
    writer, [member] = stage.actor("writer"), stage.join("first")
    stage.produce(0, actor=writer)
    stage.read([member], range(COUNT))
    member.ask("commit")
    member.clear()
    count = 3000
    words = ("produce", stage.name_of_scenario, COUNT, count, "none")
    writer.sent.clear()
    writer.tell(*words)
    wait_until(lambda: writer.sent, lambda: "nothing was acknowledged", [writer])
    stage.broker.kill()
    time.sleep(0.2)
    stage.broker.start()
    writer.answer(words)
    stage.remember(writer, range(COUNT, COUNT + count))
    everything = set(range(COUNT, COUNT + count))
    wait_until(lambda: set(member.numbers()) >= everything,
               lambda: f"{len(set(member.numbers()))} of {count} were read", [member, writer])
    again = set(member.numbers()) - everything
    same(again, set(), "records that were committed and read again")
    wait_until(lambda: all_committed(stage, member), lambda: "it could not commit all that it read", [member])
    stage.leave(member)
    [member] = stage.join("first")
    stage.produce(COUNT + count, 30, actor=writer)
    wanted = set(range(COUNT + count, COUNT + count + 30))
    wait_until(lambda: set(member.numbers()) >= wanted, lambda: f"{len(member.records)} records were read", [member])
    same(set(member.numbers()), wanted, "records after the restart")
    stage.leave(member)


def all_committed(stage, member):
    """Whether a commit of the last offset of each partition was taken; a rebalance may be in its way."""
    ends = {}
    for places in stage.where.values():
        for partition, offset in places:
            ends[partition] = max(ends.get(partition, 0), offset + 1)
    with contextlib.suppress(AssertionError):
        return {int(p): int(at) for _, p, at in member.ask("commit")} == ends
    return False


SCENARIOS = {
    "produce-with-keys": produce_with_keys,
    "compressions": compressions,
    "group-consumes": group_consumes,
    "two-share": two_share,
    "two-share-cooperatively": lambda stage: two_share(stage, "cooperative-sticky"),
    "two-languages-share": lambda stage: two_share(stage, other="partner"),
    "third-joins": third_joins,
    "member-killed": member_killed,
    "static-member-restarts": static_member_restarts,
    "commits": lambda stage: commits(stage, "commit"),
    "commits-asynchronously": lambda stage: commits(stage, "commit-async"),
    "seeks": seek,
    "pauses": pause,
    "admin-of-groups": admin_of_groups,
    "wrong-topic": wrong_topic,
    "broker-killed": broker_killed,
}
