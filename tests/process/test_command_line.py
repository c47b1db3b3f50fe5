"""The command line against a real broker: what goes in comes out, exit codes, pipes, Ctrl-C, settings."""
import json
import os
import pathlib
import pty
import signal
import subprocess
import tempfile
import time

from broker import PROGRAM, BrokerTest, free_port


class CommandLineTest(BrokerTest):
    """Commands as a person or a script gives them: by BARNABAS_BROKERS, without a file of clusters."""

    def environment(self, **more):
        return {**os.environ, "BARNABAS_BROKERS": self.broker.address, "BARNABAS_CLUSTERS": "/nowhere", **more}

    def start(self, *arguments, **options):
        return subprocess.Popen([PROGRAM, *map(str, arguments)], env=self.environment(), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, **options)

    def run_command(self, *arguments, given=b"", code=0, **environment):
        done = subprocess.run([PROGRAM, *map(str, arguments)], input=given, capture_output=True, timeout=60,
                              env=self.environment(**environment), check=False)
        if code is not None:
            self.assertEqual(done.returncode, code, f"{arguments}:\n{done.stdout.decode()[-800:]}\n"
                                                    f"{done.stderr.decode()[-800:]}")
        return done

    def output(self, *arguments, **options):
        return self.run_command(*arguments, **options).stdout.decode()

    def rows(self, *arguments, **options):
        return [json.loads(line) for line in self.output(*arguments, "--json", **options).splitlines()]

    def errors(self, *arguments, **options):
        return self.run_command(*arguments, **options).stderr.decode()


