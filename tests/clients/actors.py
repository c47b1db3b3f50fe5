"""Clients as actors: processes that do what lines on their standard input say. README.md has the vocabulary."""
import queue
import subprocess
import threading
import time

LONGEST_SECONDS = 120


class Absent(Exception):
    """The client's library has no call for it."""


class Actor:
    """One process. records, sent and assigned are what it has said since clear()."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, errors="replace", bufsize=1)
        self.answers = queue.Queue()
        self.records = []    # (partition, offset, key, number)
        self.sent = []       # (partition, offset, number)
        self.assigned = []   # sets of partitions, the last is what it owns
        self.trouble = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            kind, *words = line.split()[:600] or [""]
            if kind == "record":
                self.records.append((int(words[0]), int(words[1]), words[2], int(words[3])))
            elif kind == "sent":
                self.sent.append(tuple(map(int, words)))
            elif kind == "assigned":
                self.assigned.append(set(map(int, words)))
            elif kind == "trouble":
                self.trouble.append(" ".join(words))
            elif kind:
                self.answers.put([kind, *words])
        self.answers.put(["failed", "its process ended"])

    def ask(self, *words):
        """Answers of a command, as lists of words; a failed one is an AssertionError."""
        self.tell(*words)
        return self.answer(words)

    def tell(self, *words):
        try:
            self.process.stdin.write(" ".join(map(str, words)) + "\n")
        except OSError:
            pass  # its end is what answer() will see

    def answer(self, words):
        found, until = [], time.monotonic() + LONGEST_SECONDS
        while True:
            try:
                answer = self.answers.get(timeout=max(0, until - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"{self.name}: no answer to {words} for {LONGEST_SECONDS} s") from None
            if answer[0] == "done":
                return found
            if answer[0] == "absent":
                raise Absent("its library has no call for it")
            if answer[0] == "failed":
                raise AssertionError(f"{self.name}: {' '.join(map(str, words))}: {' '.join(answer[1:])}")
            found.append(answer)

    def clear(self):
        self.records, self.sent, self.trouble = [], [], []

    def owns(self):
        return self.assigned[-1] if self.assigned else set()

    def numbers(self):
        return [number for _, _, _, number in self.records]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.assigned = []

    def is_alive(self):
        return self.process.poll() is None


def wait_until(condition, what, actors, seconds=40):
    """what: a function that says what is there instead."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            said = [line for actor in actors for line in actor.trouble[-3:]]
            raise AssertionError(f"after {seconds} s: {what()}" + (f"; they said: {said}" if said else ""))
        for actor in actors:
            if not actor.is_alive():
                raise AssertionError(f"{actor.name}: its process ended")
        time.sleep(0.01)
