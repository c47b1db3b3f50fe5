"""Calls, headers and words that a room may not use: the rules of ARCHITECTURE.md as a table."""
import re

from source import Finding


class Rule:
    """A pattern over code or includes, the rooms or files that may use it, and why others may not."""

    def __init__(self, name, allowed, why, code=None, include=None, tests=False):
        self.name, self.allowed, self.why = name, set(allowed), why
        self.code = re.compile(code) if code else None
        self.include = re.compile(include) if include else None
        self.tests = tests  # tests may use it, too

    def allows(self, source):
        return source.room in self.allowed or source.path in self.allowed


RULES = [
    Rule("threads", ["runtime", "base"], "a shard is one thread; cross with on_shard (runtime/shard.h)",
         code=r"\bstd::(jthread|thread|mutex|shared_mutex|recursive_mutex|lock_guard|unique_lock|scoped_lock"
              r"|condition_variable\w*|atomic\w*|call_once|async|future|promise)\b|\bpthread_\w+\s*\(",
         include=r"^(thread|mutex|shared_mutex|atomic|condition_variable|future|pthread\.h|semaphore|latch)$"),
    Rule("files", ["runtime"], "files come from runtime/file_system.h, so that a simulation can lose them",
         code=r"(?<![\w:])::(open|openat|creat|read|pread|preadv2?|write|pwrite|pwritev2?|fsync|fdatasync|ftruncate"
              r"|fallocate|mmap|munmap|madvise|rename|unlink|mkdir|rmdir|stat|fstat|opendir|sendfile)\s*\("
              r"|\bstd::(filesystem|fopen|ifstream|ofstream|fstream|rename|remove)\b(?!_)|\bfopen\s*\(",
         include=r"^(fstream|filesystem|fcntl\.h|dirent\.h|sys/(mman|stat|sendfile|uio|statvfs|file)\.h)$",
         tests=True),
    Rule("sockets", ["runtime"], "sockets come from runtime/socket.h",
         code=r"(?<![\w:])::(socket|connect|bind|listen|accept4?|send|recv|sendmsg|recvmsg|epoll_\w+|poll|select"
              r"|setsockopt|getaddrinfo)\s*\(",
         include=r"^(sys/(socket|epoll|select|eventfd|un)\.h|poll\.h|netdb\.h|netinet/\w+\.h|arpa/inet\.h)$",
         tests=True),
    Rule("asio", ["network", "http"], "Asio stays below; use runtime/task.h and runtime/socket.h",
         code=r"\bboost::(asio|beast)\b|\basio::", include=r"^boost/(asio|beast)"),
    Rule("clocks", ["runtime", "base"], "time comes from the shard (runtime/shard.h) or as an argument",
         code=r"\b(system|steady|high_resolution|utc|file)_clock\s*::\s*now\b|\bclock_gettime\s*\("
              r"|\bgettimeofday\s*\(|(?<![\w.>])(std::)?time\s*\(\s*(nullptr|NULL|0)\s*\)"
              r"|\bthis_thread\b|(?<![\w:])::?u?sleep\s*\("),
    Rule("random", ["runtime"], "random numbers come from the shard, so that a seed repeats a run",
         code=r"\bstd::(random_device|rand|srand)\b|\bgetrandom\s*\(|\barc4random", include=r"^sys/random\.h$"),
    Rule("processes", ["runtime", "apps"], "signals and processes belong to runtime",
         code=r"\bstd::(signal|raise)\s*\(|\bsigaction\s*\(|\bfork\s*\(\s*\)|\bstd::system\s*\(|\bgetenv\s*\(",
         tests=True),
    Rule("openssl", ["security", "network"], "OpenSSL stays in security and network", include=r"^openssl/"),
    Rule("sqlite", ["src/metastore/detail/database.cpp"], "SQLite stays in one file of metastore",
         include=r"^sqlite3"),
    Rule("zookeeper", ["src/metastore/zookeeper_store.cpp"], "one file of metastore knows it",
         include=r"^zookeeper/"),
    Rule("spdlog", ["src/base/log.cpp"], "log with base/log.h; spdlog's header is expensive",
         include=r"^spdlog/", code=r"\bspdlog::"),
    Rule("standard output", ["base", "apps", "cli"], "a room logs (base/log.h); it does not print",
         code=r"\bstd::(cout|cerr|clog|puts|printf|fprintf|putchar)\b|(?<![\w:.>])f?printf\s*\("
              r"|(?<![\w:.>])puts\s*\(|\bfmt::print\w*\s*\(", include=r"^iostream$", tests=True),
    Rule("throw", ["runtime"], "what the world does is a result (base/result.h); ensure() is for our mistakes",
         code=r"\bthrow\b", tests=True),
]

LEFTOVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|(?i:\bnot (yet )?impl" r"emented\b)")
FORBIDDEN_FOLDERS = {"common", "util", "utils", "helpers", "misc"}


def check_calls(sources):
    for source in sources:
        if not source.is_cpp or source.path.split("/")[0] not in ("src", "apps"):
            continue
        for rule in RULES:
            if rule.allows(source) or (rule.tests and not source.is_product and source.room != "apps"):
                continue
            yield from _one_rule(source, rule)


def _one_rule(source, rule):
    if rule.include:
        for line, _, included in source.includes():
            if rule.include.search(included):
                yield Finding(source.path, line, f"includes {included}: {rule.why}", rule.name)
    if rule.code:
        for match in rule.code.finditer(source.code):
            yield Finding(source.path, source.code_line_of(match.start()),
                          f"{match.group().strip()}: {rule.why}", rule.name)


def check_words(sources):
    for source in sources:
        for number, line in enumerate(source.lines, 1):
            if match := LEFTOVER.search(line):
                yield Finding(source.path, number, f"{match.group()}: finish it, or write an issue")
        folders = set(source.path.split("/")[:-1]) & FORBIDDEN_FOLDERS
        if folders:
            yield Finding(source.path, 1, f"a folder {folders.pop()}/ says nothing: name what it owns")


def check_headers(sources):
    for source in sources:
        if not source.is_header:
            continue
        if "#pragma once" not in source.text:
            yield Finding(source.path, 1, "a header has #pragma once")
        if match := re.search(r"\busing\s+namespace\b", source.code):
            yield Finding(source.path, source.code_line_of(match.start()),
                          "using namespace in a header reaches everyone who includes it")
        if source.is_product and "/detail/" not in source.path and not source.text.startswith("//"):
            yield Finding(source.path, 1, "a header opens with a comment: what it owns, on which shard, how long")
