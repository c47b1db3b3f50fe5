"""Writes the functions of messages: straight-line code, fixed-size neighbours taken in one step."""
from message_header import cpp_type, has_records, integer_default, is_error_code
from message_schema import END, narrowed


class Scope:
    """A struct inside its message: in which versions it occurs and which of them are flexible."""

    def __init__(self, message, struct):
        self.message, self.struct, self.versions = message, struct, struct.versions
        first = message.flexible_from
        if first is None or first > struct.versions[1]:
            self.compact = "false"
        else:
            self.compact = "true" if first <= struct.versions[0] else "compact"
        self.cpp_name = struct.cpp_name

    def compact_of(self, field):
        return "false" if field.inflexible else self.compact

    def condition(self, versions):
        """C++ for `version` being in `versions`; empty when it always is."""
        low, high = narrowed(versions, self.versions)
        parts = [f"version >= {low}"] if low > self.versions[0] else []
        parts += [f"version <= {high}"] if high < self.versions[1] else []
        return f"version == {low}" if len(parts) == 2 and low == high else " && ".join(parts)

    def nullable(self, field):
        if field.nullable is None:
            return "false"
        low, high = narrowed(field.versions, self.versions)
        return "true" if field.nullable[0] <= low and field.nullable[1] >= high else self.condition(field.nullable)


def groups(scope):
    """Untagged fields as [(condition, [field or run of fixed-size fields])], in the order of the wire."""
    result = []
    for field in scope.struct.fields:
        if field.tag is not None:
            continue
        condition = scope.condition(field.versions)
        if not result or result[-1][0] != condition:
            result.append((condition, []))
        steps = result[-1][1]
        if field.fixed_size and steps and isinstance(steps[-1], list):
            steps[-1].append(field)
        else:
            steps.append([field] if field.fixed_size else field)
    return result


def tagged_fields(scope):
    return sorted((field for field in scope.struct.fields if field.tag is not None), key=lambda field: field.tag)


def tag_condition(scope, field):
    """As scope.condition, where being flexible is known."""
    is_always = field.versions[0] <= scope.message.flexible_from and field.versions[1] == END
    return "" if is_always else scope.condition(field.versions)


def in_condition(condition, lines):
    return [f"if ({condition}) {{", *("  " + line for line in lines), "}"] if condition else lines


def smallest_size(message, struct, version):
    size = 1 if message.flexible_from is not None and version >= message.flexible_from else 0
    compact = size == 1
    for field in struct.fields:
        if field.tag is not None or not field.versions[0] <= version <= field.versions[1]:
            continue
        if field.struct and not field.is_array:
            size += 1 if field.nullable else smallest_size(message, field.struct, version)
        elif field.fixed_size:
            size += field.fixed_size
        else:
            size += 1 if compact else 2 if field.type == "string" and not field.is_array else 4
    return size


def smallest_in(scope, field):
    low, high = narrowed(field.versions, scope.versions)
    return max(1, min(smallest_size(scope.message, field.struct, version)
                      for version in range(low, min(high, scope.message.versions[1]) + 1)))


# Reading

def read_step(scope, field):
    compact, nullable, name, json = scope.compact_of(field), scope.nullable(field), field.member, f'"{field.json_name}"'
    if field.struct and field.is_array:
        flags = f"{compact}, {nullable}" if field.is_optional else compact
        return [f"detail::read_structs(in, {name}, version, {flags}, {smallest_in(scope, field)}, {json});"]
    if field.struct:
        call = f"detail::read_struct(in, {name}, version, {json});"
        return [call if field.is_optional else f"{name}.read(in, version);"]
    if field.type == "records":
        return [f"in.records_field({name}, {compact}, {nullable}, {json});"]
    kind = "array" if field.is_array else field.type
    if field.is_optional:
        return [f"in.nullable_{kind}({name}, {compact}, {nullable}, {json});"]
    return [f"in.{kind}({name}, {compact}, {json});"]


def read_run(run):
    size = sum(field.fixed_size for field in run)
    lines, offset = [f'if (const std::byte* at = in.take({size}, "{run[0].json_name}")) {{'], 0
    for field in run:
        lines.append(f"  detail::load(at{f' + {offset}' if offset else ''}, {field.member});")
        offset += field.fixed_size
    return lines + ["}"]


def read_tags(scope):
    tagged = tagged_fields(scope)
    if not tagged:
        return ["in.skip_tags();"]
    lines = ['for (auto left = in.unsigned_varint("tag count"); left > 0 && in.ok(); --left) {',
             "  const reader::tag tag = in.begin_tag();"]
    word = "  if"
    for field in tagged:
        condition = tag_condition(scope, field)
        condition = f" && {condition}" if condition else ""
        step = read_run([field]) if field.fixed_size else read_step(scope, field)
        lines += [f"{word} (tag.number == {field.tag}{condition}) {{", *("    " + line for line in step),
                  f'    in.end_tag(tag, "{field.json_name}");']
        word = "  } else if"
    return lines + ["  } else {", "    in.skip(tag);", "  }", "}"]


