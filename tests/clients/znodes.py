"""What our broker keeps as nodes in its metastore, put into a real ZooKeeper: requests of its protocol, in jute."""
import contextlib
import socket
import sqlite3
import struct

CREATE, NODE_EXISTS = 1, -110


def nodes_of(data):
    """(path, data) of all nodes that outlive a session, parents first."""
    with contextlib.closing(sqlite3.connect(f"file:{data}/metadata.db?mode=ro", uri=True)) as store:
        return store.execute("SELECT path, data FROM node WHERE ephemeral_owner = 0 ORDER BY path").fetchall()


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">i", len(value)) + value


def create_nodes(port, nodes):
    """Creates those that are not there."""
    everybody = struct.pack(">ii", 1, 31) + text("world") + text("anyone")
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        stream = connection.makefile("rwb")
        ask(stream, struct.pack(">iqiq", 0, 0, 20000, 0) + text(bytes(16)))
        for path, data in nodes:
            if path == "/":
                continue
            answer = ask(stream, struct.pack(">ii", 1, CREATE) + text(path) + text(data) + everybody + bytes(4))
            [error] = struct.unpack_from(">i", answer, 12)
            assert error in (0, NODE_EXISTS), f"ZooKeeper says {error} to {path}"


def ask(stream, body):
    stream.write(struct.pack(">i", len(body)) + body)
    stream.flush()
    [size] = struct.unpack(">i", stream.read(4))
    return stream.read(size)
