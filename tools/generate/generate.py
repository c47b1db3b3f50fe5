"""Writes the generated sources: generate.py SCHEMA_FOLDER OUTPUT_FOLDER."""
import pathlib
import sys

import apis
import client_settings
import configs
import errors
import message_header
import message_schema
import message_source


class Output:
    """Writes files whose text changed and removes those that are no longer generated."""

    def __init__(self, folder):
        self.folder, self.written = folder, set()

    def write(self, name, text):
        path = self.folder / name
        self.written.add(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)

    def remove_others(self):
        for path in self.folder.rglob("*"):
            if path.is_file() and path not in self.written:
                path.unlink()


def group_name(message):
    """Messages of one API share a source, and so do a record's key and value."""
    for suffix in ("_request", "_response", "_key", "_value"):
        if message.kind != "data" and message.name.endswith(suffix):
            return message.name.removesuffix(suffix)
    return message.name


def versions_text(message):
    low, high = message.versions
    flexible = "" if message.flexible_from is None else f", flexible from {message.flexible_from}"
    kind = message.kind.replace("_", " ") + ("" if message.key is None else f" {message.key}")
    return f"{kind}, versions {low} to {high}{flexible}"


def generate_messages(schema, out):
    messages = message_schema.read_messages(schema / "messages")
    by_group = {}
    for message in messages:
        text = message_header.message_text(message, versions_text(message), apis.api_name(message))
        out.write(f"protocol/messages/{message.name}.h", text)
        by_group.setdefault(group_name(message), []).append(message)
    for name, group in by_group.items():
        out.write(f"protocol/messages/{name}.cpp", message_source.group_text(group))
    requests = sorted((message for message in messages if message.kind == "request"), key=lambda message: message.key)
    out.write("protocol/api_keys.h", apis.header_text(requests))
    out.write("protocol/api_keys.cpp", apis.source_text(requests))
    out.write("protocol/message_types.cpp", apis.types_text(messages))


def main():
    schema, out = pathlib.Path(sys.argv[1]), Output(pathlib.Path(sys.argv[2]))
    errors.generate(schema, out)
    configs.generate(schema, out)
    client_settings.generate(schema, out)
    generate_messages(schema, out)
    out.remove_others()


main()
