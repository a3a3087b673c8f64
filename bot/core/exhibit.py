"""Exhibit: something to look at that an incident keeps beside its entries: a picture, a text."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from bot.core.facts import Exhibited

LARGEST = 256 * 1024
"""Octets of one exhibit at most."""
MOST = 12
"""Exhibits of one incident at most."""
PNG, TEXT, CSV = "image/png", "text/plain; charset=utf-8", "text/csv; charset=utf-8"


class Exhibit(NamedTuple):
    """What the ledger says of it, and its contents, which are exactly what the ledger says."""

    said: Exhibited
    octets: bytes

    @property
    def pictured(self) -> bool:
        return self.said.media == PNG


def exhibited(
    name: str, octets: bytes, *, media: str, title: str, says: str, about: str = ""
) -> Exhibit:
    """Say of contents what the ledger shall; ValueError when they are none, or too large."""
    if not 0 < len(octets) <= LARGEST:
        raise ValueError(f"{name} has {len(octets)} octets: 1 to {LARGEST} are kept")
    said = Exhibited(
        name=name, media=media, title=title, says=says, about=about,
        size=len(octets), sha256=hashlib.sha256(octets).hexdigest(),
    )  # fmt: skip
    return Exhibit(said, octets)


def fits(said: Exhibited, octets: bytes) -> bool:
    """Whether these are the contents that the ledger tells of."""
    return len(octets) == said.size and hashlib.sha256(octets).hexdigest() == said.sha256


def key(incident: str, name: str) -> str:
    """
    The ledger's key of an exhibit, by which its contents are found.

    >>> key("inc-7f3k2m", "graph-errors.png")
    'inc-7f3k2m:exhibit:graph-errors.png'
    """
    return f"{incident}:{tail(name)}"


def tail(name: str) -> str:
    """The same behind the incident."""
    return f"exhibit:{name}"
