"""
`${...}`: the places in a runbook's values that are filled from the alert and the service.

A value that is one `${...}` keeps the type of its expression; inside a text it is written out.
What was filled in is never looked at again, so a `${` that arrives in an alert stays a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from pydantic import JsonValue

from bot.core import references, spelling
from bot.core.expressions import Expression, ExpressionError
from bot.core.references import LITERAL, Names

Part = str | Expression
Node = tuple[Part, ...] | dict[str, "Node"] | list["Node"] | int | float | bool | None

_TOKEN = re.compile(rf"{LITERAL.pattern}|[{{}}]")


@dataclass(frozen=True, slots=True)
class Template:
    """A value with its `${...}` compiled: text, or texts inside maps and lists."""

    root: Node

    @classmethod
    def compile(cls, value: JsonValue, names: Names) -> Self:
        """Compile every `${...}` in it; ExpressionError names the one that is wrong."""
        return cls(_compiled(value, names))

    def mentions(self, name: str) -> bool:
        """Tell whether anything in it is drawn from that name."""
        parts = _parts(self.root)
        return any(references.mentions(p.text, name) for p in parts if isinstance(p, Expression))

    def render(self, values: Mapping[str, object]) -> JsonValue:
        """Fill it in once; ExpressionError when something it mentions is not there."""
        return _rendered(self.root, values)


def render(value: JsonValue, values: Mapping[str, object]) -> JsonValue:
    """Fill in a value that was checked at load, from all the values there are."""
    if isinstance(value, str):
        return _rendered(_checked(value, frozenset(values)), values)
    return Template.compile(value, dict.fromkeys(values)).render(values)


@lru_cache(maxsize=8192)
def _checked(text: str, names: frozenset[str]) -> tuple[Part, ...]:
    """Take a text apart once; a runbook's are filled in again at every incident."""
    return tuple(_split(text, dict.fromkeys(names)))


def _compiled(value: JsonValue, names: Names) -> Node:
    if isinstance(value, dict):
        return {key: _compiled(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_compiled(item, names) for item in value]
    if isinstance(value, str):
        return tuple(_split(value, names))
    return value


def _split(text: str, names: Names) -> list[Part]:
    parts: list[Part] = []
    at = 0
    while (start := text.find("${", at)) >= 0:
        end = _closing(text, start + 2)
        if start > at:
            parts.append(text[at:start])
        parts.append(Expression.compile(text[start + 2 : end].strip(), names))
        at = end + 1
    return [*parts, text[at:]] if at < len(text) or not parts else parts


def _closing(text: str, at: int) -> int:
    """Find the brace that ends the expression, past those in texts and maps."""
    depth = 1
    for token in _TOKEN.finditer(text, at):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth == 0:
            return token.start()
    raise ExpressionError(f"{spelling.quoted(text)}: a ${{ is not closed with }}")


def _parts(node: Node) -> tuple[Part, ...]:
    if isinstance(node, tuple):
        return node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return tuple(part for child in children for part in _parts(child))


def _rendered(node: Node, values: Mapping[str, object]) -> JsonValue:
    if isinstance(node, dict):
        return {key: _rendered(item, values) for key, item in node.items()}
    if isinstance(node, list):
        return [_rendered(item, values) for item in node]
    if not isinstance(node, tuple):
        return node
    if len(node) == 1:
        return node[0] if isinstance(node[0], str) else node[0].value(values)
    return "".join(part if isinstance(part, str) else _written(part, values) for part in node)


def _written(part: Expression, values: Mapping[str, object]) -> str:
    found = part.value(values)
    if isinstance(found, str):
        return found
    if isinstance(found, bool | int | float):
        return json.dumps(found)
    raise ExpressionError(f"{spelling.quoted(part.text)} is not text: it cannot stand in a text")
