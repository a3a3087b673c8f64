"""House: a running bot, opened room by room and closed the other way round."""

from __future__ import annotations

import gc
import logging
from contextlib import AsyncExitStack
from functools import partial
from typing import Self

from bot import plugins
from bot import settings as settings_
from bot.app import (
    again,
    companions,
    doors,
    front,
    furnishing,
    garbage,
    lines,
    pagers,
    pages,
    proving,
    reach,
    witnesses,
)
from bot.app.calendars import Calendars
from bot.app.keeping import Keeping
from bot.app.leaving import Leaving
from bot.app.measuring import Measuring
from bot.app.place import Alone, Place
from bot.app.renewing import Renewing
from bot.catalog import shelving, written
from bot.catalog.reloading import Catalog
from bot.clients import commands, http
from bot.clients.rig import Rig
from bot.clock import Clock
from bot.durable.journal import Journal
from bot.durable.naming import new_id
from bot.engine import healing, reporting
from bot.engine.casebook import Casebook
from bot.engine.detecting import Detecting
from bot.engine.intake import Intake
from bot.engine.receiving import Receiving
from bot.engine.world import Limits, World, at_once
from bot.plugins import Toolbox
from bot.settings import Settings
from bot.slack.awaiting import AwaitedRoom
from bot.slack.pacing import Pace
from bot.store.exhibits import Exhibits
from bot.store.inbox import Inbox
from bot.store.ledger import Ledger
from bot.store.outbox import Outbox
from bot.store.past import Past
from bot.store.records import Records
from bot.store.sealing import Sealing
from bot.tasks import Tasks
from bot.timers import Timers

PHASES = ("ledger and runbooks", "incidents and Slack", "open work and doors")
"""What a start is made of, in its order."""
log = logging.getLogger(__name__)