class ProduceAndConsumeTest(CommandLineTest):
    def consume(self, *arguments, **options):
        return self.output("consume", self.topic, "-e", *arguments, **options)

    def produce(self, *arguments, **options):
        return self.output("produce", self.topic, *arguments, **options)

    def test_keys_headers_and_nulls(self):
        self.produce("-K", ":", "-Z", "-H", "from=castle", "-H", "empty=",
                     given=b"key:value\n:null key\ngone:\n")
        self.assertEqual(self.consume("-Z", "-f", "%o|%k|%K|%s|%S|%h\\n").splitlines(),
                         ["0|key|3|value|5|from=castle,empty=", "1|NULL|-1|null key|8|from=castle,empty=",
                          "2|gone|4|NULL|-1|from=castle,empty="])

    def test_kcat_and_we_understand_each_other(self):
        self.produce("-K", ":", "-z", "zstd", given=b"a:1\nb:2\n")
        done = subprocess.run(["kcat", "-b", self.broker.address, "-C", "-q", "-e", "-t", self.topic, "-o",
                               "beginning", "-f", "%k=%s\n"], capture_output=True, timeout=60, check=True)
        self.assertEqual(done.stdout, b"a=1\nb=2\n")
        self.assertEqual(self.consume("-f", "%k=%s\\n"), "a=1\nb=2\n")

    def test_json_goes_round(self):
        self.produce("-K", ":", given=b"a:\xff\xfe\nb:schlo\xc3\x9f\n")
        records = self.consume("--json")
        copy = self.topic + "-copy"
        self.run_command("produce", copy, "--json", given=records.encode())
        again = self.output("consume", copy, "-e", "--json")
        self.assertEqual(again.replace(copy, self.topic), records)
        self.assertEqual(json.loads(records.splitlines()[0])["value_base64"], "//4=")

    def test_files_and_their_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder) / name for name in "ab"]
            paths[0].write_bytes(b"1\n2\n")
            paths[1].write_bytes(b"3\n4")
            self.produce("-p", 0, *paths)
            self.produce("-p", 0, "-l", *paths)
        self.assertEqual([row["value"] for row in self.rows("consume", self.topic, "-e")],
                         ["1\n2\n", "3\n4", "1", "2", "3", "4"])

    def test_delimiters_of_several_bytes(self):
        self.produce("-D", "<>", given=b"one<>two > three<>four")
        self.assertEqual(self.consume("-D", "|"), "one|two > three|four|")

    def test_places_to_begin_and_to_end(self):
        self.produce("-p", 0, given="".join(f"{number}\n" for number in range(100)).encode())
        self.assertEqual(self.consume("-o", "-3"), "97\n98\n99\n")
        self.assertEqual(self.consume("-o", 50, "-c", 2), "50\n51\n")
        self.assertEqual(self.consume("-o", "end"), "")
        self.assertEqual(self.consume("-o", "s@1h", "-c", 1), "0\n")
        self.assertEqual(self.output("consume", self.topic, "--until", "1h"), "")
        self.assertIn("begins at 0 and ends at 100", self.errors("consume", self.topic, "-o", 101, code=1))

    def test_times_choose_records(self):
        lines = [json.dumps({"value": str(number), "timestamp": 1_700_000_000_000 + number * 1000, "partition": 0})
                 for number in range(10)]
        self.produce("--json", given="\n".join(lines).encode())
        self.assertEqual(self.consume("-o", "s@2023-11-14T22:13:23Z", "--until", "2023-11-14T22:13:25Z"), "3\n4\n")

    def test_a_reader_that_goes_ends_it_well(self):
        self.produce(given=b"line\n" * 200_000)
        consumer = self.start("consume", self.topic)
        self.assertEqual(consumer.stdout.readline(), b"line\n")
        consumer.stdout.close()
        self.assertEqual(consumer.wait(10), 0, consumer.stderr.read())
        consumer.stderr.close()

    def test_ctrl_c_ends_a_consumer_well(self):
        self.produce(given=b"one\n")
        consumer = self.start("consume", self.topic)
        self.assertEqual(consumer.stdout.readline(), b"one\n")
        consumer.send_signal(signal.SIGINT)
        output, errors = consumer.communicate(timeout=10)
        self.assertEqual((consumer.returncode, output, errors), (0, b"", b""))

    def test_ctrl_c_before_the_goal_is_told(self):
        self.produce(given=b"one\n")
        consumer = self.start("consume", self.topic, "-c", 2)
        self.assertEqual(consumer.stdout.readline(), b"one\n")
        consumer.send_signal(signal.SIGINT)
        consumer.communicate(timeout=10)
        self.assertEqual(consumer.returncode, 130)

    def test_what_was_read_is_delivered_when_ctrl_c_ends_a_producer(self):
        producer = self.start("produce", self.topic, "-X", "linger.ms=60000", stdin=subprocess.PIPE)
        producer.stdin.write(b"one\ntwo\n")
        producer.stdin.flush()
        time.sleep(0.5)
        producer.send_signal(signal.SIGINT)
        producer.communicate(timeout=20)
        self.assertEqual(producer.returncode, 0)
        self.assertEqual(self.consume(), "one\ntwo\n")

    def test_lines_are_sent_when_they_come(self):
        self.produce(given=b"before\n")
        consumer = self.start("consume", self.topic)
        self.assertEqual(consumer.stdout.readline(), b"before\n")
        producer = self.start("produce", self.topic, stdin=subprocess.PIPE)
        producer.stdin.write(b"now\n")
        producer.stdin.flush()
        self.assertEqual(consumer.stdout.readline(), b"now\n")
        producer.communicate(timeout=10)
        consumer.send_signal(signal.SIGINT)
        consumer.communicate(timeout=10)


class FailuresTest(CommandLineTest):
    def test_each_kind_has_its_exit_code_and_says_what_to_do(self):
        nobody = f"127.0.0.1:{free_port()}"
        self.assertIn("topic list", self.errors("consume", "nothing-there", "-e", code=4))
        self.assertIn("-b HOST:PORT", self.errors("consume", "t", "-b", nobody, "-X", "socket.timeout.ms=500",
                                                  "-e", code=3))
        self.assertIn("linger.ms", self.errors("produce", "t", "-X", "linger.msec=1", code=2))
        self.assertIn("%y", self.errors("consume", "t", "-f", "%y", code=2))
        self.assertIn("--nothing", self.errors("consume", "t", "--nothing", code=2))
        self.assertIn("/no/file", self.errors("produce", self.topic, "/no/file", code=4))

    def test_habits_of_other_tools_are_answered(self):
        self.assertIn("without a flag", self.errors("consume", "-t", "letters", code=2))
        self.assertIn("-b HOST:PORT", self.errors("topic", "list", "--bootstrap-server", "here", code=2))
        self.assertIn("-r N", self.errors("topic", "create", "letters", "--replication-factor", 1, code=2))
        for words, told in (("topics",), "no command barnabas topics"), (("topic", "make", "a"), "list, describe"), \
                           (("group",), "group needs a command"):
            self.assertIn(told, self.errors(*words, code=2))

    def test_records_that_the_broker_refuses_are_told(self):
        self.assertIn("1 records were not delivered",
                      self.errors("produce", self.topic, "-X", "message.max.bytes=5000000", given=b"x" * 3_000_000,
                                  code=1))

    def test_a_line_that_is_no_json_is_named(self):
        self.assertIn("line 2: this is no JSON",
                      self.errors("produce", self.topic, "--json", given=b'{"value":"a"}\n{\n', code=2))

    def on_a_terminal(self, *arguments, **environment):
        """What it prints where standard output is a terminal."""
        ours, theirs = pty.openpty()
        try:
            subprocess.run([PROGRAM, *arguments], stdout=theirs, stderr=subprocess.DEVNULL, timeout=30, check=True,
                           env=self.environment(TERM="xterm", **environment))
            return os.read(ours, 65536).decode()
        finally:
            os.close(ours)
            os.close(theirs)

    def test_tables_have_colours_on_a_terminal_unless_no_color_is_set(self):
        self.assertIn("\033[1m", self.on_a_terminal("topic", "list"))
        self.assertNotIn("\033", self.on_a_terminal("topic", "list", NO_COLOR="1"))
        self.assertNotIn("\033", self.output("topic", "list", TERM="xterm"))

    def test_no_colours_in_a_pipe(self):
        self.assertNotIn("\033", self.errors("consume", "nothing-there", "-e", code=4, TERM="xterm"))


