"""What an expression mentions, and what is wrong with it in words its author can act on."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from bot.core import spelling

Names = Mapping[str, Collection[str] | None]
"""What an expression may name: each name with its fields, or None where any field may follow."""

LITERAL = re.compile(
    r"""[bB]?[rR][bB]?(?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|"[^"\n]*"|'[^'\n]*')"""
    r"""|\"{3}(?:\\[\s\S]|[^\\])*?\"{3}|'{3}(?:\\[\s\S]|[^\\])*?'{3}"""
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|//[^\n]*"""
)
"""A text in quotes, or a comment: nothing in it is a name. Linear, whatever is written."""

_REFERENCE = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\.([A-Za-z_]\w*)")
_FUNCTIONS = frozenset({
    "all", "bool", "contains", "double", "duration", "dyn", "endsWith", "exists", "exists_one",
    "filter", "has", "int", "map", "matches", "size", "startsWith", "string", "timestamp", "type",
    "uint",
})  # fmt: skip
_RESERVED = frozenset({
    "alert", "service", "params",
    "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in",
    "let", "loop", "namespace", "null", "package", "return", "true", "var", "void", "while",
    "bool", "bytes", "double", "dyn", "int", "list", "map", "string", "type", "uint",
})  # fmt: skip


def may_name(word: str) -> bool:
    """
    Tell whether a parameter or a piece of evidence may be called this.

    >>> may_name("health"), may_name("in"), may_name("alert"), may_name("Health-1")
    (True, False, False, False)
    """
    return re.fullmatch("[a-z][a-z0-9_]{0,39}", word) is not None and word not in _RESERVED


def mentions(text: str, name: str) -> bool:
    """
    Tell whether an expression draws on a name, not merely on a field that is called so.

    >>> mentions("service.facts.unit", "service"), mentions("alert.labels.service", "service")
    (True, False)
    """
    return re.search(rf"(?<![\w.]){name}\b", _bare(text)) is not None


def unknown_field(text: str, names: Names) -> str | None:
    """Find the first `name.field` whose field cannot exist, and say what was meant."""
    for name, field in _REFERENCE.findall(_bare(text)):
        known = names.get(name)
        if known is not None and field not in known:
            return spelling.unknown(f"{name}.{field}", [f"{name}.{each}" for each in known])
    return None


def explained(text: str, error: str, names: Collection[str]) -> str:
    """Turn the compiler's report into one line: what is wrong, where, what was meant."""
    if (undeclared := re.search(r"undeclared reference to '(\w+)", error)) is not None:
        word = undeclared[1]
        known = _FUNCTIONS if re.search(rf"\b{word}\s*\(", text) else names
        return f"in {spelling.quoted(text)}: {spelling.unknown(word, known)}"

    if (place := re.search(r"<input>:([0-9]+):([0-9]+): (.*)", error)) is None:
        return f"{spelling.quoted(text)} is not CEL: {reason(error)}"
    said = place[3].split(" expecting ")[0].removeprefix("Syntax error: ")
    where = f"line {place[1]}, column {place[2]}"
    return f"{spelling.quoted(text)} is not CEL: {where}: {said[:160]}"


def reason(error: object) -> str:
    """
    Give CEL's own words without its codes, on one line and cut.

    >>> reason('NOT_FOUND: Key not found in map : "unit"')
    "there is no 'unit'"
    """
    first = next(iter(str(error).splitlines()), "")
    words = re.sub(r"^[A-Z_]+: | \[[A-Z_]+\]$", "", first)
    missing = re.fullmatch(r'Key not found in map : "(.*)"', words)
    return f"there is no {spelling.quoted(missing[1])}" if missing else words[:160]


def _bare(text: str) -> str:
    """Take out what is quoted or commented, the space around dots, and the dot of `.service`."""
    joined = re.sub(r"\s*\.\s*", ".", LITERAL.sub('""', text))
    return re.sub(r"""(?<![\w)\]}"`])\.(?=[A-Za-z_])""", " ", joined)
