"""Requests of groups and offsets byte by byte, in versions before the flexible ones."""
import struct

from wire import request, string

OFFSET_COMMIT, OFFSET_FETCH, FIND_COORDINATOR, JOIN_GROUP, HEARTBEAT, LEAVE_GROUP, SYNC_GROUP = 8, 9, 10, 11, 12, 13, 14
DESCRIBE_GROUPS = 15


def data(content):
    return struct.pack(">i", len(content)) + content


def text_at(answer, at):
    """(string, the place behind it)."""
    size = struct.unpack_from(">h", answer, at)[0]
    return answer[at + 2:at + 2 + size].decode(), at + 2 + size


def find_coordinator(group):
    return request(FIND_COORDINATOR, 0, string(group))


def join(group, member="", session_ms=10_000, rebalance_ms=10_000, metadata=b"", kind="consumer", protocols=("range",)):
    """JoinGroup 3: no id is required."""
    body = string(group) + struct.pack(">ii", session_ms, rebalance_ms) + string(member) + string(kind)
    body += struct.pack(">i", len(protocols)) + b"".join(string(name) + data(metadata) for name in protocols)
    return request(JOIN_GROUP, 3, body)


def joined(answer):
    """(error, generation, leader, member id, number of members)."""
    error, generation = struct.unpack_from(">hi", answer, 4)
    _, at = text_at(answer, 10)
    leader, at = text_at(answer, at)
    member, at = text_at(answer, at)
    return error, generation, leader, member, struct.unpack_from(">i", answer, at)[0]


def sync(group, generation, member, parts=None):
    """SyncGroup 0; parts: {member id: bytes}."""
    body = string(group) + struct.pack(">i", generation) + string(member)
    body += struct.pack(">i", len(parts or {})) + b"".join(string(m) + data(p) for m, p in (parts or {}).items())
    return request(SYNC_GROUP, 0, body)


def heartbeat(group, generation, member):
    return request(HEARTBEAT, 0, string(group) + struct.pack(">i", generation) + string(member))


def leave(group, member):
    return request(LEAVE_GROUP, 0, string(group) + string(member))


def commit(group, topic, offset, partition=0, generation=-1, member="", metadata=""):
    """OffsetCommit 2 of one partition."""
    body = string(group) + struct.pack(">i", generation) + string(member) + struct.pack(">qi", -1, 1)
    body += string(topic) + struct.pack(">iiq", 1, partition, offset) + string(metadata)
    return request(OFFSET_COMMIT, 2, body)


def committed_error(answer):
    return struct.unpack(">h", answer[-2:])[0]


def fetch(group, topic, partition=0):
    """OffsetFetch 1 of one partition."""
    one_topic = struct.pack(">i", 1) + string(topic)
    return request(OFFSET_FETCH, 1, string(group) + one_topic + struct.pack(">ii", 1, partition))


def fetched(answer):
    """(offset, error)."""
    _, at = text_at(answer, 4)
    offset = struct.unpack_from(">q", answer, at + 8)[0]
    return offset, struct.unpack(">h", answer[-2:])[0]


def error_of(answer):
    """Of an answer that begins with it: HeartbeatResponse 0, SyncGroupResponse 0, LeaveGroupResponse 0."""
    return struct.unpack_from(">h", answer, 0)[0]


def describe(group):
    return request(DESCRIBE_GROUPS, 0, struct.pack(">i", 1) + string(group))


def described(answer):
    """(state, number of members)."""
    _, at = text_at(answer, 6)
    state, at = text_at(answer, at)
    _, at = text_at(answer, at)
    _, at = text_at(answer, at)
    return state, struct.unpack_from(">i", answer, at)[0]