class ClustersTest(CommandLineTest):
    def test_a_named_cluster_says_where_the_brokers_are(self):
        nobody = f"127.0.0.1:{free_port()}"
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "barnabas/clusters"
            path.parent.mkdir()
            path.write_text(f"default = away\nlinger.ms = 1\n[away]\nbootstrap.servers = {nobody}\n"
                            f"[here]\nbootstrap.servers = {self.broker.address}\n")
            places = {"BARNABAS_BROKERS": "", "BARNABAS_CLUSTERS": "", "XDG_CONFIG_HOME": folder}
            self.run_command("produce", self.topic, "--cluster", "here", given=b"one\n", **places)
            self.run_command("consume", self.topic, "-e", BARNABAS_CLUSTER="here", **{**places})
            self.run_command("consume", self.topic, "-e", "-X", "socket.timeout.ms=500", code=3, **places)
            self.assertIn("away, here", self.errors("consume", self.topic, "--cluster", "no", code=2, **places))


class TopicsTest(CommandLineTest):
    def settings_of(self, *resource):
        return {row["name"]: row["value"] for row in self.rows("config", "describe", *resource)}

    def test_a_topic_is_made_described_changed_and_deleted(self):
        made = self.rows("topic", "create", self.topic, "-n", 3, "-s", "retention.ms=3600000")
        self.assertEqual([(row["topic"], row["partitions"]) for row in made], [(self.topic, 3)])
        self.run_command("produce", self.topic, "-p", 1, given=b"a\nb\n")
        described = self.rows("topic", "describe", self.topic)
        self.assertEqual([(row["partition"], row["begin"], row["end"]) for row in described],
                         [(0, 0, 0), (1, 0, 2), (2, 0, 0)])
        self.run_command("topic", "alter", self.topic, "-n", 4, "-s", "cleanup.policy=compact", "-u", "retention.ms")
        self.assertEqual(len(self.rows("topic", "describe", self.topic)), 4)
        settings = self.settings_of("topic", self.topic)
        self.assertEqual(settings["cleanup.policy"], "compact")
        self.assertNotIn("retention.ms", settings)
        self.assertIn(self.topic, self.output("topic", "list", "--names").splitlines())
        self.run_command("topic", "delete", self.topic)
        self.assertNotIn(self.topic, self.output("topic", "list", "--names").splitlines())

    def test_brokers_of_partitions_are_given_in_place_of_numbers(self):
        for number in ("--partitions", "--replication"):
            said = self.errors("topic", "create", self.topic, number, 1, "--replicas", "1", code=2)
            self.assertIn(f"{number} together with --replicas", said)

    def test_a_trial_makes_nothing(self):
        self.run_command("topic", "create", self.topic, "--dry-run")
        self.assertNotIn(self.topic, self.output("topic", "list", "--names").splitlines())

    def test_what_is_there_or_missing_may_be_no_failure(self):
        self.assertIn("topic alter", self.errors("topic", "delete", self.topic, code=4)
                      + self.errors("topic", "create", self.topic) + self.errors("topic", "create", self.topic, code=1))
        self.run_command("topic", "create", self.topic, "--if-not-exists")
        self.run_command("topic", "delete", self.topic, self.topic + "-not", "--if-exists")

    def test_a_failure_of_one_does_not_hide_the_others(self):
        self.run_command("topic", "create", self.topic)
        done = self.run_command("topic", "describe", self.topic, self.topic + "-not", code=4)
        self.assertIn(self.topic, done.stdout.decode())
        self.assertIn(self.topic + "-not", done.stderr.decode())

    def test_records_are_deleted_up_to_a_place(self):
        lines = [json.dumps({"value": str(number), "timestamp": 1_700_000_000_000 + number * 1000})
                 for number in range(10)]
        self.run_command("produce", self.topic, "--json", given="\n".join(lines).encode())
        self.assertEqual(self.rows("topic", "empty", self.topic, "--before", 3)[0]["begin"], 3)
        self.assertEqual(self.rows("topic", "empty", self.topic, "--before", "s@2023-11-14T22:13:25Z")[0]["begin"], 5)
        self.assertEqual(self.output("consume", self.topic, "-e"), "5\n6\n7\n8\n9\n")
        self.assertEqual(self.rows("topic", "empty", self.topic)[0]["begin"], 10)

    def test_offsets_by_place_and_time(self):
        lines = [json.dumps({"value": "v", "timestamp": 1_700_000_000_000 + number}) for number in (0, 2000, 1000)]
        self.run_command("produce", self.topic, "--json", given="\n".join(lines).encode())
        asked = [self.rows("topic", "offsets", self.topic, "--at", place)[0]["offset"]
                 for place in ("earliest", "latest", "max-timestamp", "1700000000500")]
        self.assertEqual(asked, [0, 3, 1, 1])

    def test_lists_grow_and_shrink_without_what_else_is_in_them(self):
        self.run_command("topic", "create", self.topic, "-s", "cleanup.policy=compact")
        self.run_command("config", "set", "topic", self.topic, "cleanup.policy+=delete")
        self.assertEqual(self.settings_of("topic", self.topic)["cleanup.policy"], "compact,delete")
        self.run_command("config", "set", "topic", self.topic, "cleanup.policy-=compact")
        self.assertIn({"name": "cleanup.policy", "value": "delete", "source": "topic", "read_only": False},
                      self.rows("config", "describe", "topic", self.topic, "--all"))
        self.run_command("config", "unset", "topic", self.topic, "cleanup.policy")
        self.assertNotIn("cleanup.policy", self.settings_of("topic", self.topic))

    def test_settings_of_brokers_and_loggers(self):
        self.run_command("config", "set", "broker", "default", "log.cleaner.threads=2")
        self.assertEqual(self.settings_of("broker", "default")["log.cleaner.threads"], "2")
        broker = self.rows("cluster", "describe")[0]
        self.assertTrue(broker["controller"])
        self.run_command("config", "set", "logger", broker["broker"], "storage=WARN")
        levels = {row["name"]: row["value"] for row in self.rows("config", "describe", "logger", broker["broker"],
                                                                 "--all")}
        self.assertEqual(levels["storage"], "WARN")
        self.run_command("config", "unset", "logger", broker["broker"], "storage")


