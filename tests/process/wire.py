"""Just enough of the protocol to send what no client would: frames, a few requests, and batches byte by byte."""
import socket
import struct
import time

PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS, CREATE_TOPICS = 0, 1, 2, 3, 18, 19
DESCRIBE_QUOTAS, ALTER_QUOTAS = 48, 49


def _crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def string(text):
    data = text.encode()
    return struct.pack(">h", len(data)) + data


def varint(value):
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append(0x80 | (value & 0x7F))
        value >>= 7
    out.append(value)
    return bytes(out)


def record(value, delta=0, key=None):
    body = b"\0" + varint(0) + varint(delta)
    body += varint(-1) if key is None else varint(len(key)) + key
    body += varint(-1) if value is None else varint(len(value)) + value
    body += varint(0)
    return varint(len(body)) + body


def batch(values, magic=2, crc=None, count=None, last_delta=None, attributes=0, length=None, body=None,
          producer=(-1, -1, -1)):
    """A batch of version 2; each argument after values replaces what would be true."""
    records = body if body is not None else b"".join(record(v, i) for i, v in enumerate(values))
    count = len(values) if count is None else count
    last_delta = len(values) - 1 if last_delta is None else last_delta
    now = int(time.time() * 1000)
    covered = struct.pack(">hiqqqhii", attributes, last_delta, now, now, *producer, count) + records
    crc = crc32c(covered) if crc is None else crc
    after_length = struct.pack(">ibI", -1, magic, crc) + covered
    return struct.pack(">qi", 0, len(after_length) if length is None else length) + after_length


def request(api, version, body, correlation=7, client="wire"):
    """A frame with a request header of version 1."""
    header = struct.pack(">hhi", api, version, correlation) + string(client)
    return struct.pack(">i", len(header) + len(body)) + header + body


def produce(topic, records, acks=-1, partition=0, version=3):
    body = struct.pack(">hhi", -1, acks, 10000) + struct.pack(">i", 1) + string(topic)
    body += struct.pack(">ii", 1, partition) + struct.pack(">i", len(records)) + records
    return request(PRODUCE, version, body)


def fetch(topic, offset=0, partition=0, max_bytes=1 << 20, max_wait_ms=500, min_bytes=1):
    body = struct.pack(">iiiib", -1, max_wait_ms, min_bytes, max_bytes, 0)
    body += struct.pack(">i", 1) + string(topic) + struct.pack(">iiqi", 1, partition, offset, max_bytes)
    return request(FETCH, 4, body)


def create_topic(name, partitions=1):
    body = struct.pack(">i", 1) + string(name) + struct.pack(">ih", partitions, 1)
    return request(CREATE_TOPICS, 2, body + struct.pack(">ii", 0, 0) + struct.pack(">ib", 10000, 0))


def alter_quota(entity, key, value):
    """entity: {"user": name, ...}, a name of None for the default; a value of None removes the quota."""
    body = struct.pack(">ii", 1, len(entity))
    for kind, name in entity.items():
        body += string(kind) + (struct.pack(">h", -1) if name is None else string(name))
    body += struct.pack(">i", 1) + string(key) + struct.pack(">d", value or 0.0)
    return request(ALTER_QUOTAS, 0, body + (b"\1" if value is None else b"\0") + b"\0")


def describe_quotas():
    return request(DESCRIBE_QUOTAS, 0, struct.pack(">ib", 0, 0))


def metadata(topics):
    body = struct.pack(">i", len(topics)) + b"".join(string(topic) for topic in topics)
    return request(METADATA, 4, body + b"\1")


class Connection:
    def __init__(self, port, host="127.0.0.1", timeout=20):
        self.socket = socket.create_connection((host, port), timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise EOFError("the broker closed the connection")
            data += piece
        return data

    def receive(self):
        """One answer without its length and correlation id."""
        (size,) = struct.unpack(">i", self.read(4))
        return self.read(size)[4:]

    def ask(self, frame):
        self.send(frame)
        return self.receive()

    def is_closed(self, seconds=10):
        """Whether the broker closes the connection within that time."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except ConnectionError:
            return True
        except socket.timeout:
            return False

    def produce_error(self, topic, records, **options):
        """(error code, base offset) of the one partition."""
        answer = self.ask(produce(topic, records, **options))
        at = 4 + 2 + struct.unpack_from(">h", answer, 4)[0] + 4
        _, error, offset = struct.unpack_from(">ihq", answer, at)
        return error, offset

    def create_error(self, name, partitions=1):
        answer = self.ask(create_topic(name, partitions))
        at = 4 + 4
        return struct.unpack_from(">h", answer, at + 2 + struct.unpack_from(">h", answer, at)[0])[0]


def answers(host, port):
    """Whether a broker answers ApiVersions there."""
    try:
        with Connection(port, host, timeout=5) as connection:
            return len(connection.ask(request(API_VERSIONS, 0, b""))) > 6
    except (OSError, EOFError):
        return False


def serves(host, port, api):
    """Whether a broker says that it has an API."""
    with Connection(port, host, timeout=5) as connection:
        answer = connection.ask(request(API_VERSIONS, 0, b""))
    [count] = struct.unpack_from(">i", answer, 2)
    return api in [struct.unpack_from(">h", answer, 6 + 6 * n)[0] for n in range(count)]


def node_id(host, port):
    """The id of the first broker in the metadata."""
    with Connection(port, host, timeout=5) as connection:
        return struct.unpack_from(">i", connection.ask(metadata([])), 8)[0]
