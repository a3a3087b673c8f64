"""
Slack may be away when Heal starts: the house takes alerts and goes on with its runs meanwhile.

What Slack says about the settings is another matter: wrong ones end the start, or the process
when they come to light only later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Self

from aiohttp import web

from bot import ports
from bot.core import facts
from bot.core.errors import ConfigurationError, TemporaryError
from bot.core.incident import Incident
from bot.core.prospects import Report
from bot.core.transcript import Entry
from bot.settings import Settings
from bot.slack.room import Refused, SlackRoom
from bot.tasks import Tasks

FIRST_TRY = 5.0
"""Seconds that the start waits for Slack's answer."""
AGAIN = 2.0
"""Seconds between two tries after that."""
log = logging.getLogger(__name__)
Furnish = Callable[[SlackRoom], None]


class AwaitedRoom:
    """The Slack room, now or as soon as Slack can be asked; also the engine's People."""

    def __init__(self, settings: Settings, clock: ports.Clock, refused: Refused) -> None:
        self.room: SlackRoom | None = None
        """The room, furnished; None while it is waited for."""
        self._reached: SlackRoom | None = None
        self.mistake: ConfigurationError | None = None
        """What Slack would not take, once that is known."""
        self._settings = settings
        self._clock = clock
        self._refused = refused
        self._why = "it has not answered yet"
        self._pause = AGAIN
        self._missed: dict[str, None] = {}
        self._mistaken: Callable[[], None] | None = None
        self._tasks = Tasks()
        self._first: asyncio.Task[None]

    @classmethod
    async def open(cls, settings: Settings, clock: ports.Clock, refused: Refused) -> Self:
        """Ask Slack who we are; ConfigurationError when it says that a setting is wrong."""
        awaited = cls(settings, clock, refused)
        awaited._first = awaited._tasks.start(awaited._try(), name="ask Slack who we are")
        await asyncio.wait({awaited._first}, timeout=FIRST_TRY)
        if awaited.mistake is not None:
            raise awaited.mistake
        return awaited

    @property
    def channel(self) -> str:
        """Where incidents are announced; empty, which means the same place, until it is known."""
        return self._reached.channel if self._reached else ""

    async def members(self, groups: Sequence[str], *, within: float = 0.0) -> frozenset[str]:
        """Answer ports.People: who cannot be asked is nobody."""
        if self._reached is None:
            raise TemporaryError(self._said, self._pause)
        return await self._reached.people.members(groups, within=within)

    async def by_email(self, email: str) -> str:
        """Whom Slack knows by an address; TemporaryError while it cannot be asked."""
        if self._reached is None:
            raise TemporaryError(self._said, self._pause)
        return await self._reached.people.by_email(email)

    async def counts(self, user: str) -> bool:
        """Whether this is somebody who can act; TemporaryError while Slack cannot be asked."""
        if self._reached is None:
            raise TemporaryError(self._said, self._pause)
        return await self._reached.people.counts(user)

    @property
    def teams(self) -> tuple[str, ...]:
        """Our workspace, and the company that it is of; TemporaryError until Slack said which."""
        if self._reached is None:
            raise TemporaryError(self._said, self._pause)
        return self._reached.teams

    def join(self, cases: ports.Cases, furnish: Furnish) -> None:
        """Say how the room is handed the engine and the store; before `start`."""
        self._cases = cases
        self._furnish = furnish
        if self._reached is None:
            cases.subscribe(self._note)
        else:
            furnish(self._reached)
            self.room = self._reached

    async def start(self) -> None:
        """Let people in; when Slack is away, as soon as it is not."""
        if self.room is not None:
            await self.room.start()
            return
        log.warning("%s; alerts are taken and runs go on, and it is tried again", self._said)
        self._tasks.start(self._until_reached(), name="wait for Slack")

    async def notice(self, fact: facts.PolicyTaken | facts.PolicyRefused) -> None:
        """Tell the channel; while Slack is away nothing is said, and later what stands then."""
        if self.room is not None:
            await self.room.notices.policy(fact)

    async def report(self, channel: str, day: str, report: Report) -> bool:
        """Tell a day's report there, once ever; False while Slack is away."""
        if self.room is None:
            return False
        await self.room.report(channel, day, report)
        return True

    def if_mistaken(self, tell: Callable[[], None]) -> None:
        """Be told when Slack turns out to be there and refuses a setting."""
        self._mistaken = tell
        if self.mistake is not None:
            tell()

    async def dispatch(self, request: web.Request) -> web.Response:
        """Answer one request to /slack/events; Slack brings it again when it is too early."""
        if self.room is None:
            return web.Response(status=503)
        return await self.room.dispatch(request)

    async def why_not_ready(self) -> str:
        """Why nothing can be heard or said in Slack now; empty when it can."""
        if self.mistake is not None:
            return str(self.mistake)
        return await self.room.why_not_ready() if self.room else self._said

    async def close_doors(self) -> None:
        """Take nothing more in, and wait for Slack no longer."""
        await self._tasks.close(0)
        if self.room is not None:
            await self.room.close_doors()

    async def close(self) -> None:
        await self._tasks.close(0)
        if self._reached is not None:
            await self._reached.close()

    @property
    def _said(self) -> str:
        return f"Slack cannot be reached at {self._settings.slack_api_url}: {self._why}"

    def _note(self, incident: Incident, _: Entry) -> None:
        """Remember whose cards are to be made once somebody can see them."""
        if self.room is None:
            self._missed[incident.id] = None

    async def _try(self) -> None:
        try:
            self._reached = await SlackRoom.open(self._settings, self._clock, self._refused)
        except TemporaryError as error:
            self._why, self._pause = str(error), max(AGAIN, error.retry_after)
        except ConfigurationError as error:
            self.mistake = error

    async def _until_reached(self) -> None:
        await asyncio.wait({self._first})
        while self._reached is None and self.mistake is None:
            await self._clock.sleep(self._pause)
            await self._try()
        if self._reached is not None:
            await self._arrive(self._reached)
        else:
            log.error("Slack is there, but this is wrong: %s", self.mistake)
            if self._mistaken is not None:
                self._mistaken()

    async def _arrive(self, room: SlackRoom) -> None:
        """Furnish it, and make true what was missed."""
        self._furnish(room)
        self.room = room
        await room.start(filter(None, map(self._cases.get, self._missed)))
        self._missed.clear()
        log.info("Slack is reached: people are heard from now on")
