"""Follows runs while they go on: where something moved, its progress is said anew, seldom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from bot.core.headway import Headway
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.ports import Clock

GOING = frozenset({State.RUNNING, State.VERIFYING, State.ROLLING_BACK, State.REVERTING})
"""Something is done or read for it, so it may say how far that is."""
BEAT = 3.0
"""Seconds between two looks: how often Slack is then told is for its pace to say."""


class Following:
    """`headway` says how far a run is, `renew` makes its messages true."""

    def __init__(
        self,
        headway: Callable[[str], Headway | None],
        renew: Callable[[Iterable[Incident]], None],
        clock: Clock,
    ) -> None:
        self.headway = headway
        self._renew = renew
        self._clock = clock
        self._going: dict[str, Incident] = {}
        self._seen: dict[str, Headway | None] = {}
        self._begun = asyncio.Event()

    def told(self, incident: Incident) -> None:
        """Something was recorded of it: it goes on, or not any more."""
        if incident.state in GOING:
            self._going[incident.id] = incident
            self._begun.set()
        else:
            self._going.pop(incident.id, None)
            self._seen.pop(incident.id, None)

    async def run(self) -> None:
        """Look from beat to beat, while anything goes on."""
        while True:
            await self._begun.wait()
            self._begun.clear()
            while self._going:
                await self._clock.sleep(BEAT)
                self._renew([one for one in self._going.values() if self._moved(one.id)])

    def _moved(self, name: str) -> bool:
        before, now = self._seen.get(name), self.headway(name)
        self._seen[name] = now
        return now != before
