"""Attending to one person: who they are to the policy, what waits for them, when to remind them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.core import approval, durations, outcome
from bot.core import incident as incidents
from bot.core.circle import Circle
from bot.core.facts import Snoozed
from bot.core.incident import Incident
from bot.core.policy.rulebook import Rulebook
from bot.core.risk import Level
from bot.engine import electing, recording
from bot.engine.authority import Authority
from bot.engine.electing import LATELY, Electorate
from bot.engine.world import World
from bot.ports import Answer, Person

LONGEST = timedelta(days=7)


class Attending:
    """Nothing is decided here; a snooze silences nobody else and puts no question off."""

    def __init__(self, world: World, authority: Authority) -> None:
        self._world = world
        self._authority = authority

    async def about(self, who: str) -> Person:
        """Who they are, all of it asked at once; what could not be found out is told."""
        rulebook, open_ = self._world.library().rulebook, list(self._asked())
        circles = [request.everybody for _, request in open_]
        everybody = _everybody(rulebook).beside(*circles)
        found = await electing.electorate(self._world, everybody, within=LATELY)
        held = found.grounds.get(who, ())
        levels = [one for one in Level if _in(rulebook.circle(rulebook.approvers.of(one)), held)]
        waiting = [one for one, request in open_ if _waits(one, request, found, who)]
        return Person(
            words=held,
            roles=tuple(name for name in rulebook.roles if _in(rulebook.demand(name), held)),
            operates=_in(rulebook.circle(*rulebook.operating), held),
            resumes=_in(rulebook.circle(rulebook.approvers.high), held),
            approves=tuple(map(str, levels)),
            waiting=tuple(one.id for one in waiting),
            doubts=found.doubts,
        )

    async def snooze(self, name: str, who: str, lasts: timedelta) -> Answer:
        """Whoever operates Heal or may decide it may have themselves reminded."""
        known = self._world.cases.find(name)
        if known is None:
            return Answer(done=False, text=f"I know no run {name!r}. `status` lists what is open.")
        if known.over:
            return Answer(done=False, text=f"Nothing is left there: {outcome.outcome(known)}")
        if not timedelta() < lasts <= LONGEST:
            return Answer(done=False, text="Snooze for a while of at most 7 days, like 30m.")
        if (no := await self._authority.barred(who)) and not await self._decides(known, who):
            return no
        now = self._world.clock.now()
        fact = Snoozed(by=who, until=now + lasts)
        await recording.record(self._world, known.id, f"snooze:{who}:{now.isoformat()}", fact, who)
        text = (
            f"You are reminded of {known.id} in {durations.in_words(lasts)}, or before its "
            "question expires. Nothing else waits for that: it stays open for everybody."
        )
        return Answer(done=True, text=text, incident=known.id)

    def _asked(self) -> Iterator[tuple[Incident, approval.Request]]:
        """The questions that are open now, the first to expire first."""
        now = self._world.clock.now()
        open_ = ((one, incidents.request_of(one)) for one in self._world.cases.open())
        found = [(one, asked) for one, asked in open_ if asked and now < asked.expires_at]
        yield from sorted(found, key=lambda each: (each[1].expires_at, each[0].id))

    async def _decides(self, known: Incident, who: str) -> bool:
        request = incidents.request_of(known)
        return request is not None and who in (await self._authority.electorate(request)).grounds


def _waits(known: Incident, request: approval.Request, found: Electorate, who: str) -> bool:
    """Whether a yes of theirs would say anything new."""
    mine = [v.vote.yes for v in known.votes if v.round == request.round and v.vote.who == who]
    may = who not in request.excluded and _in(request.everybody, found.grounds.get(who, ()))
    return may and not (mine and mine[-1])


def _everybody(rulebook: Rulebook) -> Circle:
    """All whom the policy names anywhere."""
    panels = [rulebook.approvers.of(level) for level in Level]
    roles = map(rulebook.demand, rulebook.roles)
    return rulebook.circle(*rulebook.operating, *panels).beside(*roles)


def _in(circle: Circle, held: tuple[str, ...]) -> bool:
    return bool(set(circle.words) & set(held))
