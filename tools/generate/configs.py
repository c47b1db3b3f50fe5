"""Writes base/config_tables.cpp from schema/config/*.txt; their form stands in broker.txt."""
import re
from dataclasses import dataclass, field

TYPES = ("boolean", "string", "int", "short", "long", "double", "list", "class", "password")
UPDATES = ("read-only", "per-broker", "cluster-wide", "per-topic", "per-group")
TABLES = {"broker": ["broker", "broker_security", "broker_coordinators"],
          "topic": ["topic"], "group": ["group"], "producer": ["client", "producer"],
          "consumer": ["client", "consumer"], "admin": ["client", "admin"]}


@dataclass
class Setting:
    name: str
    type: str
    default: str = None
    lowest: str = None
    highest: str = None
    besides: str = None
    choices: str = ""
    ignores_case: bool = False
    is_filled: bool = False
    unit: str = ""
    update: str = "read-only"
    is_sensitive: bool = False
    is_required: bool = False
    ignored_because: str = ""
    fallbacks: list = field(default_factory=list)
    aliases: list = field(default_factory=list)
    documentation: str = ""


def read_fallbacks(text):
    pairs = [part.split(" * ") for part in text.split(", ")]
    return [(pair[0], pair[1] if len(pair) > 1 else "1") for pair in pairs]


def read_attribute(setting, text):
    interval = re.fullmatch(r"(?:at least (\S+)|(\S+) to (\S+))(?: or (\S+))?", text)
    if interval:
        setting.lowest, setting.highest, setting.besides = interval[1] or interval[2], interval[3], interval[4]
    elif text.startswith("one of "):
        setting.ignores_case = text.endswith(" in any case")
        setting.choices = text.removeprefix("one of ").removesuffix(" in any case")
    elif text == "not empty":
        setting.is_filled = True
    elif text in UPDATES:
        setting.update = text
    elif text.startswith("falls back to "):
        setting.fallbacks = read_fallbacks(text.removeprefix("falls back to "))
    elif text in ("sensitive", "required"):
        setattr(setting, f"is_{text}", True)
    elif text.startswith("also "):
        setting.aliases = text.removeprefix("also ").split(", ")
    elif text.startswith("ignored: "):
        setting.ignored_because = text.removeprefix("ignored: ")
    elif re.fullmatch(r"[a-z]+( a second)?", text):
        setting.unit = text
    else:
        raise ValueError(f"unknown attribute {text!r} of {setting.name}")


def read_settings(path):
    settings = []
    for line in path.read_text().splitlines():
        if line.startswith("  "):
            settings[-1].documentation = (settings[-1].documentation + " " + line.strip()).strip()
        elif line and not line.startswith("#"):
            name, _, rest = line.partition(": ")
            kind, *attributes = rest.split("; ")
            type_name, has_default, default = kind.partition(" =")
            if type_name not in TYPES:
                raise SystemExit(f"{path}: {name} has the unknown type {type_name}")
            settings.append(Setting(name, type_name, default.strip() if has_default else None))
            for attribute in attributes:
                read_attribute(settings[-1], attribute)
    return settings


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def row(setting, fallbacks):
    keep_type = {"boolean": "boolean", "class": "class_name", "int": "int32", "short": "int16", "long": "int64",
                 "double": "float64"}.get(setting.type, setting.type)
    parts = [quoted(setting.name), f"config_type::{keep_type}",
             "std::nullopt" if setting.default is None else quoted(setting.default),
             setting.lowest or "-infinite", setting.highest or "infinite", setting.besides or "std::nullopt",
             quoted(setting.choices), str(setting.ignores_case).lower(), str(setting.is_filled).lower(),
             quoted(setting.unit), f"config_update::{setting.update.replace('-', '_')}",
             str(setting.is_sensitive).lower(), str(setting.is_required).lower(), quoted(setting.ignored_because),
             fallbacks, quoted(setting.documentation)]
    return "    {" + ", ".join(parts) + "},"


def table_lines(name, settings):
    lines = []
    for place, setting in enumerate(settings):
        if setting.fallbacks:
            pairs = ", ".join(f"{{{quoted(other)}, {factor}}}" for other, factor in setting.fallbacks)
            lines.append(f"constexpr config_fallback {name}_fallbacks_{place}[] = {{{pairs}}};")
    lines.append(f"constexpr config_definition {name}_table[] = {{")
    lines += [row(setting, f"{name}_fallbacks_{place}" if setting.fallbacks else "{}")
              for place, setting in enumerate(settings)]
    return lines + ["};", ""]


def generate(schema, out):
    lines = ["// Generated from schema/config.", '#include "base/config_definition.h"', "", "#include <limits>", "",
             "namespace barnabas {", "namespace {", "",
             "constexpr double infinite = std::numeric_limits<double>::infinity();", ""]
    for name, files in TABLES.items():
        settings = [setting for file in files for setting in read_settings(schema / f"config/{file}.txt")]
        lines += table_lines(name, sorted(settings, key=lambda setting: setting.name))
    lines += ["}  // namespace", ""]
    lines += [f"std::span<const config_definition> {name}_configs() {{ return {name}_table; }}" for name in TABLES]
    out.write("base/config_tables.cpp", "\n".join(lines + ["", "}  // namespace barnabas", ""]))
