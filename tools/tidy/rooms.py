"""Includes against the table of rooms: downward only, and never into another room's detail/."""
import re

from source import Finding

OUTER = {"apps", "bench", "tests", "include"}


def read_table(path):
    """{room: the rooms it may include}, itself among them."""
    table = {}
    for line in path.read_text().splitlines():
        match = re.match(r"^([a-z]+):(.*)$", line)
        if match:
            table[match.group(1)] = {match.group(1), *match.group(2).split()}
    return table


def check_table(table):
    """A room may include only rooms above it in the table, so that there is no circle."""
    known = set()
    for number, (room, allowed) in enumerate(table.items(), 1):
        known.add(room)
        for other in sorted(allowed - known):
            yield Finding("src/rooms.txt", number, f"{room} includes {other}, which stands below it in the table")


def check_includes(sources, table):
    for source in sources:
        if not source.is_cpp or not source.path.startswith(("src/", "apps/", "bench/", "tests/")):
            continue
        if source.path.startswith("src/") and source.room not in table:
            yield Finding(source.path, 1, f"the room {source.room} is not in src/rooms.txt")
            continue
        for line, bracket, included in source.includes():
            if bracket == '"':
                yield from _one_include(source, line, included, table)


def _one_include(source, line, included, table):
    parts = included.split("/")
    if included.startswith(".."):
        yield Finding(source.path, line, f'"{included}": name files from src/ on, not relative to this one')
        return
    if parts[0] not in table:
        if len(parts) > 1 and source.path.startswith("src/"):
            yield Finding(source.path, line, f'"{included}": there is no room {parts[0]} in src/rooms.txt')
        return
    if source.path.startswith("src/") and parts[0] not in table[source.room]:
        allowed = " ".join(sorted(table[source.room]))
        yield Finding(source.path, line,
                      f'"{included}": {source.room} may include only: {allowed} (src/rooms.txt)')
    if "detail" in parts[1:] and parts[0] != source.room:
        yield Finding(source.path, line, f'"{included}": detail/ belongs to the room {parts[0]} alone')
