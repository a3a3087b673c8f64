"""The Slack room as a whole: opened by app, joined to the engine, started, closed in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Self

from aiohttp import web

from bot import ports
from bot.core import episode
from bot.core.episode import Episode
from bot.core.errors import HealError
from bot.core.incident import Incident
from bot.core.prospects import Report
from bot.settings import Settings
from bot.slack import channels, reception
from bot.slack import connection as connections
from bot.slack.alerts import senders
from bot.slack.alerts.senders import Senders
from bot.slack.alerts.watch import Watch
from bot.slack.announcing import Announcer
from bot.slack.attaching import Attaching
from bot.slack.batching import BatchCards
from bot.slack.cards.style import CardsSettings
from bot.slack.connection import Connection
from bot.slack.digesting import Digests
from bot.slack.dressing import Dress
from bot.slack.hanging import Hanging
from bot.slack.listeners import ALERTS, Listening, Watched
from bot.slack.needs import Post
from bot.slack.notices import Notices
from bot.slack.pacing import Pace
from bot.slack.people import People
from bot.slack.permits import PermitCards
from bot.slack.posting import Poster
from bot.slack.reception import Given, Reception
from bot.slack.sending import Sender
from bot.slack.workers import Workers

RECENT = 50
"""Incidents whose cards are looked after at a start, beside the open ones."""

REMEMBERED = 10_000
"""Incidents at most from which the storms of an earlier life are known again."""
BEFORE = timedelta(hours=2)
"""A storm that still stands began no longer than this before its oldest open incident."""

Refused = Callable[[str], None]


class SlackRoom:
    """Everything that talks to Slack; nothing comes in before `start`."""

    def __init__(
        self,
        settings: Settings,
        clock: ports.Clock,
        connection: Connection,
        channel: str,
        senders: Senders,
        refused: Refused,
    ) -> None:
        self.channel = channel
        self._senders = senders
        self.people = People(connection.asking, clock)
        self._settings = settings
        self._clock = clock
        self._connection = connection
        self._refused = refused
        self._stack = AsyncExitStack()
        self._stack.push_async_callback(connection.close)

    @classmethod
    async def open(cls, settings: Settings, clock: ports.Clock, refused: Refused) -> Self:
        """Ask Slack who we are; ConfigurationError when it does not know us."""
        connection = await connections.open_bolt(
            bot_token=settings.slack_bot_token.get_secret_value(),
            app_token=settings.slack_app_token.get_secret_value() or None,
            signing_secret=settings.slack_signing_secret.get_secret_value() or None,
            refused=refused,
            base_url=settings.slack_api_url,
        )
        try:
            channel = await channels.id_of(connection.asking, settings.slack_channel)
            listed = settings.alert_senders
            found = await senders.find(connection.asking, listed, connection.me)
        except HealError:
            await connection.close()
            raise
        return cls(settings, clock, connection, channel, found, refused)

    def join(
        self,
        engine: ports.Engine,
        cases: ports.Cases,
        ledger: ports.Ledger,
        inbox: ports.Inbox,
        outbox: Post,
        watch: Watch,
        pace: Pace | None = None,
        style: CardsSettings | None = None,
    ) -> None:
        """Hand over the engine and the store, and who reads alerts; before `start`."""
        self._cases = cases
        self._dress = Dress(style)
        me = self._connection.me
        evidence = engine.exhibits.evidence
        sender = Sender(self._connection.posting, me.user_id, evidence, self._dress)
        self._poster = Poster(
            outbox, sender, self._clock, pace, lambda slot: self._announcer.owes(slot)
        )
        self.people.keep(pace or Pace())
        self._beside(cases, outbox)
        self._attaching = Attaching(outbox, ledger, self._clock, self.channel, self._poster.wake)
        self._reception = self._receive(engine, cases, outbox, watch)
        desk, held = self._reception.desk, self._reception.held
        self._workers = Workers(inbox, desk.handle, desk.sorry)
        self._alerts = Workers(inbox, watch.handle, watch.failed, name=ALERTS, count=1)
        watched = Watched(self._senders.heard, self._alerts.offer)
        self._connection.listen(
            Listening(inbox, self._workers.offer, me, self._clock, self._refused, watched, held)
        )
        self.notices = Notices(outbox, self._clock, self.channel, self._poster.wake)
        self._announcer = self._announcing(engine, cases, outbox)
        cases.subscribe(self._announcer.told)
        self._stack.push_async_callback(self._poster.close)
        self._stack.push_async_callback(self._announcer.close)
        self._stack.push_async_callback(self._hanging.close)
        self._stack.push_async_callback(self._reception.close)
        self._stack.push_async_callback(self._permits.close)
        self._stack.push_async_callback(self._batches.close)

    def _beside(self, cases: ports.Cases, outbox: Post) -> None:
        """Who keeps the cards that are no incident's own: of pre-approvals, of many plans."""
        self._permits = PermitCards(
            cases, outbox, self._clock,
            channel=self.channel, wake=self._poster.wake, ids=self.people.ids,
        )  # fmt: skip
        cases.on_order(self._permits.ordered)
        cases.subscribe(self._permits.told)
        self._batches = BatchCards(
            cases, outbox, self._clock, channel=self.channel, wake=self._poster.wake
        )
        cases.subscribe(self._batches.told)

    def _receive(
        self, engine: ports.Engine, cases: ports.Cases, outbox: Post, watch: Watch
    ) -> Reception:
        """Who answers people: what they type, press, fill in and look at."""
        given = Given(
            engine, cases, outbox, self._clock, self._connection, self.people, self._attaching,
            watch.look_up, self._poster.wake, self._refused, self._permits.lines,
            lambda name: self._digests.link(name), self._dress, self._settings.command,
        )  # fmt: skip
        return reception.joined(given)

    def _announcing(self, engine: ports.Engine, cases: ports.Cases, outbox: Post) -> Announcer:
        """Who says what happened, one incident at a time, and a storm's digest for many."""
        self._digests = Digests(
            cases.get, outbox, self._clock, guard=engine.orders.storm,
            channel=self.channel, wake=self._poster.wake, home=self._connection.me.url,
        )  # fmt: skip
        self._hanging = Hanging(
            outbox, self._clock, self.channel, self._poster.wake, self._digests.hides
        )
        cases.subscribe(self._hanging.told)
        return Announcer(
            outbox, self._attaching, self._clock, self._digests,
            channel=self.channel, wake=self._poster.wake, ids=self.people.ids,
            headway=cases.headway, page=engine.links.page,
        )  # fmt: skip

    @property
    def teams(self) -> tuple[str, ...]:
        """Our workspace, and the company that it is of."""
        me = self._connection.me
        return tuple(filter(None, (me.team_id, me.enterprise_id)))

    async def start(self, missed: Iterable[Incident] = ()) -> None:
        """Make every card true again, those that were `missed` too, then let people in."""
        known = [*self._cases.open(), *self._cases.recent(RECENT), *missed]
        await self._batches.start(known)
        await self._poster.start()
        self._digests.load(self._of_late())
        self._announcer.renew(known)
        self._hanging.renew(known)
        self._announcer.start()
        if unread := self._cases.standing().unread:
            await self.notices.policy(unread)
        self._permits.start()
        self._reception.start()
        await self._alerts.start()
        await self._workers.start()
        await self._connection.start()

    def _of_late(self) -> Iterable[Episode]:
        """What is open, and what was opened since storms may have begun that still stand."""
        going = [episode.of(one) for one in self._cases.open()]
        unrest = (one.opened_at for one in going if one.rested_at is None)
        first = min(unrest, default=self._clock.now())
        known = (*going, *self._cases.since(first - BEFORE, REMEMBERED))
        return {one.id: one for one in known}.values()

    async def report(self, channel: str, day: str, report: Report) -> None:
        """Tell a day's report in a channel; ConfigurationError when Heal cannot post there."""
        place = await channels.id_of(self._connection.asking, channel, "HEAL_REPORT_CHANNEL")
        await self.notices.report(place, day, report)

    async def dispatch(self, request: web.Request) -> web.Response:
        """Answer one request to /slack/events, in HTTP mode."""
        return await self._connection.dispatch(request)

    async def why_not_ready(self) -> str:
        """Why nothing can be heard or said in Slack now; empty when it can."""
        if self._poster.silenced:
            return f"Slack takes nothing of Heal: {self._poster.silenced}"
        return "" if await self._connection.connected() else "Slack is not connected"

    async def close_doors(self) -> None:
        """Take nothing more in; the engine may still tell how its runs end."""
        await self._connection.stop_intake()
        await asyncio.gather(self._alerts.close(), self._workers.close())

    async def close(self) -> None:
        """Send what can be sent in a moment, and hang up; the rest waits in the outbox."""
        await self._stack.aclose()
