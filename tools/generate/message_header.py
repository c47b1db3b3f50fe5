"""Writes the header of a message: its struct with defaults, and the declarations of its functions."""

INTEGERS = {"int8": "std::int8_t", "int16": "std::int16_t", "uint16": "std::uint16_t", "int32": "std::int32_t",
            "uint32": "std::uint32_t", "int64": "std::int64_t"}
OTHERS = {"bool": "bool", "float64": "double", "uuid": "barnabas::uuid", "string": "std::string_view",
          "bytes": "bytes_view", "records": "protocol::records"}


def is_error_code(field):
    return field.type == "int16" and not field.is_array and field.name.endswith("error_code")


def element_type(field):
    if field.struct:
        return field.struct.cpp_name
    return "barnabas::error_code" if is_error_code(field) else INTEGERS.get(field.type) or OTHERS[field.type]


def cpp_type(field):
    text = element_type(field)
    if field.is_array:
        text = f"boost::container::small_vector<{text}, 1>" if field.is_mostly_one else f"std::vector<{text}>"
    return f"std::optional<{text}>" if field.is_optional else text


def integer_default(field):
    value = int(field.default or "0", 0)
    if value == -2**63:
        return "std::numeric_limits<std::int64_t>::min()"
    return str(value) if abs(value) < 2**31 else f"{value}ll"


def initializer(field):
    """What follows the member's name, as in ` = -1`; empty when the type's own default is right."""
    if field.is_array or field.struct:
        inner = cpp_type(field).removeprefix("std::optional<")[:-1]
        return f" = {inner}()" if field.is_optional and field.default != "null" else ""
    if field.type == "string":
        text = f'std::string_view("{field.default or ""}")'
        return f" = {text}" if field.default != "null" and (field.is_optional or field.default) else ""
    if field.type == "bytes":
        return " = bytes_view()" if field.is_optional and field.default != "null" else ""
    if is_error_code(field):
        value = integer_default(field)
        return "{}" if value == "0" else f" = static_cast<barnabas::error_code>({value})"
    if field.type == "bool":
        return f" = {field.default or 'false'}"
    if field.type == "float64":
        return f" = {field.default or '0'}"
    return f" = {integer_default(field)}" if field.type in INTEGERS else ""


def has_records(struct):
    return any(field.type == "records" or (field.struct and has_records(field.struct)) for field in struct.fields)


def struct_lines(struct, indent):
    lines = [f"{cpp_type(field)} {field.name}{initializer(field)};" for field in struct.fields]
    lines += ["", "bool read(reader& in, std::int16_t version);",
              "bool write(writer& out, std::int16_t version) const;",
              "std::size_t encoded_size(std::int16_t version) const;"]
    if has_records(struct):
        lines.append("std::size_t external_size() const;")
    if struct.is_compared:
        lines.append(f"bool operator==(const {struct.cpp_name}&) const = default;")
    lines.append("static const struct_description description;")
    return [indent + line if line else "" for line in lines]


def message_text(message, versions_text, api_name):
    lines = [f"// Generated from schema/messages/{message.name}.txt: {versions_text}.", "#pragma once", "",
             '#include "protocol/message.h"']
    if message.has_key:
        lines.append('#include "protocol/api_keys.h"')
    if any(field.is_mostly_one for struct in [*message.structs, message] for field in struct.fields):
        lines += ["", "#include <boost/container/small_vector.hpp>"]
    lines += ["", "namespace barnabas::protocol {", ""]
    for struct in message.structs:
        lines += [f"struct {struct.cpp_name} {{", *struct_lines(struct, "  "), "};", ""]
    lines.append(f"struct {message.name} {{")
    if message.has_key:
        lines.append(f"  static constexpr api_key api = api_key::{api_name};")
    flexible = "never_flexible" if message.flexible_from is None else message.flexible_from
    lines += [f"  static constexpr std::int16_t lowest_version = {message.versions[0]};",
              f"  static constexpr std::int16_t highest_version = {message.versions[1]};",
              f"  static constexpr std::int16_t first_flexible_version = {flexible};", ""]
    lines += [f"  using {struct.name} = {struct.cpp_name};" for struct in message.structs]
    lines += [*([""] if message.structs else []), *struct_lines(message, "  "), "};", ""]
    return "\n".join([*lines, "}  // namespace barnabas::protocol", ""])
