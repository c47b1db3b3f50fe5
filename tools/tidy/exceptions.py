"""The list of exceptions, which only shrinks. A line of exceptions.txt is

    path subject figure

A finding whose path and subject are listed passes while its figure is the listed one. A file or function that
got shorter has to lower its figure, one that is no exception any more has to leave, and a line that was not
in the first committed list is refused.
"""
import subprocess

from source import Finding

LIST = "tools/tidy/exceptions.txt"


def read(text):
    """{(path, subject): (line, figure)}"""
    entries = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            path, subject, figure = line.split()
            entries[path, subject] = (number, int(figure))
    return entries


def first_version(root):
    """The list as it was committed first, or None where git cannot say."""
    def git(*arguments):
        done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else ""
    commits = git("log", "--diff-filter=A", "--format=%H", "--", LIST).split()
    return read(git("show", f"{commits[-1]}:{LIST}")) if commits else None


def apply(findings, entries, first):
    """The findings that remain, and those about the list itself."""
    used, remaining = set(), []
    for finding in findings:
        key = (finding.path, finding.subject)
        if finding.figure is not None and key in entries and finding.figure <= entries[key][1]:
            used.add(key)
            if finding.figure < entries[key][1]:
                remaining.append(Finding(LIST, entries[key][0], f"{key[0]} {key[1]} is down to "
                                         f"{finding.figure}: say so here"))
        else:
            remaining.append(finding)
    for key, (line, _) in entries.items():
        if key not in used:
            remaining.append(Finding(LIST, line, f"{key[0]} {key[1]} is no exception: remove this line"))
        if first is not None and key not in first:
            remaining.append(Finding(LIST, line, f"{key[0]} {key[1]} is new: the list only shrinks"))
    return remaining