def read_lines(scope):
    lines = []
    for condition, steps in groups(scope):
        body = [line for step in steps
                for line in (read_run(step) if isinstance(step, list) else read_step(scope, step))]
        lines += in_condition(condition, body)
    if scope.compact != "false":
        lines += in_condition("" if scope.compact == "true" else "compact", read_tags(scope))
    return lines + ["return in.ok();"]


# Writing

def is_set(field):
    """C++ for the field having another value than its default."""
    name = field.member
    if field.is_optional:
        if field.default == "null":
            return f"{name}.has_value()"
        is_struct = field.struct and not field.is_array
        return f"(!{name} || !({f'*{name} == {field.struct.cpp_name}()' if is_struct else f'{name}->empty()'}))"
    if field.is_array or field.type in ("string", "bytes"):
        return f'{name} != "{field.default}"' if field.default else f"!{name}.empty()"
    if field.struct:
        return f"!({name} == {field.struct.cpp_name}())"
    if field.type in ("uuid", "records"):
        return f"!{name}.is_zero()" if field.type == "uuid" else f"!{name}.is_null()"
    if field.type == "bool":
        return f"!{name}" if field.default == "true" else name
    if is_error_code(field):
        return f"static_cast<std::int16_t>({name}) != {integer_default(field)}"
    return f"{name} != {field.default or 0}" if field.type == "float64" else f"{name} != {integer_default(field)}"


def write_step(scope, field):
    compact, nullable, name, json = scope.compact_of(field), scope.nullable(field), field.member, f'"{field.json_name}"'
    if field.struct and field.is_array:
        flags = f"{compact}, {nullable}, {json}" if field.is_optional else compact
        return [f"detail::write_structs(out, {name}, version, {flags});"]
    if field.struct:
        return [f"detail::write_struct(out, {name}, version);" if field.is_optional else f"{name}.write(out, version);"]
    if field.type == "records":
        return [f"out.records_field({name}, {compact}, {nullable}, {json});"]
    kind = "array" if field.is_array else field.type
    if field.is_optional:
        return [f"out.nullable_{kind}({name}, {compact}, {nullable}, {json});"]
    return [f"out.{kind}({name}, {compact}{'' if field.type == 'bytes' and not field.is_array else ', ' + json});"]


def write_run(run):
    size = sum(field.fixed_size for field in run)
    if len(run) == 1:
        return [f"detail::store(out.take({size}), {run[0].member});"]
    lines, offset = [f"at = out.take({size});"], 0
    for field in run:
        lines.append(f"detail::store(at{f' + {offset}' if offset else ''}, {field.member});")
        offset += field.fixed_size
    return lines


def missing_checks(scope):
    lines = []
    for field in scope.struct.fields:
        condition = scope.condition(field.versions)
        if condition and not field.ignorable:
            lines += [f"if (!({condition}) && {is_set(field)}) {{",
                      f'  out.unsupported("{field.json_name}", version);', "}"]
    return lines


def has_tag(scope, field):
    condition = tag_condition(scope, field)
    return f"const bool has_{field.name} = {condition + ' && ' if condition else ''}{is_set(field)};"


def write_tags(scope):
    tagged = tagged_fields(scope)
    lines = [has_tag(scope, field) for field in tagged]
    lines.append(f"out.unsigned_varint({' + '.join(f'has_{field.name}' for field in tagged) or 0});")
    for field in tagged:
        step = write_run([field]) if field.fixed_size else write_step(scope, field)
        lines += [f"if (has_{field.name}) {{", f"  out.tag({field.tag}, {value_size(scope, field)});",
                  *("  " + line for line in step), "}"]
    return lines


def write_lines(scope):
    lines = missing_checks(scope)
    if any(isinstance(step, list) and len(step) > 1 for _, steps in groups(scope) for step in steps):
        lines.append("std::byte* at;")
    for condition, steps in groups(scope):
        body = [line for step in steps
                for line in (write_run(step) if isinstance(step, list) else write_step(scope, step))]
        lines += in_condition(condition, body)
    if scope.compact != "false":
        lines += in_condition("" if scope.compact == "true" else "compact", write_tags(scope))
    return lines + ["return out.ok();"]


# Sizes

def value_size(scope, field):
    if field.fixed_size:
        return str(field.fixed_size)
    compact = scope.compact_of(field)
    if field.struct and field.is_array:
        return f"detail::size_of_structs({field.member}, version, {compact})"
    if field.struct:
        call = f"detail::size_of_struct({field.member}, version)"
        return call if field.is_optional else f"{field.member}.encoded_size(version)"
    return f"detail::size_of({field.member}, {compact})"


