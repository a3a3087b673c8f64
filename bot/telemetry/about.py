"""
About: whom and what the lines of a task are about, said where its work begins.

Whoever lives an incident says its id; app adds how to look up the rest; a step says its name. All
that the task logs, and what it calls logs, carries these fields without being told of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

LookUp = Callable[[], Mapping[str, str]]
"""Gives fields as they stand at the moment of a line; what is not known is left out."""

_NOTHING: Mapping[str, str | LookUp] = {}
_now: ContextVar[Mapping[str, str | LookUp]] = ContextVar("about", default=_NOTHING)


@contextmanager
def about(**fields: str | LookUp) -> Iterator[None]:
    """
    Name fields for the lines of what happens inside; a callable is asked at each line.

    >>> with about(incident="inc-7f3k2m", more=lambda: {"service": "shop"}):
    ...     known()
    {'incident': 'inc-7f3k2m', 'service': 'shop'}
    """
    before = _now.set({**_now.get(), **fields})
    try:
        yield
    finally:
        _now.reset(before)


def known() -> dict[str, str]:
    """Return the fields that hold here and now."""
    found: dict[str, str] = {}
    for name, value in _now.get().items():
        found |= value() if callable(value) else {name: value}
    return found
