"""A file of the tree as the checks see it: its lines, its code without comments and strings, its place."""
import pathlib
import re

CPP = {".h", ".cpp"}
TEXT = CPP | {".py", ".sh", ".cmake"}
PARTS = ["src", "apps", "tests", "bench", "include", "tools", "cmake"]

_NOISE = re.compile(
    r"""//[^\n]*                                  # a line comment
      | /\*.*?\*/                                 # a block comment
      | R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"   # a raw string
      | "(?:\\.|[^"\\\n])*"                       # a string
      | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'       # a character, not a digit separator
    """, re.DOTALL | re.VERBOSE)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def _blank(match):
    """Keeps the line breaks, so that line numbers stay, and the quotes of a string."""
    text = match.group()
    kept = re.sub(r"[^\n]", " ", text)
    if text[0] in "\"'R":
        kept = '"' + kept[1:-1] + '"' if "\n" not in text else '""' + kept
    return kept


class Source:
    """path is relative to the root, with forward slashes."""

    def __init__(self, root, path):
        self.path = path
        self.text = (pathlib.Path(root) / path).read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.splitlines()
        self.is_cpp = pathlib.PurePath(path).suffix in CPP
        self.is_header = path.endswith(".h")
        self._code = None

    @property
    def code(self):
        """C++ without comments and strings, the lines where they were."""
        if self._code is None:
            self._code = _NOISE.sub(_blank, self.text)
        return self._code

    @property
    def room(self):
        """The room of a file below src/, else the top folder."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "src" and len(parts) > 2 else parts[0]

    @property
    def is_product(self):
        parts = self.path.split("/")
        return parts[0] in ("src", "include") and "tests" not in parts and "fuzz" not in parts

    def includes(self):
        """(line, bracket, included path) of each #include."""
        for match in _INCLUDE.finditer(self.text):
            yield self.line_of(match.start(2)), match.group(1), match.group(2)

    def line_of(self, position):
        return self.text.count("\n", 0, position) + 1

    def code_line_of(self, position):
        return self.code.count("\n", 0, position) + 1


def collect(root):
    """Every checked file, by path. build/, data and hidden folders are not below PARTS."""
    root = pathlib.Path(root)
    found = []
    for part in PARTS:
        for path in sorted((root / part).rglob("*")):
            relative = path.relative_to(root)
            if any(piece in ("node_modules", "target", "__pycache__") for piece in relative.parts):
                continue
            if path.is_file() and (path.suffix in TEXT or path.name == "CMakeLists.txt"):
                found.append(Source(root, relative.as_posix()))
    for name in ("CMakeLists.txt", "run", "test", ".ci/run", "bench/run", "tests/clients/run"):
        if (root / name).is_file() and not any(source.path == name for source in found):
            found.append(Source(root, name))
    return found


class Finding:
    """What breaks a rule: printed as `path:line: message`. `subject` is what an exception names."""

    def __init__(self, path, line, message, subject=None, figure=None):
        self.path, self.line, self.message = path, line, message
        self.subject, self.figure = subject, figure

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"
