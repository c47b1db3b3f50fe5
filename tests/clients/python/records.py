"""The records every client of this folder writes, and the lines their programs print."""
import sys
import time

COUNT = 3000
FIRST_MS = int(time.time() * 1000) - 100_000
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def record(n, null_headers=False):
    """(key, value, headers, timestamp in ms): null keys, null and empty values, headers, times 10 ms apart."""
    key = None if n % 5 == 0 else b"key-%d" % n
    value = None if n % 7 == 0 and key else b"" if n % 11 == 0 else b"value-%d " % n * (n % 40 + 1)
    headers = [("n", b"%d" % n), ("n", b"again"), ("empty", b"")] if n % 3 == 0 else []
    if headers and null_headers:
        headers.append(("null", None))
    return key, value, headers, FIRST_MS + 10 * n


def same(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: found {found!r}, wanted {wanted!r}")


def run(scenarios):
    """scenarios: {name: function of a topic}; the arguments of the program are HOST:PORT PREFIX."""
    failed = False
    for name, body in scenarios.items():
        try:
            body(f"{sys.argv[2]}-{name}")
            print(f"ok {name}", flush=True)
        except Exception as problem:  # whatever a client's library raises is this scenario's failure
            failed = True
            print(f"FAILED {name} {type(problem).__name__}: {str(problem)[:500]}", flush=True)
    sys.exit(failed)
