"""Finding: what one check saw, and in one sentence what to do about it; pure."""

from __future__ import annotations

from enum import StrEnum

from bot.core import visible
from bot.core.values import Frozen

LONGEST = 600


class State(StrEnum):
    """A failed check keeps Heal from working, a warning from working well."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Finding(Frozen):
    """Only what is not ok has a remedy."""

    name: str
    state: State
    found: str
    remedy: str = ""
    apply: str = ""
    """What the remedy says to apply, as it is: several lines, not cut."""


def ok(name: str, found: str) -> Finding:
    return _finding(name, State.OK, found)


def warning(name: str, found: str, remedy: str) -> Finding:
    return _finding(name, State.WARNING, found, remedy)


def failed(name: str, found: str, remedy: str) -> Finding:
    return _finding(name, State.FAILED, found, remedy)


def refused(name: str, error: Exception, remedy: str = "") -> Finding:
    """
    Turn the house's own error into a finding: what is wrong stands before its colon.

    >>> refused("host", ValueError("HEAL_HOST_NAME is empty: write one")).remedy
    'write one'
    """
    wrong, _, told = str(error).partition(": ")
    if remedy or not told:
        return failed(name, str(error), remedy or "see docs/settings.md")
    return failed(name, wrong, told)


def _finding(name: str, state: State, found: str, remedy: str = "") -> Finding:
    shown = (visible.line(text)[:LONGEST] for text in (name, found, remedy))
    named, seen, mend = shown
    return Finding(name=named, state=state, found=seen, remedy=mend)