class House:
    """A running bot: open it, and it heals until it is closed."""

    place: Place = Alone()

    def __init__(
        self,
        settings: Settings,
        sections: plugins.Sections,
        clock: Clock,
        limits: Limits,
        pace: Pace | None,
    ) -> None:
        self.settings = settings
        self.sections = sections
        self.pace = pace
        self.clock = clock
        self.limits = limits
        self.took: dict[str, float] = {}
        """Seconds of each of the PHASES of its start."""
        self.leaving = Leaving.of(sections, clock)
        self.tasks = Tasks()
        self.timers = Timers()
        self._stack = AsyncExitStack()

    @classmethod
    async def open(
        cls,
        settings: Settings,
        *,
        sections: plugins.Sections = settings_.section,
        clock: Clock | None = None,
        limits: Limits | None = None,
        pace: Pace | None = None,
        place: Place | None = None,
    ) -> Self:
        """Open every room, go on with what an earlier life left, then let the world in."""
        house = cls(settings, sections, clock or Clock(), limits or Limits(**settings.limits), pace)
        house.place = place or house.place
        gc.disable()  # what a start makes it keeps: a quarter of its time would be spent looking
        try:
            for phase, act in zip(
                PHASES, (house._ground, house._engine, house._enter), strict=True
            ):
                began = house.clock.monotonic()
                await act()
                house.took[phase] = house.clock.monotonic() - began
        except BaseException:
            await house.close()
            raise
        finally:
            gc.enable()
        garbage.settle_down()
        return house

    async def close(self) -> None:
        """Let nothing new in, give what is under way its time, then let go of everything."""
        self.leaving.shut()
        self.timers.stop()
        await self._stack.aclose()

    async def _ground(self) -> None:
        """The ledger's file, the plug-ins and the library: what everything stands on."""
        self.writer = writer = await self.place.writer(self.settings.ledger)
        self._stack.push_async_callback(writer.close)
        self.ledger = Ledger(self.writer)
        self.inbox = await Inbox.open(self.writer)
        self.outbox = Outbox(self.writer, lambda: self.place.why_not)
        sealing = Sealing(self.settings.ledger, self.writer, self.ledger)
        self.keeping = Keeping(self.sections, sealing, self.inbox, self.outbox, self.clock)
        client = self.client = http.open_client()
        self._stack.push_async_callback(client.aclose)
        rig = Rig(client, self.clock, commands.Commands(settings_.environment()), written.read)
        self.toolbox = Toolbox(rig, self.sections, self.settings.allowed)
        self.witnesses = witnesses.joined(self.settings, self.toolbox, client)
        self.catalog = Catalog(
            partial(shelving.load, self.settings.runbooks, self.toolbox),
            partial(shelving.equip, toolbox=self.toolbox),
        )
        self.calendars = Calendars(client, self.clock, self.catalog)
        for line in shelving.asleep(self.catalog.current):
            log.info("runbooks: %s", line)

    async def _engine(self) -> None:
        """The incidents as they stand, and the workflow that goes on with them."""
        self._stack.push_async_callback(self.tasks.close, 0.0)
        past = Past(self.settings.ledger)
        self._stack.callback(past.close)
        self.cases = Casebook(past)
        self.ledger.subscribe(self.cases.take)
        self.cases.subscribe(lines.told)
        records = Records(self.settings.incident_records, self.cases)
        self._stack.push_async_callback(records.close)
        self.slack = await AwaitedRoom.open(self.settings, self.clock, self._refused)
        self._stack.push_async_callback(self.slack.close)
        pager = pagers.joined(
            lambda: self.catalog.current.rulebook, self.toolbox, self.client, self.slack.by_email
        )
        self.world = world = World(
            clock=self.clock,
            ledger=self.ledger,
            plugins=self.toolbox,
            people=self.slack,
            pager=pager,
            cases=self.cases,
            library=lambda: self.catalog.current,
            calendars=self.calendars.standing,
            objectors=companions.objectors(self.toolbox, self.sections),
            pages=companions.pages(self.toolbox, self.sections),
            cmdbs=companions.cmdbs(self.toolbox, self.sections),
            preceding=companions.preceding(self.toolbox, self.sections),
            tasks=self.tasks,
            leave=self.place.leave or at_once,
            new_id=new_id, channel=self.slack.channel, limits=self.limits,
        )  # fmt: skip
        self.journal: Journal = Journal(
            self.ledger, self.clock, self.tasks,
            workflow=lines.lived(self.cases, lambda life: healing.heal(life, world, self.journal)),
            versions=frozenset({healing.WORKFLOW}),
            on_crash=partial(again.live_on, lambda: self.journal, self.clock),
            leave=self.place.leave, others=self.place.others,
        )  # fmt: skip
        self._reach(world)

    def _reach(self, world: World) -> None:
        """What alerts, people and timers may ask of the engine."""
        self.intake = Intake(world, self.journal)
        self.doors = doors.alert_doors(self.toolbox)
        self.receiving = Receiving(world, self.inbox, self.intake.take, self.doors)
        arrivals = self.receiving.arrivals
        self.requests, self.permits, self.engine = reach.joined(
            world, self.journal, self.settings, self.sections, self.inbox, arrivals,
            self.intake.take, Exhibits(self.settings.ledger, self.ledger.keep),
        )  # fmt: skip
        self.measuring = Measuring(world, self.engine.orders, self.inbox, self.outbox, arrivals)
        self.detecting = Detecting(world, self.intake.take)
        self.renewing = Renewing(
            world, self.catalog, self.settings.runbooks, self.timers, self.detecting.look,
            self.detecting.settle, self.slack.notice,
        )  # fmt: skip

    async def _enter(self) -> None:
        """Slack's listeners and the web: built, and opened when what was open goes on."""
        self.slack.join(self.cases, furnishing.furnish(self))
        self.server = front.server(
            self.settings, self.doors, self.receiving, self.measuring, self.leaving,
            self.slack.dispatch, self.why_not_ready, self._notes, pages.routes(self),
        )  # fmt: skip
        self._stack.push_async_callback(self.leaving.account, self.cases, self.inbox, self.outbox)
        drain = partial(self.journal.close, self.leaving.told.grace)
        for close in (self.server.close, drain, self.slack.close_doors):
            self._stack.push_async_callback(close)
        await self._recover()

    def _notes(self) -> list[str]:
        """What keeps no traffic away, and somebody should look at."""
        return [*self.renewing.notes(), *self.detecting.notes()]

    async def why_not_ready(self) -> str:
        """Why traffic should not come here now; empty when it may."""
        why = self.leaving.why or self.place.why_not or await self.slack.why_not_ready()
        return why or await proving.why_not(self.writer)

    async def _recover(self) -> None:
        recovered = await self.journal.recover()
        await reporting.hand_over(self.world, recovered.foreign, recovered.unknown)
        joined = companions.joined(self, self._stack)
        await companions.begin(companions.BEFORE_DOORS, joined)
        await self.requests.settle()
        await self.permits.settle()
        await self.receiving.recover()
        await self.slack.start()
        await self.place.listen(self.server, self.settings.listen, self.settings.port)
        await self.renewing.begin()
        self.calendars.begin(self.tasks, self.timers)
        await self.keeping.begin(self.timers)
        await companions.begin(companions.LAST, joined)
        self.tasks.start(self.receiving.work(), name="alerts taken from the inbox")
        self.timers.start()

    def _refused(self, why: str) -> None:
        """Slack's door turned somebody away: that is recorded too."""
        self.tasks.start(reporting.refused(self.world, "slack", why), name="record a refusal")
