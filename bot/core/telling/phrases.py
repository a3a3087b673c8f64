"""Phrases that sentences are made of: readings, amounts, moments, reasons."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.core import chain, durations, facts, values


def reading(one: facts.Reading) -> str:
    """
    Say what one probe saw; an error is never mistaken for a value.

    >>> reading(facts.Reading(name="web", probe="http.get", seen={"status": 200}))
    'web: status=200'
    """
    if one.error:
        return f"{one.name}: nothing seen: {one.error}"
    return f"{one.name}: {measured(one.seen)}"


def measured(seen: values.Facts) -> str:
    """Write facts as name=value, in their order, empty ones left out; nests as JSON."""
    pairs = (
        f"{name}={value if isinstance(value, str) else values.canonical(value)}"
        for name, value in seen.items()
        if value not in (None, "")
    )
    return ", ".join(pairs) or "nothing"


def span(seconds: float) -> str:
    """
    Say a length of time as exactly as anybody cares: tenths only below ten seconds.

    >>> span(2.149), span(94.7)
    ('2.1 s', '1 min 35 s')
    """
    if 0 < seconds < 10 and not float(seconds).is_integer():
        return f"{seconds:.1f} s"
    return durations.in_words(timedelta(seconds=round(seconds)))


def because(why: str) -> str:
    """A reason behind a colon, if there is one."""
    return f": {why}" if why else ""


def listed(items: Iterable[str]) -> str:
    """Several things behind a colon, if there are any."""
    joined = "; ".join(items)
    return f": {joined}" if joined else ""


def utc(at: datetime) -> str:
    """A moment to the second."""
    return chain.stamp(at)[:19].replace("T", " ") + " UTC"
