"""Commands about replicas, features, tokens, ids of topics, and operations."""
import json
import pathlib
import tempfile

from test_command_line import CommandLineTest


class ReplicasTest(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.run_command("topic", "create", self.topic, "-n", 2)
        self.broker_id = self.rows("cluster", "describe")[0]["broker"]

    def plan_file(self, plan):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "plan.json"
        path.write_text(plan if isinstance(plan, str) else json.dumps(plan))
        return path

    def test_elections_of_what_leads_already_are_not_needed(self):
        whole = self.rows("topic", "elect-leaders", self.topic)
        self.assertEqual([(row["partition"], row["election"]) for row in whole],
                         [(0, "not needed"), (1, "not needed")])
        self.assertEqual(len(self.rows("topic", "elect-leaders", f"{self.topic}:1")), 1)
        named = self.plan_file({"partitions": [{"topic": self.topic, "partition": 0}]})
        self.assertEqual(len(self.rows("topic", "elect-leaders", "--file", named)), 1)
        self.assertEqual(self.rows("topic", "elect-leaders", "--all"), [])
        self.assertIn("which partitions?", self.errors("topic", "elect-leaders", code=2))
        self.assertIn(f"{self.topic}-7", self.errors("topic", "elect-leaders", f"{self.topic}:7", code=4))

    def test_a_plan_says_where_partitions_are_and_is_carried_out(self):
        plan = self.output("topic", "plan", self.topic)
        self.assertEqual(json.loads(plan), {"version": 1, "partitions": [
            {"topic": self.topic, "partition": number, "replicas": [self.broker_id]} for number in range(2)]})
        self.assertEqual(self.output("topic", "plan", self.topic, "--brokers-to-use", self.broker_id), plan)
        done = self.rows("topic", "reassign", "--file", self.plan_file(plan))
        self.assertEqual([(row["partition"], row["from"], row["to"]) for row in done],
                         [(number, [self.broker_id], [self.broker_id]) for number in range(2)])
        self.assertEqual(len(self.rows("topic", "reassign", f"{self.topic}:1={self.broker_id}")), 1)
        self.assertEqual(self.rows("topic", "reassignments"), [])
        self.run_command("topic", "cancel-reassignments", "--all")
        self.assertIn("NO_REASSIGNMENT_IN_PROGRESS",
                      self.errors("topic", "cancel-reassignments", f"{self.topic}:0", code=1))

    def test_what_is_wrong_with_a_plan_is_named(self):
        self.assertIn("INVALID_REPLICA_ASSIGNMENT",
                      self.errors("topic", "reassign", f"{self.topic}:0=4711", code=1))
        self.assertIn("are no brokers", self.errors("topic", "reassign", f"{self.topic}=x", code=2))
        self.assertIn("are no brokers", self.errors("topic", "plan", self.topic, "--brokers-to-use", "x", code=2))
        broken = self.plan_file('{"partitions":[{"topic":"t","partition":0}]}')
        self.assertIn("t-0 has no replicas", self.errors("topic", "reassign", "--file", broken, code=2))
        self.assertIn("no such file", self.errors("topic", "reassign", "--file", "/nowhere", code=4).lower())

    def test_producers_of_partitions(self):
        self.run_command("produce", self.topic, "-p", 1, "-X", "enable.idempotence=true", given=b"a\nb\n")
        for where in ([], ["--broker", self.broker_id]):
            rows = self.rows("topic", "producers", self.topic, *where)
            self.assertEqual([(row["partition"], row["sequence"], row["transaction_start"]) for row in rows],
                             [(1, 1, None)])
        self.assertIn("4711", self.errors("topic", "producers", self.topic, "--broker", 4711, "-X",
                                          "socket.timeout.ms=500", code=None))

    def test_topics_by_their_ids(self):
        listed = {row["topic"]: row["id"] for row in self.rows("topic", "list")}
        described = self.rows("topic", "describe", "--ids", listed[self.topic])
        self.assertEqual({row["topic"] for row in described}, {self.topic})
        self.assertIn("no id of a topic", self.errors("topic", "describe", "--ids", self.topic, code=1))
        self.run_command("topic", "delete", "--ids", listed[self.topic])
        self.assertIn("UNKNOWN_TOPIC_ID", self.errors("topic", "delete", "--ids", listed[self.topic], code=4))
        self.run_command("topic", "delete", "--ids", listed[self.topic], "--if-exists")

    def test_operations_are_shown_on_request(self):
        topic = self.rows("topic", "describe", self.topic, "--operations")[0]
        self.assertIn("write", topic["operations"])
        self.assertNotIn("cluster-action", topic["operations"])
        self.assertIn("cluster-action", self.rows("cluster", "describe", "--operations")[0]["operations"])
        group = self.topic + "-group"
        self.run_command("group", "reset-offsets", group, self.topic, "--to", "beginning", "--execute")
        self.assertEqual(self.rows("group", "describe", group, "--operations")[0]["operations"],
                         ["read", "delete", "describe"])

    def test_features(self):
        for row in self.rows("cluster", "features"):
            self.assertLessEqual(row["lowest"], row["highest"])
        self.assertIn("no level", self.errors("cluster", "update-features", "f=x", code=2))
        self.assertIn("does not serve UpdateFeatures", self.errors("cluster", "update-features", "f=1", code=1))

    def test_tokens_are_refused_where_there_are_none(self):
        self.assertIn("does not serve CreateDelegationToken", self.errors("token", "create", code=1))
        self.assertIn("this is nobody", self.errors("token", "create", "--owner", "alice", code=2))
        self.assertIn("HMAC is not base64", self.errors("token", "renew", "?", code=2))
        self.assertIn("no duration", self.errors("token", "expire", "aGk=", "--in", "soon", code=2))
