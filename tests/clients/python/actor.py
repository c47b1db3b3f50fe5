"""What the actors in Python share: lines from standard input say what to do, lines on standard output what came of it.
README.md has the vocabulary. A client's actor is a subclass with one method a command; one that its library has no call
for is left out, and answered with `absent`."""
import queue
import sys
import threading


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")  # at once: callbacks run on other threads
    sys.stdout.flush()


def record(n):
    """(key, value) of the n-th record."""
    return b"key-%d" % (n % 20), b"%d" % n


class Actor:
    def __init__(self, servers):
        self.servers = servers
        self.consumer = None
        self.owned = set()
        self.positions = {}  # partition: the offset behind the last record that was said

    def poll(self):
        """Records as (partition, offset, key, value), of at most a tenth of a second."""
        raise NotImplementedError

    def assigned(self, partitions):
        self.owned = set(partitions)
        self.positions = {partition: at for partition, at in self.positions.items() if partition in self.owned}
        say("assigned", *sorted(self.owned))

    def left(self):
        self.consumer, self.owned, self.positions = None, set(), {}

    def said_positions(self):
        """What a commit is of."""
        for partition, at in self.positions.items():
            say("position", partition, at)
        return self.positions.items()

    def say_records(self):
        for partition, offset, key, value in self.poll():
            self.positions[partition] = offset + 1
            say("record", partition, offset, key.decode(), value.decode())

    def obey(self, line):
        name, *words = line.split()
        method = getattr(self, "do_" + name.replace("-", "_"), None)
        if method is None:
            say("absent")
            return
        try:
            method(*(int(word) if word.isdigit() else None if word == "-" else word for word in words))
            say("done")
        except NotImplementedError:
            say("absent")
        except Exception as problem:  # whatever a library raises is the answer to the command
            say("failed", type(problem).__name__, " ".join(str(problem).split())[:500])

    def run(self):
        commands = queue.Queue()

        def listen():
            for line in sys.stdin:
                commands.put(line)
            commands.put(None)

        threading.Thread(target=listen, daemon=True).start()
        while True:
            try:
                line = commands.get(block=self.consumer is None)
            except queue.Empty:
                try:
                    self.say_records()
                except Exception as problem:  # a library's trouble while reading belongs to the conversation
                    say("trouble", type(problem).__name__, " ".join(str(problem).split())[:500])
                continue
            if line is None:
                return
            self.obey(line)
