"""Writes the client library's settings from schema/config/library*.txt: client/settings_tables.cpp, and the page
docs/client-settings.md, which stands in the tree as well (a test compares the two)."""
import configs

TABLES = {name: ["library", "library_security", f"library_{name}"] for name in ("producer", "consumer", "admin")}
TITLES = {"library": "Of every client", "library_security": "Of every client, for TLS and SASL",
          "library_producer": "Of a producer", "library_consumer": "Of a consumer",
          "library_admin": "Of an admin client"}


def alias_lines(name, settings):
    pairs = [f"    {{{configs.quoted(alias)}, {configs.quoted(setting.name)}}},"
             for setting in settings for alias in setting.aliases]
    return [f"constexpr setting_alias {name}_aliases[] = {{", *sorted(pairs), "};", ""]


def write_tables(schema, out):
    lines = ["// Generated from schema/config.", '#include "client/settings_table.h"', "", "#include <limits>", "",
             "namespace barnabas::client {", "namespace {", "",
             "constexpr double infinite = std::numeric_limits<double>::infinity();", ""]
    for name, files in TABLES.items():
        settings = [setting for file in files for setting in configs.read_settings(schema / f"config/{file}.txt")]
        lines += configs.table_lines(name, sorted(settings, key=lambda setting: setting.name))
        lines += alias_lines(name, settings)
    lines += ["}  // namespace", ""]
    lines += [f"settings_table {name}_settings() {{ return {{{name}_table, {name}_aliases}}; }}" for name in TABLES]
    out.write("client/settings_tables.cpp", "\n".join(lines + ["", "}  // namespace barnabas::client", ""]))


def allowed(setting):
    if setting.choices:
        return setting.choices.replace(", ", " ")
    if setting.type == "boolean":
        return "true false"
    return f"{setting.lowest} to {setting.highest}" if setting.lowest else ""


def page_row(setting):
    text = setting.documentation
    if setting.is_required:
        text += " Required."
    if setting.ignored_because:
        text = f"Accepted without effect ({setting.ignored_because})."
    if setting.aliases:
        text += " Also " + ", ".join(f"`{alias}`" for alias in setting.aliases) + "."
    default = "" if setting.default in (None, "") else f"`{setting.default}`"
    return f"| `{setting.name}` | {default} | {allowed(setting)} | {setting.unit} | {text} |"


def write_page(schema, out):
    lines = ["# Settings of the client library", "",
             "Generated from `schema/config/library*.txt`. Names, ranges and defaults are librdkafka's. An unknown",
             "name or a wrong value is an error which names the setting and the nearest known one.", ""]
    for file, title in TITLES.items():
        lines += [f"## {title}", "", "| setting | default | allowed | unit | what it does |", "|---|---|---|---|---|"]
        settings = configs.read_settings(schema / f"config/{file}.txt")
        lines += [page_row(setting) for setting in sorted(settings, key=lambda setting: setting.name)] + [""]
    out.write("docs/client-settings.md", "\n".join(lines))


def generate(schema, out):
    write_tables(schema, out)
    write_page(schema, out)