class GroupsTest(CommandLineTest):
    """Groups that Debian's kcat is a member of."""

    def setUp(self):
        super().setUp()
        self.group = self.topic + "-readers"
        self.run_command("topic", "create", self.topic, "-n", 2)
        for partition in range(2):
            self.run_command("produce", self.topic, "-p", partition, given=b"line\n" * 10)

    def commit(self, *offsets):
        """Sets the offsets of partitions 0, 1..., of a group without members."""
        with tempfile.NamedTemporaryFile("w") as lines:
            lines.writelines(f"{self.topic},{partition},{offset}\n" for partition, offset in enumerate(offsets))
            lines.flush()
            return self.rows("group", "reset-offsets", self.group, "--file", lines.name, "--execute")

    def offsets(self):
        return [(row["committed"], row["end"], row["lag"]) for row in self.rows("group", "describe", self.group)]

    def test_lag_and_members(self):
        member = subprocess.Popen(["kcat", "-b", self.broker.address, "-G", self.group, "-q", "-u", "-X",
                                   "auto.commit.interval.ms=100", "-X", "auto.offset.reset=earliest", self.topic],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            for _ in range(20):
                member.stdout.readline()
            self.wait_for(lambda: self.offsets() == [(10, 10, 0)] * 2)
            members = self.rows("group", "describe", self.group, "--members")
            self.assertEqual([(row["state"], row["client_id"], row["assignment"]) for row in members],
                             [("Stable", "rdkafka", [f"{self.topic}:0,1"])])
            self.assertIn("group describe", self.errors("group", "delete", self.group, code=1))
        finally:
            member.terminate()
            member.communicate(timeout=20)
        self.assertIn(self.group, self.output("group", "list", "--names", "--state", "Empty").splitlines())

    def wait_for(self, is_so):
        until = time.monotonic() + 20
        while not is_so():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.1)

    def test_offsets_are_only_shown_until_they_are_executed(self):
        self.commit(4, 6)
        done = self.run_command("group", "reset-offsets", self.group, "--to", "end")
        self.assertIn("--execute", done.stderr.decode())
        self.assertEqual(self.offsets(), [(4, 10, 6), (6, 10, 4)])

    def test_offsets_are_reset_to_places_by_shifts_and_files(self):
        self.commit(4, 60)
        self.assertEqual(self.offsets(), [(4, 10, 6), (10, 10, 0)], "held within the partition")
        for arguments, expected in ((("--to", "beginning"), [0, 0]), (("--shift", "+3"), [3, 3]),
                                    ((self.topic + ":1", "--to", "end"), [3, 10]), (("--shift=-5",), [0, 5]),
                                    (("--to", 7), [7, 7]), (("--to", "s@1h"), [0, 0]),
                                    (("--to", "s@2100-01-01"), [10, 10])):
            self.run_command("group", "reset-offsets", self.group, *arguments, "--execute")
            self.assertEqual([row[0] for row in self.offsets()], expected, arguments)

    def test_offsets_are_forgotten_and_groups_deleted(self):
        self.commit(4, 6)
        self.run_command("group", "delete-offsets", self.group, self.topic + ":0")
        self.assertEqual(self.offsets(), [(6, 10, 4)])
        self.run_command("group", "delete", self.group)
        self.assertNotIn(self.group, self.output("group", "list", "--names").splitlines())
        self.assertIn("group list", self.errors("group", "delete", self.group, code=4))

    def test_wrong_places_are_named(self):
        self.assertIn("--to", self.errors("group", "reset-offsets", self.group, self.topic, code=2))
        self.assertIn("no place", self.errors("group", "reset-offsets", self.group, self.topic, "--to", "x", code=2))
        self.assertIn("no partition 7", self.errors("group", "reset-offsets", self.group, self.topic + ":7", "--to", 1,
                                                    code=4))


