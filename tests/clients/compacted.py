"""Apache Kafka's dump tool over a topic that the broker has compacted: of each key the newest record, and no other."""
import re
import time

import wire
from broker import Broker
from dump import dump

KEYS, RECORDS, BATCH = 50, 20_000, 100
SETTINGS = {"log.cleanup.policy": "compact", "log.segment.bytes": 100_000, "log.cleaner.backoff.ms": 50,
            "log.cleaner.min.cleanable.ratio": 0.01}


def key_of(number):
    return b"key-%d" % (number * 7 % KEYS if number % 10 else number)  # and some that come only once


def check_compacted(folder, release):
    """(outcome, note)"""
    broker = Broker(SETTINGS)
    try:
        broker.start()
        write(broker.port)
        cleaned = wait_until_cleaned(broker.folder / "data")
        broker.stop()
        kept = []
        dump(folder, release, broker.folder / "data", lambda dumped: note_records(dumped, kept))
        check_kept(kept, cleaned)
        return "ok", f"{len(kept)} of {RECORDS} records are left, {cleaned} were cleaned"
    except AssertionError as problem:
        return "FAILED", str(problem)
    finally:
        broker.remove()


def write(port):
    with wire.Connection(port) as connection:
        assert connection.create_error("compacted") == 0
        for first in range(0, RECORDS, BATCH):
            body = b"".join(wire.record(b"%d" % n, n - first, key_of(n)) for n in range(first, first + BATCH))
            error, offset = connection.produce_error("compacted", wire.batch([b""] * BATCH, body=body))
            assert (error, offset) == (0, first), f"offset {first}: error {error}, offset {offset}"


def wait_until_cleaned(data):
    """The first offset that was not cleaned: where the last segment begins."""
    until = time.monotonic() + 60
    while True:
        active = max(int(path.stem) for path in data.glob("compacted-0/*.log"))
        checkpoint = data / "cleaner-offset-checkpoint"
        found = re.search(r"^compacted 0 (\d+)$", checkpoint.read_text(), re.MULTILINE) if checkpoint.exists() else None
        if found and int(found.group(1)) == active:
            return active
        assert time.monotonic() < until, f"cleaned {found and found.group(1)} of {active} offsets in 60 s"
        time.sleep(0.1)


def note_records(dumped, kept):
    """Adds (offset, key) of what the tool printed; how many batches there were."""
    kept += [(int(offset), key.encode()) for offset, key in
             re.findall(r"^\| offset: (\d+) .* key: (\S+) payload: ", dumped, re.MULTILINE)]
    return len(re.findall(r"^baseOffset: ", dumped, re.MULTILINE))


def check_kept(kept, cleaned):
    newest = {key_of(n): n for n in range(cleaned)}
    wanted = sorted((offset, key) for key, offset in newest.items())
    wanted += [(n, key_of(n)) for n in range(cleaned, RECORDS)]
    assert kept == wanted, f"{len(kept)} records are left, wanted {len(wanted)}; first {kept[:3]}, wanted {wanted[:3]}"
