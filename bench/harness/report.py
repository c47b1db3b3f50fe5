"""Medians, ratios, Markdown and JSON."""
import statistics

GROUPS = {
    "produce": ("Produce, as fast as it goes", [
        ("CPU s/GB", "cpu_s_per_gb", 2), ("CPU s/million records", "cpu_s_per_million_records", 2),
        ("CPU µs/request", "cpu_us_per_request", 1), ("MB/s", "mb_per_s", 0),
        ("switches/request", "switches_per_request", 2),
        ("RSS MB", "rss_mb", 0), ("load's CPU s/GB", "load_cpu_s_per_gb", 2)]),
    "fetch": ("Fetch, as fast as it goes", [
        ("CPU s/GB", "cpu_s_per_gb", 3), ("CPU s/million records", "cpu_s_per_million_records", 3),
        ("CPU µs/request", "cpu_us_per_request", 0), ("MB/s", "mb_per_s", 0),
        ("switches/request", "switches_per_request", 2),
        ("RSS MB", "rss_mb", 0), ("load's CPU s/GB", "load_cpu_s_per_gb", 2)]),
    "java": ("Under Java's load tools", [
        ("CPU s/GB", "cpu_s_per_gb", 3), ("CPU s/million records", "cpu_s_per_million_records", 2),
        ("% of a core", "core_percent", 1), ("seconds", "seconds", 1)]),
    "rate": ("At a fixed rate (ms from the intended time; delivery is to the reader)", [
        ("p50", "p50_ms", 2), ("p99", "p99_ms", 2), ("p99.9", "p999_ms", 2), ("max", "max_ms", 1),
        ("delivery p50", "delivery_p50_ms", 2), ("p99", "delivery_p99_ms", 2), ("p99.9", "delivery_p999_ms", 2),
        ("max", "delivery_max_ms", 1),
        ("CPU s/GB in and out", "cpu_s_per_gb", 2), ("% of a core", "core_percent", 1),
        ("switches/request", "switches_per_request", 2), ("RSS MB", "rss_mb", 0)]),
    "groups": ("Groups and committed offsets (ms from the intended time; a request is a commit or a heartbeat)", [
        ("CPU µs/request", "cpu_us_per_request", 1), ("requests/s", "requests_per_s", 0),
        ("% of a core", "core_percent", 1),
        ("p50", "p50_ms", 2), ("p99", "p99_ms", 2), ("p99.9", "p999_ms", 2), ("max", "max_ms", 1),
        ("RSS MB", "rss_mb", 0)]),
    "compaction": ("Compaction", [
        ("CPU s/GB", "cpu_s_per_gb", 2), ("seconds", "seconds", 1), ("MB before", "before_mb", 0),
        ("MB after", "after_mb", 0), ("peak RSS MB", "peak_mb", 0)]),
    "life": ("Start, rest, recovery", [
        ("first answer, ms", "first_ms", 1), ("all partitions, ms", "all_ms", 0), ("partitions", "partitions", 0),
        ("RSS MB before", "before_rss_mb", 0), ("RSS MB", "rss_mb", 1), ("own memory MB", "own_mb", 1),
        ("% of a core", "core_percent", 2), ("open files", "open_files", 0)]),
}
RATIO_KEY = {"produce": "cpu_s_per_gb", "fetch": "cpu_s_per_gb", "java": "cpu_s_per_gb", "rate": "p99_ms",
             "life": "first_ms", "groups": "cpu_us_per_request", "compaction": "cpu_s_per_gb"}


def median_of(runs):
    return {key: statistics.median([run[key] for run in runs if key in run])
            for key in sorted({key for run in runs for key in run})}


class Results:
    """scenario name -> server name -> runs, in the order of their first measurement."""

    def __init__(self, facts, quick):
        self.facts, self.quick = facts, quick
        self.scenarios, self.runs, self.errors = [], {}, {}

    def add(self, scenario, server_name, figures):
        self._known(scenario).setdefault(server_name, []).append(figures)

    def add_error(self, scenario, server_name, text):
        self._known(scenario).setdefault(server_name, [])
        self.errors.setdefault(f"{scenario.name} / {server_name}", text)

    def _known(self, scenario):
        if scenario.name not in self.runs:
            self.scenarios.append(scenario)
        return self.runs.setdefault(scenario.name, {})

    def medians(self, scenario):
        return {name: median_of(runs) for name, runs in self.runs[scenario.name].items() if runs}

    def to_json(self):
        return {"machine": self.facts, "quick": self.quick, "errors": self.errors,
                "results": [{"scenario": s.name, "group": s.group, "medians": self.medians(s),
                             "ratios": self.ratios(s), "runs": self.runs[s.name]} for s in self.scenarios]}

    def ratios(self, scenario):
        """Ours over the bare server's, and the others' over ours, of the group's leading figure."""
        medians, key = self.medians(scenario), RATIO_KEY[scenario.group]
        ours = medians.get("barnabas", {}).get(key)
        found = {}
        for name, figures in medians.items():
            if name != "barnabas" and ours and figures.get(key):
                found[name] = ours / figures[key] if name == "bare" else figures[key] / ours
        return found

    def to_markdown(self):
        facts = self.facts
        lines = [f"Measured {facts['date']} at commit {facts['commit']}: {facts['cores']} cores of {facts['cpu']}, "
                 f"{facts['memory_gb']} GB of memory, Linux {facts['kernel']}, fdatasync of 4 KiB "
                 f"{facts['fdatasync_ms']} ms, load average at the start {facts['load_average']:.1f}, TCP's congestion "
                 f"control {facts['congestion_control']}"
                 + (", quick mode" if self.quick else "") + ".", ""]
        for group in GROUPS:
            scenarios = [s for s in self.scenarios if s.group == group]
            if scenarios:
                lines += self._table(group, scenarios)
        if self.errors:
            lines += ["## Failed", ""] + [f"- {what}: {text.splitlines()[0] if text else 'no message'}"
                                          for what, text in self.errors.items()] + [""]
        return "\n".join(lines)

    def _table(self, group, scenarios):
        title, columns = GROUPS[group]
        used = [c for c in columns if any(c[1] in f for s in scenarios for f in self.medians(s).values())]
        ratio = next(label for label, key, _ in columns if key == RATIO_KEY[group])
        heads = " | ".join(c[0] for c in used)
        lines = [f"## {title}", "", f"| scenario | server | runs | {heads} | ratio of {ratio} |",
                 "|---|---|--:|" + "--:|" * (len(used) + 1)]
        for scenario in scenarios:
            ratios = self.ratios(scenario)
            for name, figures in self.medians(scenario).items():
                cells = [f"{figures[key]:,.{digits}f}" if key in figures else "" for _, key, digits in used]
                said = "" if name not in ratios else \
                    f"ours is {ratios[name]:.2f} of it" if name == "bare" else f"{ratios[name]:.1f} of ours"
                lines.append(f"| {scenario.name} | {name} | {len(self.runs[scenario.name][name])} | "
                             + " | ".join(cells) + f" | {said} |")
        return lines + [""]