def size_lines(scope):
    lines = ["std::size_t size = 0;"]
    for condition, steps in groups(scope):
        fixed = sum(field.fixed_size for step in steps if isinstance(step, list) for field in step)
        terms = [str(fixed)] if fixed else []
        terms += [value_size(scope, step) for step in steps if not isinstance(step, list)]
        lines += in_condition(condition, [f"size += {' + '.join(terms)};"])
    if scope.compact != "false":
        body = []
        if tagged_fields(scope):
            body.append("std::size_t tags = 0;")
        for field in tagged_fields(scope):
            condition = tag_condition(scope, field)
            body += [f"if ({condition + ' && ' if condition else ''}{is_set(field)}) {{", "  ++tags;",
                     f"  size += detail::size_of_tag({field.tag}, {value_size(scope, field)});", "}"]
        body.append("size += unsigned_varint_size(tags);" if tagged_fields(scope) else "size += 1;")
        lines += in_condition("" if scope.compact == "true" else "compact", body)
    return lines + ["return size;"]


def external_size_lines(scope):
    lines = ["std::size_t size = 0;"]
    for field in scope.struct.fields:
        if field.type == "records":
            lines.append(f"size += {field.member}.external_size();")
        elif field.struct and has_records(field.struct):
            lines += [f"for (const auto& element : {field.member}) {{", "  size += element.external_size();", "}"]
    return lines + ["return size;"]


# Descriptions

KINDS = {"bool": "boolean"}


def description_lines(scope):
    name = scope.cpp_name + "_fields"
    rows = []
    for field in scope.struct.fields:
        low, high = narrowed(field.versions, scope.versions)
        kind = "structure" if field.struct else KINDS.get(field.type, field.type)
        needs_elements = field.is_array or (field.struct and field.is_optional)
        rows.append("  {" + ", ".join([
            f'"{field.json_name}"', f"offsetof({scope.cpp_name}, {field.name})", f"field_kind::{kind}",
            str(field.is_array).lower(), str(field.is_optional).lower(), str(low), str(high),
            f"&{field.struct.cpp_name}::description" if field.struct else "nullptr",
            f"detail::elements<{cpp_type(field)}>" if needs_elements else "nullptr",
            str(field.tag is not None).lower()]) + "},")
    json_name = scope.message.json_name if scope.struct is scope.message else scope.struct.name
    table = [f"constexpr field_description {name}[] = {{", *rows, "};"] if rows else []
    fields = f"{name}, std::size({name})" if rows else "nullptr, 0"
    defaults = f"detail::defaults<{scope.cpp_name}>" if tagged_fields(scope) else "nullptr"
    return table, (f"const struct_description {scope.cpp_name}::description = {{"
                   f'"{json_name}", sizeof({scope.cpp_name}), {fields}, {defaults}}};')


def function(signature, scope, body):
    if scope.compact == "compact" and any("compact" in line for line in body):
        body = [f"const bool compact = version >= {scope.message.flexible_from};", *body]
    return [signature + " {", *("  " + line for line in body), "}", ""]


def struct_functions(scope):
    version, name = "[[maybe_unused]] std::int16_t version", scope.cpp_name
    lines = function(f"bool {name}::read(reader& in, {version})", scope, read_lines(scope))
    lines += function(f"bool {name}::write(writer& out, {version}) const", scope, write_lines(scope))
    lines += function(f"std::size_t {name}::encoded_size({version}) const", scope, size_lines(scope))
    if has_records(scope.struct):
        lines += function(f"std::size_t {name}::external_size() const", scope, external_size_lines(scope))
    return lines


def group_text(messages):
    """One source for the messages of one API."""
    lines = [f'#include "protocol/messages/{message.name}.h"' for message in messages]
    lines += ['#include "protocol/detail/codec.h"', '#include "protocol/message_type.h"', "",
              "// A small_vector has no standard layout; our compilers know the offsets of all without virtual bases.",
              '#pragma GCC diagnostic ignored "-Winvalid-offsetof"', "", "namespace barnabas::protocol {", ""]
    for message in messages:
        scopes = [Scope(message, struct) for struct in [*message.structs, message]]
        for scope in scopes:
            lines += struct_functions(scope)
        described = [description_lines(scope) for scope in scopes]
        lines += ["namespace {", *(line for table, _ in described for line in table), "}  // namespace"]
        lines += [definition for _, definition in described]
        lines += [f"extern const message_type {message.name}_type;",
                  f"const message_type {message.name}_type = detail::message_type_of<{message.name}>();", ""]
    return "\n".join(lines + ["}  // namespace barnabas::protocol", ""])