class QuotasUsersAndRulesTest(CommandLineTest):
    def needs(self, *command):
        """Skips where the broker does not serve it."""
        done = subprocess.run([PROGRAM, *command], env=self.environment(), capture_output=True, timeout=60, check=False)
        for reason in (b"does not serve", b"SECURITY_DISABLED"):
            if reason in done.stderr:
                self.skipTest(done.stderr.decode().splitlines()[0])

    def test_quotas_are_set_listed_and_taken_back(self):
        whose = ("--user", self.topic, "--client-default")
        self.run_command("quota", "set", *whose, "producer_byte_rate=1M", "request_percentage=12.5")
        self.assertEqual([(row["user"], row["client"], row["quota"], row["value"])
                          for row in self.rows("quota", "list", *whose)],
                         [(self.topic, "", "producer_byte_rate", 1048576),
                          (self.topic, "", "request_percentage", 12.5)])
        self.run_command("quota", "unset", *whose, "producer_byte_rate")
        self.assertEqual([row["quota"] for row in self.rows("quota", "list", *whose)], ["request_percentage"])
        self.run_command("quota", "unset", *whose, "request_percentage")
        self.assertIn("--user", self.errors("quota", "set", "producer_byte_rate=1", code=2))
        self.assertIn("no number", self.errors("quota", "set", "--ip", "::1", "x=y", code=2))

    def test_users_are_made_listed_and_deleted(self):
        self.needs("user", "list")
        self.run_command("user", "create", self.topic, "-m", "scram-sha-512", "-i", 5000, given=b"secret\n")
        self.assertEqual(self.rows("user", "list", self.topic),
                         [{"user": self.topic, "mechanism": "scram-sha-512", "iterations": 5000}])
        self.run_command("user", "delete", self.topic, "-m", "scram-sha-512")
        self.assertNotIn(self.topic, [row["user"] for row in self.rows("user", "list")])
        self.errors("user", "create", self.topic, given=b"", code=2)

    def test_rules_are_added_listed_and_removed(self):
        self.needs("acl", "list")
        self.run_command("acl", "add", "allow", "User:alice", "read", "describe", "-t", self.topic, "--prefix")
        self.run_command("acl", "add", "deny", "User:bob", "write", "-t", self.topic, "--host", "192.0.2.1")
        rules = self.rows("acl", "list", "-t", self.topic)
        self.assertEqual({(row["principal"], row["permission"], row["operation"], row["pattern"], row["host"])
                          for row in rules},
                         {("User:alice", "allow", "read", "prefix", "*"),
                          ("User:alice", "allow", "describe", "prefix", "*"),
                          ("User:bob", "deny", "write", "literal", "192.0.2.1")})
        self.assertEqual(len(self.rows("acl", "list", "-p", "User:alice", "-o", "read", "-t", self.topic)), 1)
        self.assertIn("--all", self.errors("acl", "remove", code=2))
        self.assertEqual(len(self.rows("acl", "remove", "-t", self.topic, "-p", "User:alice")), 2)
        self.assertEqual(len(self.rows("acl", "list", "-t", self.topic)), 1)
        self.run_command("acl", "remove", "-t", self.topic)

    def test_log_directories_and_their_replicas(self):
        self.needs("cluster", "log-dirs")
        self.run_command("produce", self.topic, given=b"line\n")
        self.assertGreater(self.rows("cluster", "log-dirs")[0]["total"], 0)
        sizes = {row["topic"]: row["size"] for row in self.rows("cluster", "log-dirs", "--replicas")}
        self.assertGreater(sizes[self.topic], 0)


