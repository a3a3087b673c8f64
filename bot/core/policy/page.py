"""The tables of `docs/policy.md`, written by the code that they describe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot.core import durations, risk
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.rules import RULES

_MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """Return the page with each table between its markers written anew."""
    tables = {"rules": _rules(), "points": _points(), "fields": _fields()}
    return _MARKED.sub(lambda found: f"{found[1]}{tables[found[2]]}{found[3]}", text)


def _rules() -> str:
    rows = (
        (rule.RULE, rule.STRICTEST.name.lower(), (rule.__doc__ or "").strip().splitlines()[0])
        for rule in RULES
    )
    return _table(("rule", "strictest answer", "what it says"), rows)


def _points() -> str:
    rows = ((f"+{factor.points}", factor.when) for factor in risk.Factor)
    return _table(("points", "when"), rows)


def _fields() -> str:
    return _table(("key", "default", "what it says"), _rows(Rulebook, ""))


def _rows(model: type[BaseModel], path: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        inner = _models(field.annotation)
        yield f"`{path}{name}`", _default(field), field.description or ""
        for each in inner:
            yield from _rows(each, f"{path}{name}{_many(field)}.")


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _many(field: FieldInfo) -> str:
    """How one of several is written: those of a list have no name."""
    said = str(field.annotation)
    return "[]" if "tuple" in said else ".<name>" if said.startswith("dict") else ""


def _default(field: FieldInfo) -> str:
    match field.default:
        case value if value is PydanticUndefined:
            return "required"
        case None | BaseModel():
            return ""
        case tuple() | dict() as empty if not empty:
            return ""
        case tuple() as listed:
            return ", ".join(f"`{each}`" for each in listed)
        case timedelta() as span:
            return f"`{durations.text(span)}`"
        case value:
            return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
