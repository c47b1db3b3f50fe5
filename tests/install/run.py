#!/usr/bin/python3
"""Installs everything into a temporary folder and uses the client library from outside of the tree, with g++ 12 in
C++20.

usage: run.py SOURCE_FOLDER BUILD_FOLDER
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
HERE = ROOT / "tests/install"
COMPILER = "g++-12"
REFUSAL = "INVALID_CONFIG: there is no setting linger.msec; did you mean linger.ms?\nbootstrap.servers is missing\n"


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="barnabas-install-")
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.prefix = cls.folder / "installed"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_find_package_serves_a_project_outside_of_the_tree(self):
        programs = [HERE / "project/refusal.cpp", ROOT / "examples/first_program.cpp"]
        run("cmake", "-S", HERE / "project", "-B", self.folder / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_CXX_COMPILER={COMPILER}", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror",
            f"-DPROGRAMS={';'.join(map(str, programs))}")
        run("cmake", "--build", self.folder / "build")
        self.assertEqual(run(self.folder / "build/refusal"), REFUSAL)

    def test_pkg_config_serves_a_compiler_call(self):
        place = next(self.prefix.rglob("barnabas.pc")).parent
        flags = run("pkg-config", "--cflags", "--libs", "barnabas", env={"PKG_CONFIG_PATH": str(place),
                                                                        "PATH": "/usr/bin:/bin"}).split()
        run(COMPILER, "-std=c++20", HERE / "project/refusal.cpp", "-o", self.folder / "refusal", *flags)
        self.assertEqual(run(self.folder / "refusal"), REFUSAL)

    def test_the_program_comes_with_its_manual_pages_and_completions(self):
        self.assertIn("barnabas", run(self.prefix / "bin/barnabas", "--version"))
        for page in ("man/man1/barnabas.1", "man/man1/barnabas-topic.1", "bash-completion/completions/barnabas",
                     "zsh/site-functions/_barnabas"):
            self.assertIn("barnabas", (self.prefix / "share" / page).read_text())

    def test_the_public_symbols_are_those_of_the_list(self):
        archive = next(self.prefix.rglob("libbarnabas.a"))
        symbols = {line.split(" ", 2)[2] for line in run("nm", "-C", "--defined-only", "-g", archive).splitlines()
                   if " T barnabas::kafka::" in line and "::implementation::" not in line}
        listed = (HERE / "symbols.txt").read_text().splitlines()
        self.assertEqual(sorted(symbols), listed, "tests/install/symbols.txt and the library differ")

    def test_the_first_program_stands_in_the_readme_as_it_is(self):
        program = (ROOT / "examples/first_program.cpp").read_text()
        self.assertIn(f"```cpp\n{program}```", (ROOT / "README.md").read_text())

    def test_the_page_of_settings_is_the_generated_one(self):
        generated = (BUILD / "generated/docs/client-settings.md").read_text()
        self.assertEqual((ROOT / "docs/client-settings.md").read_text(), generated,
                         "copy the generated page to docs/client-settings.md")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