class MembersTest(CommandLineTest):
    """`consume --group`: what was printed is committed, no record more."""

    settings = {"group.initial.rebalance.delay.ms": "100"}

    def setUp(self):
        super().setUp()
        self.group = self.topic + "-readers"
        self.run_command("topic", "create", self.topic, "-n", 2)
        for partition in range(2):
            self.run_command("produce", self.topic, "-p", partition,
                             given="".join(f"{partition}-{number}\n" for number in range(50)).encode())
        self.all = sorted(f"{partition}-{number}" for partition in range(2) for number in range(50))

    def consume(self, *arguments, **options):
        return self.output("consume", self.topic, "-g", self.group, *arguments, **options).split()

    def test_a_group_goes_on_behind_the_last_record_that_was_printed(self):
        parts = [self.consume("-c", 3), self.consume("-c", 60), self.consume("-e")]
        self.assertEqual([len(part) for part in parts], [3, 60, 37])
        self.assertEqual(sorted(sum(parts, [])), self.all)
        self.assertEqual([row["lag"] for row in self.rows("group", "describe", self.group)], [0, 0])
        self.assertEqual(self.consume("-e"), [])

    def test_partitions_that_are_empty_or_read_already_have_ended(self):
        for place in ("beginning", "end"):
            empty = f"{self.topic}-empty-{place}"
            self.run_command("topic", "create", empty, "-n", 3)
            self.assertEqual(self.output("consume", empty, "-g", empty, "-e", "-o", place), "")
            self.run_command("produce", empty, "-p", 1, given=b"later\n")
            self.assertEqual(self.output("consume", empty, "-g", empty, "-e", "-o", place), "later\n")
            self.assertEqual(self.output("consume", empty, "-g", empty, "-e", "-o", place), "")
        self.assertEqual(self.consume("-e", "-o", "end"), [])
        self.assertIn("topic list", self.errors("consume", self.topic + "-not", "-g", self.group, "-e", code=4))

    def test_an_end_is_where_the_partition_ended_when_it_was_given(self):
        """A writer that never stops does not keep it from ending, and what is behind the end is left to the group."""
        writer = self.start("bench", "produce", self.topic, "-n", 1_000_000, "-r", 2000, "-s", 10)
        try:
            read = self.consume("-e", "-f", "%p:%o\\n")
            self.assertIsNone(writer.poll())
        finally:
            writer.terminate()
            writer.communicate(timeout=20)
        self.assertGreaterEqual(len(read), 100)
        written = self.output("consume", self.topic, "-e", "-f", "%p:%o\\n").split()
        self.assertEqual(sorted(read + self.consume("-e", "-f", "%p:%o\\n")), sorted(written))

    def test_a_member_without_partitions_waits_for_another_to_go(self):
        one = self.topic + "-one"
        self.run_command("produce", one, given=b"first\n")
        # Partitions go by the members' ids, which begin like this.
        owner = self.start("consume", one, "-g", self.group, "-X", "client.id=a")
        self.assertEqual(owner.stdout.readline(), b"first\n")
        waiting = self.start("consume", one, "-g", self.group, "-e", "-X", "client.id=z")
        members = [owner, waiting]
        try:
            self.assertIn(b"Waiting for partitions", waiting.stderr.readline())
            owner.send_signal(signal.SIGINT)
            self.assertEqual(waiting.wait(20), 0)
        finally:
            for member in members:
                member.send_signal(signal.SIGINT)
                member.communicate(timeout=20)

    def test_a_regular_expression_names_topics_also_those_made_later(self):
        expression = f"^{self.topic}-[ab]$"
        for name in ("a", "ab", "c"):
            self.run_command("produce", f"{self.topic}-{name}", given=f"{name}\n".encode())
        self.assertEqual(self.output("consume", expression, "-g", self.group, "-e"), "a\n")
        member = self.start("consume", expression, "-g", self.group, "-X", "topic.metadata.refresh.interval.ms=200")
        try:
            self.run_command("produce", f"{self.topic}-b", given=b"b\n")
            self.assertEqual(member.stdout.readline(), b"b\n")
        finally:
            member.send_signal(signal.SIGINT)
            member.communicate(timeout=20)
        self.assertIn("-g GROUP", self.errors("consume", expression, "-e", code=2))
        self.assertIn("^(", self.errors("consume", "^(", "-g", self.group, "-e", code=None))

    def test_ctrl_c_leaves_the_group(self):
        member = self.start("consume", self.topic, "-g", self.group)
        for _ in range(100):
            member.stdout.readline()
        began = time.monotonic()
        member.send_signal(signal.SIGINT)
        _, errors = member.communicate(timeout=20)
        self.assertEqual((member.returncode, errors), (0, b""))
        self.assertLess(time.monotonic() - began, 5)
        states = {row["group"]: row["state"] for row in self.rows("group", "list")}
        self.assertEqual(states[self.group], "Empty")

    def test_two_members_share_the_topic(self):
        members = [self.start("consume", self.topic, "-g", self.group, "-o", "end") for _ in range(2)]
        try:
            until = time.monotonic() + 30
            while sorted(row["partitions"] for row in self.rows("group", "describe", self.group, "-m", code=None)
                         if row["state"] == "Stable") != [1, 1]:
                self.assertLess(time.monotonic(), until)
                time.sleep(0.2)
            for partition in range(2):
                self.run_command("produce", self.topic, "-p", partition, given=f"late-{partition}\n".encode())
            lines = {member.stdout.readline() for member in members}
            self.assertEqual(lines, {b"late-0\n", b"late-1\n"})
        finally:
            for member in members:
                member.send_signal(signal.SIGINT)
                member.communicate(timeout=20)

    def test_a_place_that_a_group_cannot_begin_at_is_refused(self):
        self.assertIn("reset-offsets", self.errors("consume", self.topic, "-g", self.group, "-o", 5, code=2))


class BenchTest(CommandLineTest):
    def test_produce_and_consume_count_what_they_did(self):
        made = self.rows("bench", "produce", self.topic, "-n", 20_000, "-s", 50)[0]
        self.assertEqual((made["records"], made["bytes"]), (20_000, 1_000_000))
        self.assertLessEqual(made["p50_ms"], made["p99_ms"])
        self.assertGreater(made["records_per_second"], 0)
        self.assertEqual(self.rows("bench", "consume", self.topic)[0]["records"], 20_000)
        self.assertEqual(self.rows("bench", "consume", self.topic, "-n", 5000)[0]["records"], 5000)

    def test_a_rate_is_kept(self):
        made = self.rows("bench", "produce", self.topic, "-n", 400, "-r", 400)[0]
        self.assertGreater(made["seconds"], 0.99)
        self.assertLess(made["seconds"], 3)

    def test_latency_is_of_single_records(self):
        made = self.rows("bench", "latency", self.topic, "-n", 50)[0]
        self.assertGreater(made["p50_ms"], 0)
        self.assertLessEqual(made["p50_ms"], made["max_ms"])
        self.assertEqual(self.rows("topic", "describe", self.topic)[0]["end"], 51)
