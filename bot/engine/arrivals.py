"""Arrivals: what came to each door since this process began; asked by metrics and by `status`."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one message; only the first was acknowledged."""

    ACCEPTED = "accepted"
    UNAUTHENTIC = "unauthentic"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"


class Arrivals:
    """Messages by their source and outcome, and the alerts in those that were accepted."""

    def __init__(self) -> None:
        self.messages: Counter[tuple[str, ...]] = Counter()
        self.alerts: Counter[str] = Counter()

    def accepted(self, source: str, alerts: int) -> None:
        """Count one that was acknowledged, with so many alerts."""
        self.messages[(source, Outcome.ACCEPTED)] += 1
        self.alerts[source] += alerts

    def turned_away(self, source: str, outcome: Outcome) -> None:
        """Count one that was not; `source` is a door that exists, never what a stranger typed."""
        self.messages[(source, outcome)] += 1
