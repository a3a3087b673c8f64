"""Reading one value as its declared type, whether a file, an alert or a person wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import JsonValue

from bot.core import durations
from bot.core.clauses import ParameterType, Scalar

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")


def read(kind: ParameterType, raw: JsonValue) -> Scalar:
    """
    Read a value as its type; ValueError when it is of another. A duration stays text.

    >>> read(ParameterType.INTEGER, "50"), read(ParameterType.DURATION, "90s")
    (50, '1m30s')
    """
    return _READERS[kind](raw)


def size(value: Scalar) -> float | None:
    """Put a number, or a duration in seconds, on one scale; anything else has no size."""
    if isinstance(value, str):
        try:
            return durations.parse(value).total_seconds()
        except ValueError:
            return None
    return None if isinstance(value, bool) else float(value)


def _string(raw: JsonValue) -> str:
    if isinstance(raw, str):
        return raw
    raise ValueError("not a string")


def _boolean(raw: JsonValue) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw in {"true", "false"}:
        return raw == "true"
    raise ValueError("neither true nor false")


def _integer(raw: JsonValue) -> int:
    if isinstance(raw, str) and _INTEGER.fullmatch(raw):
        return int(raw)
    if isinstance(raw, int | float) and not isinstance(raw, bool) and raw == int(raw):
        return int(raw)
    raise ValueError("not an integer")


def _number(raw: JsonValue) -> float:
    if isinstance(raw, str) and _NUMBER.fullmatch(raw):
        return float(raw)
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return float(raw)
    raise ValueError("not a number")


def _duration(raw: JsonValue) -> str:
    return durations.text(durations.parse(_string(raw)))


_READERS: dict[ParameterType, Callable[[JsonValue], Scalar]] = {
    ParameterType.STRING: _string,
    ParameterType.INTEGER: _integer,
    ParameterType.NUMBER: _number,
    ParameterType.BOOLEAN: _boolean,
    ParameterType.DURATION: _duration,
}
