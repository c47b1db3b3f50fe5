"""Lines and counts of a run, and the table that docs/clients.md shows."""
import threading

MARKS = {"ok": "✓", "FAILED": "✗", "skipped": "–", "absent": "·", "left out": "·"}
HEAD = """# Clients and what passes with them

Written by `tests/clients/run --table docs/clients.md`; `tests/clients/README.md` says what each scenario does.
✓ passes, ✗ fails, – was skipped, · the client's library has no call for it. Reasons are below the tables.
"""


class Tally:
    """Used by all jobs at once."""

    def __init__(self):
        self.counts = {"ok": 0, "FAILED": 0, "skipped": 0, "absent": 0}
        self.cells = {}  # (client, scenario): (outcome, note)
        self.lock = threading.Lock()

    def line(self, outcome, client, scenario, note=""):
        note = " | ".join(note.split("\n"))[:1500]
        with self.lock:
            self.counts[outcome] += 1
            self.cells[client, scenario] = outcome, note
        self.say(f"{outcome:7} {client} {scenario} {note}".rstrip())

    def say(self, text):
        with self.lock:
            print(text, flush=True)

    def counted(self):
        return f"{self.counts['ok']} passed, {self.counts['FAILED']} failed, {self.counts['skipped']} skipped"

    def markdown(self, names):
        names = [name for name in names if not name.startswith("library-admin-")]
        programs = ("tools-", "library-", "connect-", "streams-", "mixed-", "directory-")
        clients = [name for name in names if not name.startswith(programs)]
        others = [name for name in names if name not in clients]
        text = HEAD + "\n## Clients\n\n" + self._grid(clients)
        text += "\n## Apache Kafka's tools, Streams and Connect, and our data directory in it\n\n"
        return text + self._grid(others) + self._reasons(names)

    def markdown_of_calls(self, head):
        names = list(dict.fromkeys(name for name, _ in self.cells if name.startswith("library-admin-")))
        return head + self._grid(names, "call") + self._reasons(names)

    def _reasons(self, names):
        reasons = {}
        for (client, scenario), (outcome, note) in self.cells.items():
            if client in names and (outcome != "ok" or note.startswith("not ")):
                reasons.setdefault((scenario, note[:300]), []).append(client)
        return "\n## Reasons\n\n" + "".join(f"- {scenario}, {', '.join(some)}: {note}\n"
                                             for (scenario, note), some in reasons.items())

    def _grid(self, names, what="scenario"):
        scenarios = list(dict.fromkeys(scenario for name in names for client, scenario in self.cells if client == name))
        rows = [[what, *names], ["---"] + [":-:"] * len(names)]
        for scenario in scenarios:
            rows.append([scenario, *(self._mark(name, scenario) for name in names)])
        return "".join("| " + " | ".join(row) + " |\n" for row in rows)

    def _mark(self, name, scenario):
        cell = self.cells.get((name, scenario)) or self.cells.get((name, "all"))
        return MARKS[cell[0]] if cell else ""
