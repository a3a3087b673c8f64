"""
Corresponding: a system outside is kept in step with incidents, and no run waits for it.

What is due is read from the ledger, and that it was told is recorded there: so a restart goes on
where it was, and a system that was away for the whole of a run hears all of it later. Each
incident is told in order, one update at a time; several incidents are told at once, but few.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot import ports
from bot.core import calling, exhibit, telling, updates
from bot.core.errors import PermanentError, StoreUnavailable, TemporaryError, UncertainError
from bot.core.exhibit import Exhibit
from bot.core.facts import Exhibited, Joined, TicketAgain, TicketLinked, TicketTold
from bot.core.facts.fact import Fact
from bot.core.incident import Incident
from bot.core.ticket import Ticket
from bot.core.transcript import Entry
from bot.core.updates import Kind, Link, Update
from bot.engine import recording
from bot.engine.errands import Errands
from bot.engine.tries import Tries
from bot.engine.world import World

LONGEST = timedelta(days=3)
"""How long an update is tried; then it is given up, which people see, and the next is told."""
REFUSALS = 3
"""How often one update may be refused for what it is, before it is given up."""
FIRST, MOST = 2.0, 300.0
"""Seconds before another try, and at most between two; each wait is twice the last."""
AT_ONCE = 4
"""Incidents that one system is told of at the same time."""
LATELY, MANY = timedelta(days=8), 1000
"""At a start: how far back incidents are looked through for what was not told, and how many."""
MARKDOWN = "text/markdown; charset=utf-8"
JOINED, AGAIN = (str(kind.model_fields["kind"].default) for kind in (Joined, TicketAgain))
log = logging.getLogger(__name__)


class Corresponding:
    """Keeps one system in step, for as long as the house lives."""

    def __init__(
        self,
        world: World,
        system: str,
        correspondent: ports.Correspondent,
        link: Link,
        exhibits: ports.Exhibits | None = None,
    ) -> None:
        self._world = world
        self._system = system
        self._correspondent = correspondent
        self._link = link
        self._exhibits = exhibits
        self.settled: Counter[str] = Counter()
        """How many updates were told, and how many were given up."""
        self._errands = Errands(world.tasks, self._tell_all, f"tell {system} of")
        self._again: set[str] = set()
        """Incidents of which what was given up is to be told once more."""
        self._ours: set[str] = set()
        """Incidents of which this life knows what it told; of others an earlier life may have."""
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._rests_until, self._wait = 0.0, FIRST

    def begin(self) -> None:
        """Listen, and go on with what an earlier life did not tell, without anybody waiting."""
        self._world.cases.subscribe(self._told)
        self._errands.begin()
        self._world.tasks.start(self._look_back(), name=f"what {self._system} was not told yet")

    @property
    def behind(self) -> int:
        """Incidents of which something waits to be told."""
        return len(self._errands)

    async def retry(self, name: str) -> str:
        """Tell what was given up of an incident once more; why it was not told, empty if it was."""
        ticket = self._ticket(name)
        for missed in ticket.missed if ticket else ():
            due = self._update(name, missed.number)
            if due is None:
                continue
            tried = Tries(missed.number, missed.tries, uncertain=True)
            told = await self._try(due, tried)
            if told is None or told.why_not:
                return tried.why
            await self._record(name, f"{missed.number}:again", told)
        return ""

    async def _look_back(self) -> None:
        """
        One that ended is told the rest of if telling it had begun, or people were just called.

        What was given up is tried once more: a start is what mending a setting takes.
        """
        cases, now = self._world.cases, self._world.clock.now()
        lately = cases.since(now - LATELY, MANY)
        for name in dict.fromkeys((*(one.id for one in cases.open()), *(one.id for one in lately))):
            incident, ticket = cases.get(name), self._ticket(name)
            if incident and (not incident.over or ticket or calling.fresh(incident, now)):
                self._world.untold.note(incident)
                self._look(incident, again=True)
            await asyncio.sleep(0)

    def _told(self, incident: Incident, entry: Entry) -> None:
        if entry.kind != JOINED:
            self._world.untold.note(incident)
            self._look(incident, again=entry.kind == AGAIN)

    def _look(self, incident: Incident, *, again: bool) -> None:
        """See whether there is something to tell; `again` also of what was given up."""
        ticket = incident.tickets.get(self._system)
        if again and ticket is not None and ticket.missed:
            self._again.add(incident.id)
        elif incident.id in self._errands or incident.quiet is not None:
            return
        elif ticket is None:
            if self._old(incident) or self._correspondent.concerns(incident) is None:
                return
        elif self._due(incident) is None:
            return
        self._errands.want(incident.id)

    def _old(self, incident: Incident) -> bool:
        """Whether it ended without this system, and nobody was called of late: no news is due."""
        return incident.over and not calling.fresh(incident, self._world.clock.now())

    async def _tell_all(self, name: str) -> None:
        """Until nothing is due; what comes up meanwhile is told too."""
        try:
            await self._link_to(name)
            tries = Tries(-1)
            while True:
                if name in self._again:
                    self._again.discard(name)
                    await self.retry(name)
                if (due := self._due(self._world.cases.get(name))) is None:
                    break
                if due.number != tries.number:
                    tries = Tries(due.number, uncertain=name not in self._ours)
                if (told := await self._try(due, tries)) is not None:
                    await self._record(name, str(due.number), told)
                    self._ours.add(name)
                    self.settled["given up" if told.why_not else "told"] += 1
        finally:
            if (known := self._world.cases.get(name)) is None or known.over:
                self._ours.discard(name)

    async def _link_to(self, name: str) -> None:
        incident = self._world.cases.get(name)
        if incident is None or self._system in incident.tickets:
            return
        reference = self._correspondent.concerns(incident) or ""
        self._ours.add(name)
        await self._record(name, "linked", TicketLinked(system=self._system, reference=reference))

    async def _try(self, due: Update, tries: Tries) -> TicketTold | None:
        """Tell it once; the fact that settles it, or None when it is to be tried again."""
        ticket = self._ticket(due.incident.id)
        reference = ticket.reference if ticket else ""
        fact = partial(TicketTold, system=self._system, number=due.number, mark=due.mark,
                       title=due.title)  # fmt: skip
        async with self._gate:
            await self._rested()
            tries.count += 1
            try:
                shown = replace(due, exhibit=await self._exhibit(due))
                reference = await self._correspondent.tell(
                    shown, reference, uncertain=tries.uncertain
                )
            except (TemporaryError, UncertainError, StoreUnavailable) as error:
                self._rest(error.retry_after if isinstance(error, TemporaryError) else FIRST)
                tries.failed(str(error))
            except PermanentError as error:
                tries.refused += 1
                tries.failed(str(error))
            else:
                self._rests_until, self._wait = 0.0, FIRST
                return fact(reference=reference, tries=tries.count)
        if tries.count == 1:
            log.warning("%s was not told of %s yet: %s", self._system, due.mark, tries.why)
        if tries.refused >= REFUSALS or not self._fresh(due.at):
            log.error("%s is not told of %s: %s", self._system, due.mark, tries.why)
            return fact(reference=reference, tries=tries.count, why_not=tries.why)
        if tries.refused:
            await self._world.clock.sleep(FIRST * 2**tries.refused)
        return None

    async def _exhibit(self, due: Update) -> Exhibit | None:
        """What goes with it; people who are called, and who look back, have the transcript."""
        if due.kind in {Kind.ESCALATED, Kind.ENDED}:
            told = await self._world.ledger.brief(due.incident.id)
            text = telling.transcript(due.incident, *told).encode()[: exhibit.LARGEST]
            return exhibit.exhibited(
                f"{due.number}.md", text, media=MARKDOWN, title="transcript", says="all of it"
            )
        if self._exhibits is None or not isinstance(due.fact, Exhibited):
            return None
        kept, name = await self._exhibits.evidence(due.incident.id), due.fact.name
        return next((one for one in kept if one.said.name == name), None)

    def _due(self, incident: Incident | None) -> Update | None:
        ticket = incident.tickets.get(self._system) if incident else None
        if incident is None or ticket is None:
            return None
        return next(updates.of(incident, self._link(incident.id), after=ticket.upto), None)

    def _update(self, name: str, number: int) -> Update | None:
        incident = self._world.cases.get(name)
        known = updates.of(incident, self._link(name), after=number - 1) if incident else iter(())
        return next((one for one in known if one.number == number), None)

    def _ticket(self, name: str) -> Ticket | None:
        incident = self._world.cases.get(name)
        return incident.tickets.get(self._system) if incident else None

    def _fresh(self, at: datetime) -> bool:
        return self._world.clock.now() - at < LONGEST

    def _rest(self, wanted: float) -> None:
        """The whole system rests: what failed for one incident would fail for all."""
        wait = max(wanted, self._wait)
        self._rests_until = max(self._rests_until, self._world.clock.monotonic() + wait)
        self._wait = min(2 * self._wait, MOST)

    async def _rested(self) -> None:
        while (left := self._rests_until - self._world.clock.monotonic()) > 0:
            await self._world.clock.sleep(left)
        await self._world.leave()

    async def _record(self, name: str, what: str, fact: Fact) -> None:
        """Until the ledger can be written: else it would be told again by the next life."""
        while True:
            try:
                await recording.record(self._world, name, f"ticket:{self._system}:{what}", fact)
            except StoreUnavailable:
                await self._world.clock.sleep(FIRST)
            else:
                return
