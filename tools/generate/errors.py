"""Writes base/error_code.h from schema/errors/errors.tsv."""


def generate(schema, out):
    rows = [line.split("\t") for line in (schema / "errors/errors.tsv").read_text().splitlines()
            if line and not line.startswith("#")]
    lines = ["// Generated from schema/errors/errors.tsv.", "#pragma once", "", "#include <cstdint>",
             "#include <string_view>", "", "namespace barnabas {", "",
             "// An error of Kafka's protocol; its value is what goes over the wire.",
             "enum class error_code : std::int16_t {"]
    lines += [f"  {name.lower()} = {code}," for code, name, _ in rows]
    lines += ["};", "",
              "// Kafka's name of it in capitals, as in NOT_LEADER_OR_FOLLOWER; \"UNKNOWN\" for a code outside the "
              "table.",
              "constexpr std::string_view error_name(error_code code) {", "  switch (code) {"]
    lines += [f'    case error_code::{name.lower()}: return "{name}";' for _, name, _ in rows]
    lines += ["  }", '  return "UNKNOWN";', "}", "",
              "// Whether a client may send the same request again and hope.",
              "constexpr bool is_retriable(error_code code) {", "  switch (code) {"]
    lines += [f"    case error_code::{name.lower()}:" for _, name, retriable in rows if retriable == "true"]
    lines += ["      return true;", "    default: return false;", "  }", "}", "", "}  // namespace barnabas", ""]
    out.write("base/error_code.h", "\n".join(lines))
