"""Keeps the card of every pre-approval true: asked for, decided, used, over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from bot import ports
from bot.core.errors import StoreUnavailable
from bot.core.incident import Incident
from bot.core.permit import Permit
from bot.core.transcript import Entry
from bot.slack import letters, naming
from bot.slack.cards import permits as cards
from bot.slack.letters import Kind, Post, Priority
from bot.slack.needs import Wishes
from bot.tasks import Tasks

AGAIN = 0.5
"""Seconds before another try when the outbox could not be written."""


class PermitCards:
    """`channel` is the id of the channel for those that were asked for in none."""

    def __init__(
        self,
        cases: ports.Cases,
        outbox: Wishes,
        clock: ports.Clock,
        *,
        channel: str,
        wake: Callable[[], None],
        ids: Callable[[], Awaitable[Mapping[str, str]]] | None = None,
    ) -> None:
        self._cases = cases
        self._outbox = outbox
        self._clock = clock
        self._channel = channel
        self._wake = wake
        self._ids = ids
        self._news = asyncio.Event()
        self._tasks = Tasks()

    def start(self) -> None:
        self._tasks.start(self._run(), name="tell of pre-approvals")

    async def close(self) -> None:
        with suppress(StoreUnavailable):
            await self.tell()
        await self._tasks.close(0)

    def ordered(self) -> None:
        """Something was said for the whole house: for ports.Cases.on_order."""
        self._news.set()

    def told(self, incident: Incident, _: Entry) -> None:
        """A run may have begun by one, or given it back: for ports.Cases.subscribe."""
        if incident.decided is not None and incident.decided.permit is not None:
            self._news.set()

    def lines(self) -> Sequence[str]:
        """Those that are asked for or hold, one line each."""
        now = self._clock.now()
        known = ((one, self._cases.by_permit(one.id)) for one in self._permits())
        return [cards.line(one, used, now) for one, used in known if not one.ended(now, used)]

    async def tell(self) -> None:
        """Say of each how it stands now; what stands there already is not sent again."""
        ids = await self._ids() if self._ids is not None and self._permits() else {}
        wanted = [await self._want(naming.permit_with_ids(one, ids)) for one in self._permits()]
        if any(wanted):
            self._wake()

    async def _run(self) -> None:
        while True:
            self._news.clear()
            try:
                await self.tell()
                rest = self._until_next()
            except StoreUnavailable:
                rest = AGAIN
            with suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._news.wait()

    def _until_next(self) -> float | None:
        """Seconds until time ends one of them; None while it ends none."""
        now = self._clock.now()
        ends = (one.until or one.request.expires_at for one in self._permits() if not one.over)
        return min(((at - now).total_seconds() for at in ends if at > now), default=None)

    def _permits(self) -> Sequence[Permit]:
        return self._cases.standing().permits

    async def _want(self, permit: Permit) -> bool:
        now, used = self._clock.now(), self._cases.by_permit(permit.id)
        said = cards.card(permit, used, now)
        urgent = Priority.APPROVAL if permit.waits(now) else Priority.NEWS
        post = Post(text=said.text, blocks=tuple(said.blocks))
        return await self._outbox.want(
            letters.permit(permit.id),
            permit.channel or self._channel,
            None,
            Kind.MESSAGE,
            urgent,
            post.model_dump_json(),
            now,
        )
