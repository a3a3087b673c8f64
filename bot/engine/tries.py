"""Tries: how often one update was told to a system outside, and what came of it."""

from __future__ import annotations

from bot.core import redaction

LONGEST = 500
"""Signs of a reason that are kept."""


class Tries:
    """Of the update with this number; `uncertain` when an earlier try may have been taken."""

    def __init__(self, number: int, count: int = 0, *, uncertain: bool = False) -> None:
        self.number = number
        self.count = count
        self.refused = 0
        self.uncertain = uncertain
        self.why = ""

    def failed(self, why: str) -> None:
        """Part of it may have been done: the next try looks first."""
        self.why = redaction.text(why)[:LONGEST]
        self.uncertain = True
