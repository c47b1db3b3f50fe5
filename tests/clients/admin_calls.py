"""Each call of the client library's admin client, against our broker and against Apache Kafka: docs/admin.md."""
import subprocess

from apache_kafka import Kafka
from broker import PROGRAM
from clients import JAVA_VERSIONS, java_folder

LONGEST_SECONDS = 300
# An authorizer that allows everything, and what delegation tokens need.
SETTINGS = {"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS", "delegation.token.secret.key": "castle"}
# What a broker serves in part.
REFUSED = {"library-admin-ours": {"alter_configs (client_metrics)", "fence_producers", "describe_transactions"},
           "library-admin-3.9": {"alter_configs (group)"}, "library-admin-4.3": set()}
HEAD = """# The admin client's calls and who serves them

Written by `tests/clients/run --admin-table docs/admin.md`: `tests/process/client_admin.cpp` makes each call once
against our broker, Apache Kafka 3.9 and 4.3 without ZooKeeper, and looks at what comes of it. ✓ it does what it
should (that is an error where a call asks for what is wrong), – the broker does not serve the call, · it serves it but
not this; the broker's words are below.

"""


def run_calls(name, address, prefix, report):
    program = PROGRAM.rsplit("/apps/", 1)[0] + "/tests/process/client_admin"
    done = subprocess.run([program, address, prefix], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=LONGEST_SECONDS)
    if done.returncode != 0:
        report("FAILED", "to its end", done.stderr[-1500:])
    for line in done.stdout.splitlines():
        if line.endswith(" ok"):
            report("ok", line[:-3])
        elif " unsupported: " in line:
            report("skipped", *line.split(" unsupported: ", 1))
        else:
            call, _, why = line.partition(" refused: ")
            report("absent" if call in REFUSED[name] else "FAILED", call, why)


def ours(broker, prefix, report):
    run_calls("library-admin-ours", broker.address, prefix, report)


def of_apache(release, prepare):
    """A job with a broker of its own in place of the one that it is given."""
    def body(_, prefix, report):
        prepare(lambda: java_folder(release))
        node = Kafka(release, SETTINGS)
        try:
            node.start()
            run_calls(f"library-admin-{release}", node.address, prefix, report)
        finally:
            node.remove()
    return body


def jobs(prepare):
    kafkas = {f"library-admin-{release}": of_apache(release, prepare) for release in JAVA_VERSIONS}
    return {"library-admin-ours": ours} | kafkas
