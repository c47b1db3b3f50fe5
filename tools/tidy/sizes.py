"""Lengths of files, functions and lines."""
from functions import functions
from source import Finding

FILE_LINES, MOST_FILES_LINES = 600, 350
FUNCTION_LINES, MOST_FUNCTIONS_LINES = 60, 30
COLUMNS, OTHER_COLUMNS = 100, 120  # C++, the rest


def check_files(sources):
    for source in sources:
        if len(source.lines) > FILE_LINES:
            yield Finding(source.path, len(source.lines), f"{len(source.lines)} lines; no file has more than "
                          f"{FILE_LINES}: divide it", "file", len(source.lines))
    sized = [(len(source.lines), source.path, 1) for source in sources if source.is_cpp]
    yield from _most(sized, MOST_FILES_LINES, "files", "lines")


def check_functions(sources):
    sized = []
    for source in sources:
        if not source.is_cpp:
            continue
        for first, last, name in functions(source.code):
            length = last - first + 1
            sized.append((length, source.path, first))
            if length > FUNCTION_LINES:
                yield Finding(source.path, first, f"{name} has {length} lines; no function has more than "
                              f"{FUNCTION_LINES}: divide it", name, length)
    yield from _most(sized, MOST_FUNCTIONS_LINES, "functions", "lines")


def check_columns(sources):
    for source in sources:
        most = COLUMNS if source.is_cpp else OTHER_COLUMNS
        for number, line in enumerate(source.lines, 1):
            if len(line) > most and "://" not in line:
                yield Finding(source.path, number, f"{len(line)} columns; a line has at most {most}")


def _most(sized, limit, what, unit):
    above = sorted((entry for entry in sized if entry[0] > limit), reverse=True)
    if sized and 10 * len(above) > len(sized):
        longest = ", ".join(f"{path}:{line} ({length})" for length, path, line in above[:5])
        yield Finding(above[0][1], above[0][2], f"{len(above)} of {len(sized)} {what} have more than {limit} "
                      f"{unit}; at most one of ten may. The longest: {longest}")
