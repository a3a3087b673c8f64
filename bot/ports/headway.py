"""
How far an action or a probe has come: said as it goes on, heard by whoever shows it.

Saying is for people only. It is not recorded, changes nothing and may be done as often as one
likes; where nobody listens it is lost. Work in a thread may say too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Hear = Callable[[str], None]


def _nobody(_: str) -> None:
    """Nobody listens."""


_HEARS: ContextVar[Hear] = ContextVar("who hears of headway", default=_nobody)


def say(how_far: str) -> None:
    """
    Say how far it is, beginning with a count where there is one: "8 of 12 pods are ready".

    From such counts follows how long it may take still.
    """
    _HEARS.get()(how_far)


@contextmanager
def heard(by: Hear) -> Iterator[None]:
    """Hear what is said by what is called within."""
    before = _HEARS.set(by)
    try:
        yield
    finally:
        _HEARS.reset(before)
