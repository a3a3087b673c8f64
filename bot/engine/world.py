"""What the engine has at hand; built once by app."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot import ports
from bot.core.library import Library
from bot.core.needed import Needed
from bot.core.policy.timetable import Calendar, Timetable
from bot.engine.casebook import Casebook
from bot.engine.pages import Pages
from bot.engine.timetables import Timetables
from bot.engine.turns import Turns
from bot.engine.untold import Untold


@dataclass(frozen=True)
class Limits:
    """
    The longest that a stage may take, in seconds, whatever a runbook says.

    `act` is for all steps of a run together, `verify` for the criteria to hold at first; `total`
    is for steps and verification, and only the way back may take longer.
    """

    diagnose: float = 180
    act: float = 300
    verify: float = 120
    total: float = 1800
    outside: float = 5
    """For what a ticket system says against it: a run waits no longer, and goes on without it."""
    cmdb: float = 3
    """For what a CMDB says of a service: a plan waits no longer, and says that it is not known."""
    approval_keeps: float = 300
    """How old an approval, and the plan it holds for, may be when its run begins."""


async def at_once() -> None:
    """Wait for nothing: nobody else could act."""


@dataclass(frozen=True)
class World:
    """Ports and the little state that all incidents share."""

    clock: ports.Clock
    ledger: ports.Ledger
    plugins: ports.Plugins
    people: ports.People
    pager: ports.Pager
    cases: Casebook
    library: Callable[[], Library]
    tasks: ports.Background
    new_id: Callable[[str], str]
    channel: str
    limits: Limits = Limits()
    objectors: Mapping[str, ports.Objector] = field(default_factory=dict)
    """Ticket systems that are asked before anything is done, by their names."""
    cmdbs: Mapping[str, ports.Cmdb] = field(default_factory=dict)
    """What is asked about a service while a plan is built, by their names."""
    preceding: Mapping[str, ports.Preceding] = field(default_factory=dict)
    """Those whose record has to stand before anything is done, by their names."""
    calendars: Callable[[], Mapping[str, Calendar]] = dict
    """The calendars that are fetched, as they were read last, by their addresses."""
    untold: Untold = field(default_factory=Untold)
    leave: Callable[[], Awaitable[None]] = at_once
    """Waited for before other systems are told something: another replica may do that by now."""
    timetables: Timetables = field(default_factory=Timetables)
    hinted: asyncio.Event = field(default_factory=asyncio.Event)
    """A pager says that somebody took something: what is called for is looked at, once."""
    pages: Pages = field(default_factory=Pages)
    """How often people were woken lately, so that a storm wakes nobody without end."""
    taking: Turns = field(default_factory=Turns)
    """
    The alerts of one trouble are taken one at a time, and none while its incident makes sure
    that none is left.
    """

    def needed(self, service: str, environment: str) -> tuple[Needed, ...]:
        """What a service needs, directly or through others, that is in trouble now."""
        needs, now = self.library().needs(service, environment), self.clock.now()
        found = ((name, self.cases.troubles.at(name, environment, now)) for name in needs)
        return tuple(Needed(service=name, incident=first) for name, first in found if first)

    def timetable(self, now: datetime) -> Timetable:
        """The freezes and maintenance windows of the day."""
        return self.timetables.of(self.library(), self.calendars(), now)
