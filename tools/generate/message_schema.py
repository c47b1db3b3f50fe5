"""Reads schema/messages/*.txt: one message a file.

    FetchRequest: request 1, versions 0-18, flexible 12+

      replicaId     int32          0-14  default -1, entity brokerId
      topics        []FetchTopic   0+
        topic       string         0-12  ignorable

The first line names the message, its kind (request, response, header, data, coordinator_key, coordinator_value,
remote_log_record), its API key or record type, its versions and those with tagged fields and compact lengths. A
field has a name, a type, versions, and attributes: nullable [versions], tag N, default X, ignorable (lost without
an error in versions that lack it), key (unique in its array), entity (what it names), inflexible (never compact),
mostly one (an array that needs no allocation while it has one element).
The fields of a struct are indented below its first use, or below a line `struct Name` when it has several.
"""
import re
from dataclasses import dataclass, field as dataclass_field

END = 32767
FIXED_SIZES = {"bool": 1, "int8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "float64": 8,
               "uuid": 16}
FUNCTIONS = {"read", "write", "encoded_size", "external_size", "description"}
CONSTANTS = {"api", "lowest_version", "highest_version", "first_flexible_version"}
LOCALS = {"version", "in", "out", "at", "compact", "size", "tag", "tags", "left"}
KEYWORDS = {"default", "new", "delete", "operator", "namespace", "register", "private", "public"}


def snake_case(name):
    name = name.replace("KRaft", "Kraft")
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def parse_versions(text):
    """0+, 3 or 2-5 as (lowest, highest)."""
    if text.endswith("+"):
        return int(text[:-1]), END
    low, _, high = text.partition("-")
    return int(low), int(high or low)


@dataclass
class Field:
    json_name: str
    type: str  # without []
    is_array: bool
    versions: tuple
    nullable: tuple = None  # versions
    tag: int = None
    default: str = None
    ignorable: bool = False
    inflexible: bool = False
    is_mostly_one: bool = False
    struct: "Struct" = None

    @property
    def name(self):
        return snake_case(self.json_name)

    @property
    def member(self):
        """The member inside a function of the generated source."""
        return f"this->{self.name}" if self.name in LOCALS else self.name

    @property
    def is_optional(self):
        return self.nullable is not None and self.type != "records"

    @property
    def fixed_size(self):
        return None if self.is_array or self.nullable else FIXED_SIZES.get(self.type)


@dataclass
class Struct:
    name: str  # in snake_case
    fields: list = dataclass_field(default_factory=list)
    versions: tuple = None  # in which it can occur
    is_compared: bool = False  # its equality with a default one is asked for
    cpp_name: str = ""  # outside of its message

    def all_types(self):
        return [field.struct for field in self.fields if field.struct]


@dataclass
class Message(Struct):
    json_name: str = ""
    kind: str = ""
    key: int = None
    flexible_from: int = None
    structs: list = dataclass_field(default_factory=list)  # used ones before their users

    @property
    def has_key(self):
        return self.kind in ("request", "response")


def parse_field(line):
    parts = line.split(None, 3)
    type_name = parts[1].removeprefix("[]")
    result = Field(parts[0], type_name, parts[1].startswith("[]"), parse_versions(parts[2]))
    for attribute in (parts[3].split(", ") if len(parts) > 3 else []):
        word, _, value = attribute.partition(" ")
        if word == "nullable":
            result.nullable = parse_versions(value) if value else (0, END)
        elif word == "tag":
            result.tag = int(value)
        elif word == "default":
            result.default = value
        elif attribute == "mostly one":
            result.is_mostly_one = True
        elif word in ("ignorable", "inflexible"):
            setattr(result, word, True)
        elif word not in ("key", "entity"):
            raise ValueError(f"unknown attribute {attribute!r} of field {parts[0]}")
    return result


def parse_head(line):
    match = re.fullmatch(r"(\w+): (\w+)(?: (\d+))?, versions (\S+?)(?:, flexible (\d+)\+)?", line)
    if not match:
        raise ValueError(f"not a head line: {line!r}")
    name, kind, key, versions, flexible = match.groups()
    return Message(snake_case(name), versions=parse_versions(versions), json_name=name, kind=kind,
                   key=None if key is None else int(key), flexible_from=None if flexible is None else int(flexible))


def narrowed(versions, outer):
    return max(versions[0], outer[0]), min(versions[1], outer[1])


def link(message, struct, by_name):
    """Connects fields with their structs and finds out in which versions each struct occurs."""
    for field in struct.fields:
        field.struct = by_name.get(field.type)
        if field.struct is None:
            if field.type not in FIXED_SIZES and field.type not in ("string", "bytes", "records"):
                raise ValueError(f"{message.json_name}: unknown type {field.type}")
            continue
        inner, seen = field.struct, narrowed(field.versions, struct.versions)
        known = inner.versions
        inner.versions = seen if known is None else (min(seen[0], known[0]), max(seen[1], known[1]))
        inner.cpp_name = f"{message.name}_{inner.name}"
        link(message, inner, by_name)
        if inner not in message.structs:
            message.structs.append(inner)


def mark_compared(struct):
    struct.is_compared = True
    for inner in struct.all_types():
        mark_compared(inner)


def check_names(message):
    for struct in [*message.structs, message]:
        names = {field.name for field in struct.fields}
        clashes = names & (KEYWORDS | FUNCTIONS | {inner.name for inner in struct.all_types()} | {struct.name})
        if struct is message:
            clashes |= names & (CONSTANTS | {inner.name for inner in message.structs})
        if clashes:
            raise ValueError(f"{message.json_name}: {struct.name} has a field named like a type or function: {clashes}")


def finish(message, by_name):
    message.cpp_name = message.name
    link(message, message, by_name)
    for struct in [*message.structs, message]:
        for field in struct.fields:
            low, high = narrowed(field.versions, struct.versions)
            is_partial = field.tag is not None or (not field.ignorable and (low, high) != struct.versions)
            if field.struct and not field.is_array and field.default != "null" and is_partial:
                mark_compared(field.struct)
    check_names(message)


def parse_message(text):
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    message = parse_head(lines[0])
    by_name, open_structs = {}, [message]
    for line in lines[1:]:
        if line.startswith("struct "):
            name = line.removeprefix("struct ")
            open_structs = [by_name.setdefault(name, Struct(snake_case(name)))]
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        if depth > len(open_structs):
            parent = open_structs[-1].fields[-1]
            open_structs.append(by_name.setdefault(parent.type, Struct(snake_case(parent.type))))
        del open_structs[depth:]
        open_structs[-1].fields.append(parse_field(line.strip()))
    finish(message, by_name)
    return message


def read_messages(folder):
    messages = []
    for path in sorted(folder.glob("*.txt")):
        try:
            messages.append(parse_message(path.read_text()))
        except (ValueError, IndexError) as problem:
            raise SystemExit(f"{path}: {problem}")
    return messages
