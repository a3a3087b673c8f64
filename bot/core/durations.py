"""Durations as people write them: 90s, 2m, 1h30m, 7d; never a bare number, for of what?"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from bot.core import spelling

UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
LONGEST = timedelta(days=3650)
_WRITTEN = re.compile(
    r"(?:([0-9]{1,12})d)?(?:([0-9]{1,12})h)?(?:([0-9]{1,12})m)?"
    r"(?:([0-9]{1,12})s)?(?:([0-9]{1,12})ms)?"
)


@lru_cache(maxsize=1024)
def parse(text: str) -> timedelta:
    """
    Read a duration, largest unit first; ValueError says how to write one.

    >>> parse("1h30m")
    datetime.timedelta(seconds=5400)
    """
    found = _WRITTEN.fullmatch(text)
    if not text or found is None:
        raise ValueError(f"{spelling.quoted(text)} is not a duration: write it like 90s or 1h30m")

    parts = zip(found.groups(), UNITS.values(), strict=True)
    try:
        total = sum((int(count) * unit for count, unit in parts if count), timedelta())
    except OverflowError:
        total = timedelta.max
    if total > LONGEST:
        raise ValueError(f"{spelling.quoted(text)} is longer than ten years: write a shorter one")
    return total


def text(duration: timedelta) -> str:
    """
    Write a duration so that `parse` and CEL's duration() both read it back, to the millisecond.

    >>> text(timedelta(days=1, minutes=30))
    '24h30m'
    """
    left = max(duration, timedelta())
    written = []
    for name, unit in list(UNITS.items())[1:]:  # CEL knows no days
        count, left = divmod(left, unit)
        if count:
            written.append(f"{count}{name}")
    return "".join(written) or "0s"


@lru_cache(maxsize=1024)
def in_words(duration: timedelta) -> str:
    """
    Say a duration to a person by its two largest units; less than nothing is nothing.

    >>> in_words(timedelta(minutes=90)), in_words(timedelta(seconds=45))
    ('1 h 30 min', '45 s')
    """
    days, left = divmod(max(duration, timedelta()), UNITS["d"])
    said = [f"{days} day{'s' if days > 1 else ''}"] if days else []
    for name, unit in (("h", "h"), ("min", "m"), ("s", "s"), ("ms", "ms")):
        count, left = divmod(left, UNITS[unit])
        if count:
            said.append(f"{count} {name}")
    return " ".join(said[:2]) or "0 s"


def _read(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        return parse(value)
    raise ValueError(f"{spelling.quoted(value)} has no unit: write a duration like 90s or 1h30m")


Duration = Annotated[
    timedelta,
    BeforeValidator(_read),
    PlainSerializer(text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["90s", "1h30m", "7d"]}),
]
"""A `timedelta` that is written as text: 90s, 1h30m, 7d."""
