"""Showcase: the contents of exhibits in an extract, written beside their entries and proved."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping

from pydantic import ValidationError

from bot.core import exhibit, facts
from bot.core.chain import Break, Row
from bot.core.exhibit import Exhibit
from bot.core.facts import Exhibited

KIND = "evidence.kept"
Contents = Mapping[int, bytes]
"""By the place of the entry that tells of them."""


def said(row: Row) -> Exhibited | None:
    """What an entry says of its exhibit; None when it says nothing of one that we know."""
    if row.kind != KIND:
        return None
    try:
        fact = facts.read(row.body)
    except ValidationError:
        return None
    return fact if isinstance(fact, Exhibited) else None


def unfit(parts: Iterable[object], contents: Contents) -> Break | None:
    """Say which contents are not what their entry says, or stand beside none; None = all fit."""
    rows = {part.seq: part for part in parts if isinstance(part, Row)}
    for seq, octets in contents.items():
        told = said(rows[seq]) if seq in rows else None
        if told is None:
            return Break(seq, "contents stand there that no entry tells of")
        if not exhibit.fits(told, octets):
            return Break(seq, f"the exhibit {told.name} is not what was recorded")
    return None


def of(parts: Iterable[object], contents: Contents, incident: str) -> Iterator[Exhibit]:
    """What one incident has to show, in its order."""
    for part in parts:
        if not isinstance(part, Row) or part.incident != incident or part.seq not in contents:
            continue
        if (told := said(part)) is not None:
            yield Exhibit(told, contents[part.seq])


def written(octets: bytes) -> str:
    """Write contents as text."""
    return base64.b64encode(octets).decode()


def read(text: str) -> bytes | None:
    """
    Read them again; None when they were written in another way.

    >>> read(written(b"graph")), read("Z3JhcGg"), read("Z3JhcGh=")
    (b'graph', None, None)
    """
    try:
        octets = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return octets if written(octets) == text else None
