"""Printing what happens, live: one line an entry, as a colleague would say it."""

from __future__ import annotations

from bot.clock import Clock
from bot.core import facts, telling
from bot.core.facts import (
    Asked,
    Claimed,
    Closed,
    Decided,
    Escalated,
    Stepped,
    StepVerified,
    Verified,
)
from bot.core.incident import Incident
from bot.core.transcript import Entry

QUIET = (Claimed,)
LOUD = (Asked, Decided, Stepped, StepVerified, Verified, Escalated, Closed)


class Narrator:
    """Says every entry but the claims, with the seconds since the story began."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.monotonic()

    def begin(self, title: str) -> None:
        self._began = self._clock.monotonic()
        print(f"\n{title}", flush=True)

    def told(self, incident: Incident, entry: Entry) -> None:
        fact = facts.read(entry.body)
        if isinstance(fact, QUIET):
            return
        seconds = self._clock.monotonic() - self._began
        mark = "●" if isinstance(fact, LOUD) else "·"
        print(f"  {seconds:5.1f} s {mark} {incident.service}: {telling.sentence(fact)}", flush=True)
