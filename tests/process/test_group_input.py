"""What members of a group should not do: each has Kafka's error, and other groups do not notice."""
import contextlib
import time

import group_wire as groups
from broker import BrokerTest
from wire import Connection

NONE, UNKNOWN_TOPIC, OFFSET_METADATA_TOO_LARGE, ILLEGAL_GENERATION, INCONSISTENT_PROTOCOL = 0, 3, 12, 22, 23
INVALID_GROUP_ID, UNKNOWN_MEMBER, INVALID_SESSION_TIMEOUT, REBALANCE_IN_PROGRESS = 24, 25, 26, 27
UNKNOWN_SERVER_ERROR = -1


class GroupInputTest(BrokerTest):
    settings = {"group.initial.rebalance.delay.ms": 0, "offsets.topic.num.partitions": 1}

    def setUp(self):
        super().setUp()
        self.group = self.topic + "-group"
        self.connection = self.connect()
        until = time.monotonic() + 20
        while self.ask(groups.find_coordinator(self.group))[:2] != b"\0\0":
            self.assertLess(time.monotonic(), until, "no coordinator")
            time.sleep(0.05)
        while groups.error_of(self.ask(groups.heartbeat("nobody", 1, "m"))) != UNKNOWN_MEMBER:
            time.sleep(0.05)
        self.connection.create_error(self.topic)

    def connect(self):
        connection = Connection(self.broker.port)
        self.addCleanup(connection.socket.close)
        return connection

    def ask(self, frame):
        return self.connection.ask(frame)

    def member(self):
        """A stable group of one: (generation, member id)."""
        error, generation, _, member, _ = groups.joined(self.ask(groups.join(self.group)))
        self.assertEqual(error, NONE)
        self.assertEqual(groups.error_of(self.ask(groups.sync(self.group, generation, member, {member: b"all"}))), NONE)
        return generation, member

    def wait_for_members(self, count):
        until = time.monotonic() + 20
        while groups.described(self.ask(groups.describe(self.group)))[1] != count:
            self.assertLess(time.monotonic(), until)
            time.sleep(0.01)

    def commit(self, offset, **more):
        return groups.committed_error(self.ask(groups.commit(self.group, self.topic, offset, **more)))

    def test_unknown_groups_and_members(self):
        self.assertEqual(self.commit(1, generation=5, member="m"), ILLEGAL_GENERATION)
        self.assertEqual(groups.error_of(self.ask(groups.heartbeat(self.group, 1, "m"))), UNKNOWN_MEMBER)
        self.assertEqual(groups.error_of(self.ask(groups.sync(self.group, 1, "m"))), UNKNOWN_MEMBER)
        self.assertEqual(groups.error_of(self.ask(groups.leave(self.group, "m"))), UNKNOWN_MEMBER)
        self.assertEqual(groups.joined(self.ask(groups.join(self.group, "m")))[0], UNKNOWN_MEMBER)
        self.assertEqual(groups.joined(self.ask(groups.join("")))[0], INVALID_GROUP_ID)
        self.assertEqual(groups.joined(self.ask(groups.join(self.group, session_ms=1)))[0], INVALID_SESSION_TIMEOUT)
        self.assertEqual(groups.joined(self.ask(groups.join(self.group, protocols=())))[0], INCONSISTENT_PROTOCOL)
        self.assertEqual(groups.fetched(self.ask(groups.fetch(self.group, self.topic))), (-1, NONE))

    def test_old_generations_and_strangers(self):
        generation, member = self.member()
        self.assertEqual(self.commit(5, generation=generation, member=member), NONE)
        self.assertEqual(self.commit(6, generation=generation - 1, member=member), ILLEGAL_GENERATION)
        self.assertEqual(self.commit(6, generation=generation, member="stranger"), UNKNOWN_MEMBER)
        self.assertEqual(self.commit(6), UNKNOWN_MEMBER)
        self.assertEqual(groups.error_of(self.ask(groups.heartbeat(self.group, generation + 1, member))),
                         ILLEGAL_GENERATION)
        self.assertEqual(groups.fetched(self.ask(groups.fetch(self.group, self.topic))), (5, NONE))

    def test_strange_offsets_and_metadata(self):
        self.assertEqual(self.commit(-5), NONE)
        self.assertEqual(groups.fetched(self.ask(groups.fetch(self.group, self.topic))), (-5, NONE))
        self.assertEqual(self.commit(7, metadata="x" * 4096), NONE)
        self.assertEqual(self.commit(8, metadata="x" * 4097), OFFSET_METADATA_TOO_LARGE)
        self.assertEqual(groups.fetched(self.ask(groups.fetch(self.group, self.topic))), (7, NONE))

    def test_a_commit_for_a_topic_that_is_not_there(self):
        answer = self.ask(groups.commit(self.group, self.topic + "-gone", 1))
        self.assertEqual(groups.committed_error(answer), UNKNOWN_TOPIC)

    def test_an_assignment_of_10_mb(self):
        other = self.member()
        group, self.group = self.group, self.group + "-large"
        error, generation, _, member, _ = groups.joined(self.ask(groups.join(self.group)))
        answer = self.ask(groups.sync(self.group, generation, member, {member: b"x" * 10_000_000}))
        self.assertEqual(groups.error_of(answer), UNKNOWN_SERVER_ERROR)
        self.assertEqual(groups.error_of(self.ask(groups.heartbeat(group, *other))), NONE)
        again = groups.joined(self.ask(groups.join(self.group, member)))
        self.assertEqual(again[:2], (NONE, generation + 1))
        self.assertEqual(groups.error_of(self.ask(groups.sync(self.group, again[1], member, {member: b"x"}))), NONE)

    def test_a_leader_that_never_sends_its_assignment(self):
        first = groups.joined(self.ask(groups.join(self.group, rebalance_ms=2_000)))
        follower = self.connect()
        follower.send(groups.join(self.group, rebalance_ms=2_000))
        self.wait_for_members(2)
        second = groups.joined(self.ask(groups.join(self.group, first[3], rebalance_ms=2_000)))
        waiting = groups.joined(follower.receive())
        self.assertEqual((second[1], waiting[1]), (2, 2))
        leader = second[2]
        follows = waiting[3] if leader != waiting[3] else second[3]
        began = time.monotonic()
        self.assertEqual(groups.error_of(follower.ask(groups.sync(self.group, 2, follows))), REBALANCE_IN_PROGRESS)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(groups.error_of(self.ask(groups.heartbeat(self.group, 2, leader))), UNKNOWN_MEMBER)
        alone = groups.joined(follower.ask(groups.join(self.group, follows)))
        self.assertEqual((alone[0], alone[2]), (NONE, follows))

    def test_a_member_that_joins_and_leaves_in_a_loop(self):
        other = self.member()
        loop = self.group + "-loop"
        for _ in range(200):
            error, _, _, member, _ = groups.joined(self.ask(groups.join(loop)))
            self.assertEqual(error, NONE)
            self.assertEqual(groups.error_of(self.ask(groups.leave(loop, member))), NONE)
        self.assertEqual(groups.error_of(self.ask(groups.heartbeat(self.group, *other))), NONE)

    def test_a_connection_that_closes_while_it_waits_does_not_hold_anything(self):
        generation, member = self.member()
        for _ in range(100):
            with contextlib.closing(self.connect().socket) as waiting:
                waiting.sendall(groups.join(self.group))
        self.assertEqual(groups.error_of(self.ask(groups.heartbeat(self.group, generation, member))),
                         REBALANCE_IN_PROGRESS)

    def test_500_members_join_one_group(self):
        first = groups.joined(self.ask(groups.join(self.group)))
        members = [self.connect() for _ in range(499)]
        began = time.monotonic()
        for each in members:
            each.send(groups.join(self.group))
        self.wait_for_members(500)
        leader = groups.joined(self.ask(groups.join(self.group, first[3])))
        answers = [groups.joined(each.receive()) for each in members]
        seconds = time.monotonic() - began
        self.assertEqual({answer[:2] for answer in answers}, {(NONE, leader[1])})
        self.assertEqual(sum(answer[4] for answer in answers) + leader[4], 500)
        self.assertLess(seconds, 10)
        self.figure(f"{seconds:.2f} s")

    def test_10000_heartbeats_of_1000_groups(self):
        self.own_process()
        alive = []
        for n in range(1000):
            name = f"{self.group}-{n}"
            _, generation, _, member, _ = groups.joined(self.ask(groups.join(name, session_ms=60_000)))
            self.connection.send(groups.sync(name, generation, member, {member: b"x" * 100}))
            self.assertEqual(groups.error_of(self.connection.receive()), NONE)
            alive.append((name, generation, member))
        before = self.broker.cpu_seconds()
        frames = [groups.heartbeat(*each) for each in alive]
        for _ in range(10):
            for at in range(0, len(frames), 50):
                self.connection.send(b"".join(frames[at:at + 50]))
                for _ in range(50):
                    self.assertEqual(groups.error_of(self.connection.receive()), NONE)
        used = self.broker.cpu_seconds() - before
        self.figure(f"{used:.2f} CPU-seconds, {self.broker.resident_bytes() >> 20} MiB")
        self.assertLess(used, 2)
