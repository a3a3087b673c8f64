"""Governing: what people say for the whole house; each order is authorised, then recorded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.core import redaction, topics
from bot.core.facts import Halted, Resumed, TicketAgain
from bot.core.incident import Incident
from bot.core.lifecycle import ACTING
from bot.core.policy import circuit_breaker
from bot.core.policy.circuit_breaker import Tripped
from bot.engine import problems, recording
from bot.engine.authority import Authority
from bot.engine.freezing import Freezes
from bot.engine.world import World
from bot.ports import Answer, Freezing

MOST = 10
"""Runs that an answer lists one by one; `status` shows them all."""


class Governing:
    """The engine's side of orders: entries of the ledger, so all of them survive a restart."""

    def __init__(
        self,
        world: World,
        authority: Authority,
        stop_all: Callable[[str, str], Awaitable[None]],
    ) -> None:
        """Say who may order what, and who closes every open question at a stop."""
        self._world = world
        self._authority = authority
        self._stop_all = stop_all
        self._freezes = Freezes(world, authority)

    async def halt(self, who: str, why: str) -> Answer:
        """Pull the kill switch: nothing begins, runs end at the next safe point."""
        if no := await self._authority.barred(who):
            return no
        if self._world.cases.standing().halted is not None:
            return Answer(done=False, text="Heal is stopped already.")
        fact = Halted(by=who, why=redaction.text(why) or "no reason given")
        known = self._world.cases.open()
        await self._order("halted", fact, who, known)
        await self._stop_all(who, fact.why)
        said = "Stopped: nothing begins, runs end at the next safe point."
        return Answer(done=True, text=f"{said}{_left(known)}")

    async def resume(self, who: str, why: str) -> Answer:
        """Release the kill switch."""
        if no := await self._authority.barred(who, to_resume=True):
            return no
        if self._world.cases.standing().halted is None:
            return Answer(done=False, text="Heal is not stopped.")
        fact = Resumed(by=who, why=redaction.text(why) or "no reason given")
        stopped = [one for one in self._world.cases.open() if one.halted is not None]
        await self._order("resumed", fact, who, stopped)
        return Answer(done=True, text="Heal works again.")

    async def freeze(self, wanted: Freezing, who: str) -> Answer:
        return await self._freezes.order(wanted, who)

    async def thaw(self, service: str, environment: str, who: str, why: str) -> Answer:
        return await self._freezes.lift(service, environment, who, why)

    async def propose(self, name: str, who: str) -> Answer:
        """Have the cause looked for of what keeps coming back."""
        return await problems.propose(self._world, self._authority, name, who)

    async def retell(self, who: str) -> Answer:
        """Have told once more what ticket systems and pagers were not told and was given up."""
        if no := await self._authority.barred(who):
            return no
        untold = self._world.untold
        count, names = untold.by_system().total(), untold.incidents
        if not names:
            text = "Everything was told, of all that is open or ended lately."
            return Answer(done=False, text=text)
        now, fact = self._world.clock.now().isoformat(), TicketAgain(by=who)
        drafts = [recording.draft(self._world, one, f"again:{now}", fact, who) for one in names]
        await self._world.ledger.append_all(drafts)
        updates = "1 update" if count == 1 else f"{count} updates"
        of = ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if names[MOST:] else "")
        text = f"{updates} of {of} will be told once more. What stays untold, `status` shows."
        return Answer(done=True, text=text)

    def breakers(self) -> Sequence[Tripped]:
        """Every service whose breaker is not closed, with the runs that failed; for all to read."""
        runs, now = self._world.cases.runs, self._world.clock.now()
        breaker = self._world.library().rulebook.breaker
        return tuple(circuit_breaker.tripped(runs.by_service(), breaker, now))

    def storm(self) -> str:
        """What is so broken that nothing runs unattended; empty while it is no storm."""
        library = self._world.library()
        troubled = self._world.cases.troubles.read(library, self._world.clock.now())
        return troubled.says if troubled.storm(library.rulebook.storm) else ""

    async def _order(
        self, word: str, fact: Halted | Resumed, who: str, known: Sequence[Incident]
    ) -> None:
        """Record it for the house and, in the same moment, for each incident that it is about."""
        now, names = self._world.clock.now().isoformat(), ("", *(one.id for one in known))
        drafts = [recording.draft(self._world, name, f"{word}:{now}", fact, who) for name in names]
        await self._world.ledger.append_all(drafts)


def _left(known: Sequence[Incident]) -> str:
    """What was closed by a stop, and what is still under way: who stopped has to know."""
    asked = sum(bool(topics.of(one)) for one in known)
    going = [one for one in known if one.state in ACTING and not topics.of(one)]
    said = f" Closed without a run: {asked}." if asked else ""
    if going:
        listed = "; ".join(map(_about, going[:MOST]))
        more = f"; and {len(going) - MOST} more" if len(going) > MOST else ""
        said += f" Still under way: {listed}{more}."
    return said


def _about(one: Incident) -> str:
    title = one.plan.title if one.plan else one.opened.title
    return f"{one.id} is {one.state} ({title}, {one.service} in {one.environment})"
