"""Snoozing: who wanted to be reminded is, when they said, or before it is too late.

What is due stands in the ledger and was sent by the outbox, so a restart forgets and doubles none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from bot import ports
from bot.core import facts
from bot.core import incident as incidents
from bot.core.approval import Request
from bot.core.errors import StoreUnavailable
from bot.core.incident import Incident
from bot.core.transcript import Entry
from bot.slack import letters
from bot.slack.cards import snoozed
from bot.slack.letters import Kind, Post, Priority
from bot.slack.needs import Wishes
from bot.tasks import Tasks

LAST_CALL = 0.75
"""The part of a question's time after which no reminder waits any longer."""
AGAIN, BROKEN, LONGEST = 0.5, 60.0, 3600.0
"""Seconds before another try at the outbox, at what failed, and of one wait at most."""


class Due(NamedTuple):
    """Somebody who is to be reminded, when, and the how manieth snooze of the incident it is."""

    who: str
    at: datetime
    number: int


def due(incident: Incident) -> Iterator[Due]:
    """Of each person the last snooze; a question that would expire before calls them sooner."""
    asked, last = incidents.request_of(incident), dict[str, tuple[datetime, int]]()
    for number, one in enumerate(incident.story):
        if isinstance(one.fact, facts.Snoozed):
            last[one.fact.by] = one.fact.until, number
    for who, (at, number) in last.items():
        yield Due(who, min(at, _last_call(asked)) if asked else at, number)


def reminded(incident: Incident, who: str, now: datetime) -> datetime | None:
    """When somebody will be reminded of it; None when they will not."""
    return next((one.at for one in due(incident) if one.who == who and now < one.at), None)


class Snoozing:
    """Writes to each of them once, directly; `link` says where a card stands."""

    def __init__(
        self,
        cases: ports.Cases,
        outbox: Wishes,
        clock: ports.Clock,
        *,
        wake: Callable[[], None],
        link: Callable[[str], Awaitable[str]],
    ) -> None:
        self._cases = cases
        self._outbox = outbox
        self._clock = clock
        self._wake = wake
        self._link = link
        self._news = asyncio.Event()
        self._tasks = Tasks()

    def start(self) -> None:
        self._tasks.start(self._run(), name="remind who snoozed")

    async def close(self) -> None:
        await self._tasks.close(0)

    def told(self, incident: Incident, _: Entry) -> None:
        """A snooze, or what makes one end sooner: for ports.Cases.subscribe."""
        if _wanted(incident):
            self._news.set()

    async def tell(self) -> float:
        """Remind all who are due; the seconds until the next one is."""
        waits = [LONGEST]
        for incident in filter(_wanted, self._cases.open()):
            name = f"remind who snoozed {incident.id}"
            rest = await self._tasks.attempt(self._tell(incident), name=name)
            waits.append(BROKEN if rest is None else rest)
        return min(waits)

    async def _tell(self, incident: Incident) -> float:
        now, waits = self._clock.now(), [LONGEST]
        for one in due(incident):
            if now < one.at:
                waits.append((one.at - now).total_seconds())
                continue
            try:
                await self._write(incident, one)
            except StoreUnavailable:
                waits.append(AGAIN)
        return min(waits)

    async def _write(self, incident: Incident, one: Due) -> None:
        slot = letters.snooze(incident.id, one.number, one.who)
        if await self._outbox.where(slot) is not None:
            return
        said = snoozed.line(incident, await self._link(incident.id))
        post = Post(text=said.text, blocks=tuple(said.blocks))
        if await self._outbox.want(
            slot, one.who, None, Kind.MESSAGE, Priority.ESCALATION, post.model_dump_json(),
            self._clock.now(),
        ):  # fmt: skip
            self._wake()

    async def _run(self) -> None:
        while True:
            self._news.clear()
            rest = await self.tell()
            with suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._news.wait()


def _wanted(incident: Incident) -> bool:
    return any(isinstance(one.fact, facts.Snoozed) for one in incident.story)


def _last_call(request: Request) -> datetime:
    begun = request.asked_at or request.expires_at
    return begun + (request.expires_at - begun) * LAST_CALL
