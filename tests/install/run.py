#!/usr/bin/python3
"""Installs everything into a temporary folder and uses the client library from outside of the tree, with g++ 12 in
C++20, once with each of its forms, static and shared.

usage: run.py SOURCE_FOLDER BUILD_FOLDER
"""
import ctypes
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
HERE = ROOT / "tests/install"
COMPILER = "g++-12"
SHARED = "libbarnabas.so.0"
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
        cls.library = next(cls.prefix.rglob("libbarnabas.a")).parent

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def refuse(self, program, is_shared):
        """What refusal.cpp says, with the installed library, linked as it should be."""
        needed = run("readelf", "-d", program)
        self.assertEqual(f"[{SHARED}]" in needed, is_shared, needed)
        self.assertEqual("[libssl" in needed, not is_shared, needed)
        self.assertEqual(run(program, env={"LD_LIBRARY_PATH": str(self.library)}), REFUSAL)

    def test_find_package_serves_a_project_outside_of_the_tree(self):
        programs = [HERE / "project/refusal.cpp", ROOT / "examples/first_program.cpp"]
        for name, option, is_shared in (("plain", "", False), ("by-flag", "-DBUILD_SHARED_LIBS=ON", True),
                                        ("by-name", "-DCOMPONENTS=COMPONENTS;shared", True)):
            with self.subTest(name):
                folder = self.folder / name
                run("cmake", "-S", HERE / "project", "-B", folder, f"-DCMAKE_PREFIX_PATH={self.prefix}",
                    f"-DCMAKE_CXX_COMPILER={COMPILER}", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror",
                    f"-DPROGRAMS={';'.join(map(str, programs))}", *filter(None, [option]))
                run("cmake", "--build", folder)
                self.refuse(folder / "refusal", is_shared)

    def test_pkg_config_serves_a_compiler_call(self):
        place = {"PKG_CONFIG_PATH": str(self.library / "pkgconfig"), "PATH": "/usr/bin:/bin"}
        for options, library, is_shared in (([], "-lbarnabas", True), (["--static"], "-l:libbarnabas.a", False)):
            with self.subTest(library):
                flags = run("pkg-config", *options, "--cflags", "--libs", "barnabas", env=place)
                flags = flags.replace("-lbarnabas", library).split()
                run(COMPILER, "-std=c++20", "-Wall", "-Wextra", "-Werror", HERE / "project/refusal.cpp",
                    "-o", self.folder / "refusal", *flags)
                self.refuse(self.folder / "refusal", is_shared)

    def test_the_program_comes_with_its_manual_pages_and_completions(self):
        self.assertIn("barnabas", run(self.prefix / "bin/barnabas", "--version"))
        for page in ("man/man1/barnabas.1", "man/man1/barnabas-topic.1", "bash-completion/completions/barnabas",
                     "zsh/site-functions/_barnabas"):
            self.assertIn("barnabas", (self.prefix / "share" / page).read_text())

    def test_both_libraries_offer_the_symbols_of_the_list(self):
        listed = (HERE / "symbols.txt").read_text().splitlines()
        defined = run("nm", "-C", "--defined-only", "-g", self.library / "libbarnabas.a").splitlines()
        public = {line.split(" ", 2)[2] for line in defined
                  if " T barnabas::kafka::" in line and "::implementation::" not in line}
        self.assertEqual(sorted(public), listed, "tests/install/symbols.txt and the archive differ")
        exported = run("nm", "-DC", "--defined-only", self.library / "libbarnabas.so").splitlines()
        self.assertEqual(sorted({line.split(" ", 2)[2] for line in exported}), listed,
                         "tests/install/symbols.txt and what the shared library exports differ")

    def test_the_shared_library_has_a_name_with_its_major_version(self):
        self.assertIn(f"soname: [{SHARED}]", run("readelf", "-d", self.library / "libbarnabas.so"))
        self.assertTrue((self.library / SHARED).exists())

    def test_the_shared_library_can_be_loaded_while_a_program_runs(self):
        ctypes.CDLL(self.library / "libbarnabas.so")

    def test_the_first_program_stands_in_the_readme_as_it_is(self):
        program = (ROOT / "examples/first_program.cpp").read_text()
        self.assertIn(f"```cpp\n{program}```", (ROOT / "README.md").read_text())

    def test_the_page_of_settings_is_the_generated_one(self):
        generated = (BUILD / "generated/docs/client-settings.md").read_text()
        self.assertEqual((ROOT / "docs/client-settings.md").read_text(), generated,
                         "copy the generated page to docs/client-settings.md")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
