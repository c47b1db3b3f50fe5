"""What ./run says of the broker that it starts; another program stands in the broker's place."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

RUN = pathlib.Path(__file__).resolve().parents[2] / "run"


class RunScriptTest(unittest.TestCase):
    def said(self, *arguments):
        """The lines of ./run, and the arguments that the broker gets."""
        with tempfile.TemporaryDirectory() as folder:
            top = pathlib.Path(folder)
            setup, broker = top / "tools/setup/setup.sh", top / "build/release/apps/barnabas/barnabas"
            for file, text in (setup, "install_packages() { :; }\nbuild() { :; }\n"), \
                    (broker, "#!/bin/sh\nprintf '%s\\n' \"$@\" >&2\n"):
                file.parent.mkdir(parents=True)
                file.write_text(text)
            broker.chmod(0o755)
            shutil.copy(RUN, top)
            done = subprocess.run([top / "run", *arguments], capture_output=True, timeout=60, check=True, text=True)
            return done.stdout.replace(folder, "TOP").splitlines(), done.stderr.replace(folder, "TOP").splitlines()

    def test_names_the_address_and_the_data_of_the_broker_as_it_comes(self):
        lines, arguments = self.said()
        self.assertIn("listens on localhost:9092 and keeps its data in TOP/data.", lines[0])
        self.assertIn("kcat -L -b localhost:9092 ", lines[-1])
        self.assertEqual(arguments, ["broker", "--override", "listeners=PLAINTEXT://localhost:9092",
                                     "--override", "log.dirs=TOP/data"])

    def test_names_what_overrides_say(self):
        lines, arguments = self.said("--override", "listeners=PLAINTEXT://:9093,SSL://:9094",
                                     "--override=log.dirs=/a,/b", "--override", "num.partitions=3")
        self.assertIn("listens on localhost:9093 and keeps its data in /a,/b.", lines[0])
        self.assertIn("kcat -L -b localhost:9093 ", lines[-1])
        self.assertEqual(arguments[-5:], ["--override", "listeners=PLAINTEXT://:9093,SSL://:9094",
                                          "--override=log.dirs=/a,/b", "--override", "num.partitions=3"])

    def test_says_nothing_of_a_file_that_says_it_itself(self):
        self.assertEqual(self.said("server.properties"), ([], ["broker", "server.properties"]))
