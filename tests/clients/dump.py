"""Apache Kafka's dump tool over the folders that the broker wrote."""
import re
import subprocess

from tools import run_alone


def check_folders(folder, release, brokers):
    """(outcome, note) of the tool over every segment and index of stopped brokers."""
    try:
        counts = [dump(folder, release, broker.folder / "data") for broker in brokers]
    except (AssertionError, subprocess.TimeoutExpired) as problem:
        return "FAILED", str(problem)
    files, batches = map(sum, zip(*counts))
    if batches == 0:
        return "FAILED", "the brokers left no batch behind"
    return "ok", f"{files} files, {batches} batches"


def dump(folder, release, data, check=None):
    """(files, batches) that the tool read; what it or we find wrong is an AssertionError.
    check: how many batches there are in the tool's output, for folders where their offsets do not follow each other."""
    files = [path for suffix in ("log", "index", "timeindex", "snapshot")
             for path in sorted(data.glob(f"*-*/*.{suffix}"))
             if path.stat().st_size > 0 and not path.parent.name.endswith("-delete")]
    batches = 0
    for first in range(0, len(files), 100):
        some = ",".join(map(str, files[first:first + 100]))
        options = ["--deep-iteration", "--print-data-log"] if check else ["--deep-iteration"]
        code, out, err = run_alone(folder, release, "dump-log", [*options, "--files", some])
        if code != 0:
            raise AssertionError(f"the tool ended with {code}: {err[-1000:]}")
        batches += (check or check_batches)(out)
        # The tool of 4.3 calls a segment that does not start at offset 0 non-consecutive; check_batches knows better.
        wrong = re.findall(r"^.*(?:mismatch|corrupt|isvalid: false|not in order|Could not|ERROR).*$", out + err,
                           re.IGNORECASE | re.MULTILINE)
        if wrong:
            raise AssertionError(f"{len(wrong)} complaints: " + " | ".join(wrong[:5]))
    return len(files), batches


def check_batches(dumped):
    """Offsets of a partition's batches follow each other; returns how many batches there are."""
    batches, partition, expected = 0, None, None
    for line in dumped.splitlines():
        if line.startswith("Dumping "):
            folder = line.split("/")[-2]
            expected = expected if folder == partition and line.endswith(".log") else None
            partition = folder
        elif match := re.match(r"baseOffset: (\d+) lastOffset: (\d+) ", line):
            batches += 1
            if expected not in (None, int(match.group(1))):
                raise AssertionError(f"{partition}: offset {expected} is followed by {match.group(1)}")
            expected = int(match.group(2)) + 1
    return batches
