"""
The one door to CEL: what a runbook asks of an alert, a service and the evidence.

CEL answers an error with a *text*, which Python takes for true, and cuts a text at a NUL. So
nothing but a real TRUE holds here, everything else is false with its reason, and what goes in
is made plain first. Names are checked when an expression is compiled, never when it is needed.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Self

from cel_expr_python import cel
from pydantic import JsonValue

from bot.core import durations, references, spelling
from bot.core.errors import HealError
from bot.core.references import Names

LONGEST = 1000
DEEPEST = 30
_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


class ExpressionError(HealError, ValueError):
    """An expression that cannot be compiled, or has no value; names it and the reason."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a condition holds, and the reason when it could not be told."""

    held: bool
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Expression:
    """
    A compiled piece of CEL; the same text over the same names is compiled once.

    `draws_on` are the names that it mentions: no other is made plain and handed to CEL, for that
    costs more than the answer.
    """

    text: str
    program: Any
    draws_on: frozenset[str]
    path: tuple[str, ...] = ()
    """Where it points, when it says no more than `params.name`: what stands there is its value."""

    @classmethod
    def compile(cls, text: str, names: Names) -> Self:
        """Compile, or raise ExpressionError with the place and the nearest right word."""
        program, draws_on = _compiled(text, frozenset(names))
        checked = any(fields is not None for fields in names.values())
        if checked and (slip := references.unknown_field(text, names)) is not None:
            raise ExpressionError(f"in {spelling.quoted(text)}: {slip}")
        return cls(text, program, draws_on, tuple(text.split(".")) if _PATH.fullmatch(text) else ())

    def value(self, values: Mapping[str, object]) -> JsonValue:
        """Evaluate to JSON-like data; ExpressionError when there is no such value."""
        try:
            if (pointed := self._pointed_at(values)) is not None:
                plainly: JsonValue = plain(pointed)
                return plainly
            seen = {name: values[name] for name in self.draws_on if name in values}
            answer = self.program.eval(data=plain(seen))
            kind, found = answer.type().name(), _owned(answer.plain_value())
            if kind not in {"ERROR", "UNKNOWN"}:
                filled: JsonValue = plain(found)
                return filled
        except (RuntimeError, TypeError, ValueError) as error:
            found = error
        raise ExpressionError(f"{spelling.quoted(self.text)}: {references.reason(found)}")

    def _pointed_at(self, values: Mapping[str, object]) -> object:
        """Follow the path; None where there is none, and where CEL says why nothing is there."""
        found: object = values if self.path else None
        for name in self.path:
            found = found.get(name) if isinstance(found, dict) else None
        return found


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression that is asked yes or no."""

    expression: Expression

    @classmethod
    def compile(cls, text: str, names: Names) -> Self:
        """Compile, and refuse what can never be true or false."""
        expression = Expression.compile(text, names)
        kind = expression.program.return_type().name()
        if kind not in {"BOOL", "DYN"}:
            raise ExpressionError(f"{spelling.quoted(text)} is {kind.lower()}, not true or false")
        return cls(expression)

    def holds(self, values: Mapping[str, object]) -> Finding:
        """Say whether it is TRUE; an error is a reason and never a yes."""
        try:
            found = self.expression.value(values)
        except ExpressionError as error:
            return Finding(held=False, error=str(error))
        if isinstance(found, bool):
            return Finding(held=found)
        text = spelling.quoted(self.expression.text)
        return Finding(held=False, error=f"{text} is {spelling.quoted(found)}, not true or false")


def holds(text: str, values: Mapping[str, object], names: Collection[str] = ()) -> Finding:
    """
    Ask a condition that a plan carries as text; `names` are those that may have no value now.

    >>> holds("health.status == 200", {"health": {"status": 200}})
    Finding(held=True, error=None)
    """
    try:
        condition = Condition.compile(text, dict.fromkeys((*values, *names)))
    except ExpressionError as error:
        return Finding(held=False, error=str(error))
    return condition.holds(values)


def plain(value: object, depth: int = 0) -> Any:
    """
    Make a value safe for CEL: finite JSON only, no NUL; times and durations become text.

    >>> plain({"at": timedelta(seconds=90)})
    {'at': '1m30s'}
    """
    match value:
        case None | bool():
            return value
        case int() | float() if abs(value) < (2**63 if isinstance(value, int) else math.inf):
            return value
        case str():
            return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
        case datetime() | timedelta():
            return durations.text(value) if isinstance(value, timedelta) else value.isoformat()
        case Mapping() if depth < DEEPEST:
            return {plain(str(key)): plain(item, depth + 1) for key, item in value.items()}
        case list() | tuple() if depth < DEEPEST:
            return [plain(item, depth + 1) for item in value]
    raise ExpressionError(f"a value is not plain data, or too large: {type(value).__name__}")


def _owned(found: Any) -> Any:
    """
    Take the references that cel-expr-python 0.1.3 forgets: it hands out each null without one.

    Before Python 3.12 None can be used up so, and then the whole process dies.
    """
    if found is None:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))
    elif isinstance(found, dict):
        for item in found.values():
            _owned(item)
    elif isinstance(found, list):
        for item in found:
            _owned(item)
    return found


@lru_cache(maxsize=8192)
def _compiled(text: str, names: frozenset[str]) -> tuple[Any, frozenset[str]]:
    if len(text) > LONGEST or not "".join(text.split()).isprintable():
        short = spelling.quoted(text)
        raise ExpressionError(f"{short} must be readable text of at most {LONGEST} characters")
    try:
        program = _environment(names).compile(text)
    except RuntimeError as error:
        raise ExpressionError(references.explained(text, str(error), names)) from error
    return program, frozenset(name for name in names if references.mentions(text, name))


@lru_cache(maxsize=256)
def _environment(names: frozenset[str]) -> Any:
    return cel.NewEnv(variables=dict.fromkeys(names, cel.Type.DYN))
