"""Groups with members of three clients: ours, Apache's in Java and librdkafka, each in turn the leader."""
import contextlib

from fetch import NotFetched
from scenarios import COUNT, Stage

# What each strategy's members are; librdkafka has no sticky one.
MEMBERS = {"range": ["barnabas", "java-4.3", "python-confluent"],
           "roundrobin": ["barnabas", "java-4.3", "python-confluent"],
           "sticky": ["barnabas", "java-4.3"],
           "cooperative-sticky": ["barnabas", "java-4.3", "python-confluent"]}


class MixedStage(Stage):
    """A place has the name of its client."""

    def __init__(self, broker, commands, prefix):
        super().__init__(broker, "mixed", None, None, prefix)
        self.commands = commands

    def command_of(self, place):
        return self.commands[place]

    def actor(self, place="barnabas"):
        return super().actor(place)


def share_and_leave(stage, assignor, places):
    """They come one after the other and go one after the other, the leader first; every record is read once."""
    members = []
    for place in places:
        members += stage.join(place, assignor=assignor)
        stage.shared(members)
    first = 0
    while members:
        stage.produce(first)
        stage.read(members, range(first, first + COUNT))
        for member in members:
            member.ask("commit")
        stage.leave(members.pop(0))
        for member in members:
            member.clear()
        if members:
            stage.shared(members)
        first += COUNT


def run(prepare, broker, prefix, report):
    """prepare: gives a client's actor by its name."""
    commands = {}
    for place in {place for places in MEMBERS.values() for place in places}:
        with contextlib.suppress(NotFetched):
            commands[place] = prepare(place)
    stage = MixedStage(broker, commands, prefix)
    for assignor, places in MEMBERS.items():
        for turn, leader in enumerate(places):
            name = f"{assignor}-led-by-{leader}"
            if not set(places) <= set(commands):
                report("skipped", name, "a client could not be fetched")
                continue
            try:
                stage.begin(name)
                share_and_leave(stage, assignor, places[turn:] + places[:turn])
                report("ok", name)
            except AssertionError as problem:
                report("FAILED", name, str(problem))
                stage.end()
    stage.end()
