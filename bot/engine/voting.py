"""Votes on a plan: who may, once each, and one decision per round that stands for ever."""

from __future__ import annotations

import asyncio

from bot import ports
from bot.core import approval, incident, outcome, redaction, topics, weighing
from bot.core.approval import Ending
from bot.core.facts import Barred, Decided, Voted
from bot.core.incident import Incident
from bot.engine import recording
from bot.engine.authority import Authority
from bot.engine.electing import Electorate
from bot.engine.world import World
from bot.ports import Answer


class Voting:
    """Counts votes one at a time; the decision itself is a compare-and-set."""

    def __init__(self, world: World, durable: ports.Durable, authority: Authority) -> None:
        self._world = world
        self._durable = durable
        self._authority = authority
        self._counting = asyncio.Lock()

    async def vote(
        self, name: str, round_: int, who: str, *, yes: bool, why: str, reacted: bool = False
    ) -> Answer:
        """Count one vote; the answer says what became of it, also when it came too late."""
        known = self._world.cases.find(name)
        if known is None:
            return Answer(done=False, text=f"I know no plan {name!r}.")
        request = incident.request_of(known)
        if request is None or round_ not in {0, request.round}:
            return self._late(known, round_)
        if yes and not round_ and request.round > 1:
            return _which(known, request)
        found = await self._authority.electorate(request)
        if no := await self.objection(known, request, found, who, yes=yes, reacted=reacted):
            return no
        vote = approval.Vote(who=who, yes=yes, why=redaction.text(why), reacted=reacted)
        async with self._counting:
            return await self._count(known.id, request, vote, found)

    async def pause(self, name: str, round_: int, who: str) -> Answer:
        """By a reaction: nothing runs, and who said so looks into it by hand."""
        known = self._world.cases.find(name)
        request = incident.request_of(known) if known else None
        if known is None or request is None or round_ != request.round:
            return self._late(known, round_)
        found = await self._authority.electorate(request)
        if no := await self.objection(known, request, found, who, yes=False, reacted=True):
            return no
        decided = Decided(at=self._world.clock.now(), ending=Ending.PAUSED, by=(who,),
                          seen=found.seen(request, who))  # fmt: skip
        letter = await self._decide(known.id, topics.decision(request.round), decided, who)
        if not letter.won:
            return self._late(self._world.cases.get(known.id) or known, request.round)
        return Answer(done=True, text="Paused: nothing runs, and it is yours to look into.",
                      incident=known.id)  # fmt: skip

    async def objection(
        self,
        known: Incident,
        request: approval.Request,
        found: Electorate,
        who: str,
        *,
        yes: bool,
        reacted: bool = False,
    ) -> Answer | None:
        """Why this person may not decide this, or not in this way; nothing when they may."""
        if barred := self._authority.bars(request, who, found, yes=yes):
            if found.doubts and who not in request.excluded:
                text = f"I could not check who may decide: {found.doubts}. Nothing was decided."
                return Answer(done=False, text=text)
            await self._note_barred(known, request, found, who, barred)
            return Answer(done=False, text=barred, incident=known.id)
        level = known.planned.risk.level if known.planned and known.planned.risk else None
        if reacted and (why := approval.not_by_reaction(request, level)):
            text = f"{why}: use the buttons on its card. Nothing was decided."
            return Answer(done=False, text=text, incident=known.id)
        return None

    async def settle(self, known: Incident) -> tuple[Ending | None, bool]:
        """Write the decision that the votes so far amount to; whether it is the one that stands."""
        request = incident.request_of(known)
        ending = weighing.settled(request, known.votes) if request else None
        if request is None or ending is None or self._world.clock.now() >= request.expires_at:
            return None, False
        votes = [v.vote for v in known.votes if v.round == request.round]
        agreed, yes = weighing.so_far(request, known.votes).counting, ending is Ending.APPROVED
        decisive = [v for v in votes if v.yes is yes and (not yes or v.who in agreed)]
        decided = Decided(
            at=self._world.clock.now(),
            ending=ending,
            by=tuple(dict.fromkeys(vote.who for vote in decisive)),
            why="; ".join(vote.why for vote in decisive if vote.why),
        )
        topic = topics.decision(request.round)
        letter = await self._decide(known.id, topic, decided, decided.by[-1])
        return ending, letter.won

    async def cancel(self, known: Incident, topic: str, who: str, why: str) -> Answer:
        """Take the question, or the place in the queue, back; what was decided already stands."""
        decided = Decided(at=self._world.clock.now(), ending=Ending.CANCELLED, by=(who,), why=why)
        letter = await self._decide(known.id, topic, decided, who)
        if letter.won:
            return Answer(done=True, text="Cancelled: nothing was executed.", incident=known.id)
        return self._late(self._world.cases.get(known.id) or known, 0)

    async def stop_all(self, who: str, why: str) -> None:
        """The kill switch closes every open question, and empties the queue; nothing quiet ends."""
        for known in self._world.cases.open():
            if (topic := topics.of(known)) and known.quiet is None:
                now = self._world.clock.now()
                decided = Decided(at=now, ending=Ending.STOPPED, by=(who,), why=why)
                await self._decide(known.id, topic, decided, who)

    async def _count(
        self, name: str, request: approval.Request, vote: approval.Vote, found: Electorate
    ) -> Answer:
        known = self._world.cases.get(name)
        now = self._world.clock.now()
        open_ = incident.request_of(known) if known else None
        if known is None or open_ != request or now >= request.expires_at:
            return self._late(known, request.round, expired=now >= request.expires_at)
        new = await self._record(known, request, vote, found)
        counted = self._world.cases.get(name) or known
        ending, stands = await self.settle(counted)
        known = self._world.cases.get(name)
        if not stands and (ending or known is None or incident.request_of(known) is None):
            return self._late(known, request.round)
        if ending is Ending.APPROVED:
            return Answer(done=True, text="Approved. I check the plan once more and begin.",
                          incident=name)  # fmt: skip
        if ending is Ending.REJECTED:
            return Answer(done=True, text="Rejected. Nothing will be executed.", incident=name)
        note = "" if new else "You said so already. "
        told = weighing.so_far(request, counted.votes)
        text = f"{note}{weighing.line(request, told)}"
        return Answer(done=new, text=text, incident=name)

    async def _record(
        self,
        known: Incident,
        request: approval.Request,
        vote: approval.Vote,
        found: Electorate,
    ) -> bool:
        """
        Write the vote with who may decide now of all that voted; whether it says anything new.

        Who repeats a yes says nothing new, unless somebody's yes counts again or no more.
        """
        before = [voted for voted in known.votes if voted.round == request.round]
        said = dict.fromkeys([*(voted.vote.who for voted in before), vote.who])
        holds = {who: found.grounds[who] for who in said if who in found.grounds}
        earlier = (v.vote.who for v in before if v.vote.yes and v.vote.who not in holds)
        lapsed = tuple(dict.fromkeys(earlier))
        word = "yes" if vote.yes else "no"
        key = f"vote:{request.round}:{vote.who}:{word}"
        if any((v.vote.who, v.vote.yes) == (vote.who, vote.yes) for v in before):
            if before[-1].grounds == holds:
                return False
            key += f":{len(before)}"
        voted = Voted(
            round=request.round,
            vote=vote,
            grounds=holds,
            lapsed=lapsed,
            seen=found.seen(request, vote.who),
        )
        _, new = await recording.record(self._world, known.id, key, voted, vote.who)
        return new

    async def _decide(self, name: str, topic: str, decided: Decided, who: str) -> ports.Letter:
        return await self._durable.signal(name, topic, decided.body, who, kind=decided.kind)

    async def _note_barred(
        self, known: Incident, request: approval.Request, found: Electorate, who: str, why: str
    ) -> None:
        seen = found.seen(request, who)
        barred = Barred(round=request.round, who=who, why=why, seen=seen)
        await recording.record(self._world, known.id, f"barred:{request.round}:{who}", barred, who)

    def _late(self, known: Incident | None, round_: int, *, expired: bool = False) -> Answer:
        if known is None:
            return Answer(done=False, text="I know no such plan.")
        if expired:
            text = "This request has expired; nothing was executed."
        elif incident.request_of(known) is not None:
            text = f"Plan {round_} was replaced: look at the newest card of {known.id}."
        else:
            text = f"Not found or already executed: {outcome.outcome(known)}"
        return Answer(done=False, text=text, incident=known.id)


def _which(known: Incident, request: approval.Request) -> Answer:
    """Whoever wrote it may have read the plan before: a yes has to name the one it means."""
    text = (
        "The plan changed, and your yes does not say which one it means: read the newest card of "
        f"{known.id}, and press its button or write `approve {known.id}.{request.round}`. "
        "Nothing was decided."
    )
    return Answer(done=False, text=text, incident=known.id)
