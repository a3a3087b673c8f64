"""Freezing: what operators order not to be changed for a while, and lift again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.core import durations, redaction, spelling
from bot.core.clauses import ANY
from bot.core.facts import Froze, Thawed
from bot.core.policy.wording import moment
from bot.engine import recording
from bot.engine.authority import Authority
from bot.engine.world import World
from bot.ports import Answer, Freezing

LONGEST = durations.parse("7d")
"""A freeze that lasts longer is one of the policy."""


class Freezes:
    """Each order is authorised, compared with the catalogue, and recorded."""

    def __init__(self, world: World, authority: Authority) -> None:
        self._world = world
        self._authority = authority

    async def order(self, wanted: Freezing, who: str) -> Answer:
        """Let nothing begin at a place for so long; what runs already may finish."""
        if no := await self._authority.barred(who):
            return no
        if slip := self._unknown(wanted) or _unfit(wanted):
            return Answer(done=False, text=f"{slip}. Nothing was frozen.")
        fact = Froze(
            by=who,
            service=wanted.service,
            environment=wanted.environment,
            until=self._world.clock.now() + wanted.lasts,
            why=redaction.text(wanted.why),
        )
        await self._record("frozen", fact, who)
        return Answer(
            done=True,
            text=f"Frozen: {fact.place} until {moment(fact.until)}. Nothing begins there before "
            f"that; what runs already may finish. `unfreeze {fact.named}` lifts it.",
        )

    async def lift(self, service: str, environment: str, who: str, why: str) -> Answer:
        """Lift what was ordered under exactly this name."""
        if no := await self._authority.barred(who):
            return no
        fact = Thawed(by=who, service=service, environment=environment, why=redaction.text(why))
        on = self._world.cases.standing().frozen_at(self._world.clock.now())
        if lifted := [order for order in on if fact.lifts(order)]:
            await self._record("thawed", fact, who)
        said = "; ".join(f"{order.place} until {moment(order.until)}" for order in lifted)
        left = "; ".join(self._still(fact))
        return Answer(
            done=bool(lifted),
            text=(f"Lifted: {said}." if lifted else f"No order froze {fact.place}.")
            + (f" Still on: {left}." if left else ""),
        )

    def _unknown(self, wanted: Freezing) -> str:
        """What of a place no service of the catalogue has; empty when all is known."""
        known = self._world.library().services
        if wanted.service != ANY and wanted.service not in {one.name for one in known}:
            return f"Service {spelling.unknown(wanted.service, sorted({s.name for s in known}))}"
        there = {s.environment for s in known if wanted.service in {ANY, s.name}}
        if wanted.environment != ANY and wanted.environment not in there:
            return f"Environment {spelling.unknown(wanted.environment, sorted(there))}"
        return ""

    def _still(self, lifted: Thawed) -> Iterator[str]:
        """What goes on being frozen there, and by which name it can be lifted."""
        now = self._world.clock.now()
        for order in self._world.cases.standing().frozen_at(now):
            if order.meets(lifted):
                yield f"{order.place} until {moment(order.until)} (`unfreeze {order.named}`)"
        for row in self._world.timetable(now).freezes:
            if (span := row.at(now)) and row.window.meets(lifted.service, lifted.environment):
                yield f"{row.window.name} until {moment(span.ends)} (of the policy)"

    async def _record(self, word: str, fact: Froze | Thawed, who: str) -> None:
        key = f"{word}:{fact.named}:{self._world.clock.now().isoformat()}"
        await recording.record(self._world, "", key, fact, who)


def _unfit(wanted: Freezing) -> str:
    if not timedelta() < wanted.lasts <= LONGEST:
        most = durations.in_words(LONGEST)
        return (
            f"An order freezes for more than 0 s and at most {most}: "
            "a longer freeze is written into policy/rules.yaml"
        )
    return "" if wanted.why.strip() else "Say why: it is kept with the record"
