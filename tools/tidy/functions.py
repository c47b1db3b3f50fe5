"""Finds C++ function bodies by their braces. A heuristic: it knows namespaces, types, initializers and
constructors' member lists; what is inside a function, lambdas too, counts as that function."""
import re

_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum)\b|extern\s*\"")
_TEMPLATE = re.compile(r"^\s*(export\s+)?template\s*<")
_MEMBER_LIST = re.compile(r"\)[^()]*:\s*(?!:)[\s\S]*$")
_NAME = re.compile(r"([~\w:]+|operator[^(]{1,3})\s*\(")
_TOKEN = re.compile(r"[{}();]|^[ \t]*#.*?(?<!\\)$", re.MULTILINE)


def functions(code):
    """Yields (first line, last line, name) of every function with a body; code has no comments or strings."""
    start, parens, position = 0, 0, 0
    while match := _TOKEN.search(code, position):
        token, position = match.group(), match.end()
        if token[0] in " \t#":
            if parens == 0:
                start = position
        elif token in "()":
            parens = max(0, parens + (1 if token == "(" else -1))
        elif token == "{" and parens > 0:
            position = _past_body(code, position)
        elif token == "{":
            head = code[start:match.start()]
            kind = _kind(head)
            if kind == "member":
                position = _past_body(code, position)
                continue
            if kind == "function":
                position = _past_body(code, position)
                first = start + len(head) - len(head.lstrip())
                yield (code.count("\n", 0, first) + 1, code.count("\n", 0, position) + 1, _name(head))
            elif kind == "value":
                position = _past_body(code, position)
                continue
            start = position
        elif parens == 0:  # } or ;
            start = position


def _kind(head):
    """What the brace after this text opens: scope, function, member (of a constructor's list) or value."""
    text = _without_template(head).strip()
    while text.startswith(("public:", "private:", "protected:")):
        text = text.split(":", 1)[1].strip()
    if "(" not in text:
        return "scope" if _SCOPE.search(text) else "value"
    before = text.split("(", 1)[0]
    if re.search(r"(?<![=!<>])=\s*$|(?<![=!<>])=(?!=)", before) and "operator" not in before:
        return "value"
    if _SCOPE.match(text) and ")" in text and re.search(r"\b(alignas|__attribute__)\b", text):
        return "scope"
    if _MEMBER_LIST.search(text) and re.search(r"[\w>]$", text) and not re.search(r"\b(try|const)$", text):
        return "member"
    return "function"


def _without_template(head):
    while _TEMPLATE.match(head):
        depth, index = 0, head.index("<")
        while index < len(head):
            depth += (head[index] == "<") - (head[index] == ">" and head[index - 1] != "-")
            index += 1
            if depth == 0:
                break
        head = head[index:]
    return head


def _past_body(code, position):
    depth = 1
    for match in re.compile(r"[{}]").finditer(code, position):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.end()
    return len(code)


def _name(head):
    match = _NAME.search(_without_template(head))
    return match.group(1) if match else "a function"
