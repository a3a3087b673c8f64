"""Keeps the card of every batch true: made when a second question of a kind is open, then edited.

What stands on it follows from the incidents alone, so it is the same after a restart.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime

from bot import ports
from bot.core import batches
from bot.core.batches import Batch, Question
from bot.core.errors import StoreUnavailable
from bot.core.incident import Incident
from bot.core.transcript import Entry
from bot.ports import PlanName
from bot.slack import letters, needs
from bot.slack.cards import batch as cards
from bot.slack.letters import Kind, Post, Priority
from bot.tasks import Tasks

LULL = 2.0
"""Seconds before news is told, so that a storm makes one card and few edits."""
AGAIN = 0.5
"""Seconds before another try when the outbox could not be written."""
_VALUE = re.compile(r"([a-z0-9-]{1,60}):((?:[a-z0-9-]{1,40}\.[0-9]{1,6},?){1,20})")


def named(value: str) -> tuple[str, tuple[PlanName, ...]]:
    """
    Read a button's value: the key of its batch, and the plans that were listed.

    >>> named("abc-inc-7f3k2m:inc-7f3k2m.1,inc-8a4b3c.1")[1][1]
    PlanName(incident='inc-8a4b3c', round=1)
    """
    found = _VALUE.fullmatch(value)
    if found is None:
        return "", ()
    pairs = (plan.partition(".") for plan in found[2].split(",") if plan)
    return found[1], tuple(PlanName(name, int(round_)) for name, _, round_ in pairs)


class BatchCards:
    """`channel` is the id of the channel for incidents that were opened in none; `lull` seconds."""

    def __init__(
        self,
        cases: ports.Cases,
        outbox: needs.Post,
        clock: ports.Clock,
        *,
        channel: str,
        wake: Callable[[], None],
        lull: float = LULL,
    ) -> None:
        self._cases = cases
        self._outbox = outbox
        self._clock = clock
        self._channel = channel
        self._wake = wake
        self._lull = lull
        self._questions: dict[str, Question] = {}
        self._moved: dict[str, Incident] = {}
        self._made: set[str] = set()
        self._news = asyncio.Event()
        self._tasks = Tasks()

    def told(self, incident: Incident, _: Entry) -> None:
        """An entry is safe: for ports.Cases.subscribe."""
        if incident.asked is not None:
            self._moved[incident.id] = incident
            self._news.set()

    async def start(self, known: Iterable[Incident]) -> None:
        """Look at these once more: what an earlier life said of them may not be true any more."""
        self._made = {slot for slot in await self._outbox.unposted() if letters.is_batch(slot)}
        for incident in known:
            if incident.asked is not None:
                self._moved.setdefault(incident.id, incident)
        await self.tell()
        self._tasks.start(self._run(), name="tell of plans of the same kind")

    async def close(self) -> None:
        with suppress(StoreUnavailable):
            await self.tell()
        await self._tasks.close(0)

    async def tell(self) -> None:
        """Say of each batch how it stands now; what stands there already is not sent again."""
        moved, self._moved = self._moved, {}
        for name, incident in moved.items():
            question = batches.question(incident)
            if question is None:
                self._questions.pop(name, None)
            else:
                self._questions[name] = question
        now, wanted = self._clock.now(), False
        kept = {name: one for name, one in self._questions.items() if one.open(now)}
        for batch in batches.batched(self._questions.values()):
            wanted |= await self._want(batch, now)
            if batch.open(now):  # else nothing joins it any more, and it is said for good
                kept.update((one.incident, one) for one in batch.questions)
        self._questions = kept
        if wanted:
            self._wake()

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await self._clock.sleep(self._lull)
            try:
                await self.tell()
            except StoreUnavailable:
                self._news.set()
                await self._clock.sleep(AGAIN)

    async def _want(self, batch: Batch, now: datetime) -> bool:
        """A card is made for two that wait; then it follows them to the end."""
        slot, waiting = letters.batch(batch.key), batch.open(now)
        if slot not in self._made and (len(waiting) < 2 and await self._outbox.where(slot) is None):
            return False
        self._made.add(slot)
        said = cards.card(batch, now)
        return await self._outbox.want(
            slot,
            batch.questions[0].channel or self._channel,
            None,
            Kind.MESSAGE,
            Priority.APPROVAL if waiting else Priority.NEWS,
            Post(text=said.text, blocks=tuple(said.blocks)).model_dump_json(),
            now,
        )
