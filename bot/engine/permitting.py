"""Permitting: yeses in advance are asked for, decided by people, and taken back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.core import permits, redaction, weighing
from bot.core.approval import Ending, Vote
from bot.core.durations import in_words
from bot.core.facts import (
    PermitAsked,
    PermitBarred,
    PermitGranted,
    PermitRefused,
    PermitRevoked,
    PermitVoted,
)
from bot.core.facts.fact import Fact
from bot.core.permit import Permit, Wanted
from bot.core.policy import who as asking
from bot.core.runbook import Runbook
from bot.engine import permitted, recording
from bot.engine.authority import Authority
from bot.engine.electing import Electorate
from bot.engine.world import World
from bot.ports import Allowance, Answer


class Permitting:
    """The engine's side of `allow` and `revoke`; each entry belongs to no incident."""

    def __init__(self, world: World, authority: Authority) -> None:
        self._world = world
        self._authority = authority
        self._counting = asyncio.Lock()

    async def allow(self, wish: Allowance, who: str, channel: str, once: str = "") -> Answer:
        """Ask for it, of those who approve at high risk; nothing is allowed by asking."""
        if no := await self._authority.barred(who):
            return no
        library = self._world.library()
        runbook = library.runbook(wish.runbook)
        if runbook is None:
            return Answer(done=False, text=f"{library.unknown(wish.runbook)}.")
        place = self._environment(wish)
        name = f"p-{self._world.new_id(once).removeprefix('inc-')}"
        async with self._counting:
            await permitted.end_changed(self._world)
            if why := self._why_not(wish, runbook, place, name):
                return Answer(done=False, text=f"{why} Nothing was asked for.")
            wanted = Wanted(
                by=who,
                runbook=runbook.runbook,
                runbook_digest=runbook.digest,
                policy_digest=library.policy_digest,
                service=wish.service,
                environment=place,
                lasts=wish.lasts.total_seconds(),
                runs=wish.runs or library.rulebook.permits.runs,
                why=redaction.text(wish.why),
            )
            least, now = runbook.safety.approval.quorum, self._world.clock.now()
            request = asking.permit_for(library.rulebook, wanted, least, now)
            where = channel or self._world.channel
            fact = PermitAsked(permit=name, wanted=wanted, request=request, channel=where)
            await self._record(f"permit:{name}:asked", fact, who)
        return Answer(done=True, text=f"Asked for: {name}. It holds once people said yes to it.")

    async def decide(self, permit: str, who: str, *, yes: bool, why: str) -> Answer:
        """Count one yes or no; as with a plan, any no wins, and who asked may not say yes."""
        known = self._find(permit)
        if known is None:
            return _unknown(permit)
        found = await self._authority.electorate(known.request)
        if barred := self._authority.bars(known.request, who, found, yes=yes):
            if found.doubts and who not in known.request.excluded:
                text = f"I could not check who may decide: {found.doubts}. Nothing was decided."
                return Answer(done=False, text=text)
            seen = found.seen(known.request, who)
            fact = PermitBarred(permit=known.id, who=who, why=barred, seen=seen)
            await self._record(f"permit:{known.id}:barred:{who}", fact, who)
            return Answer(done=False, text=barred)
        async with self._counting:
            await permitted.end_changed(self._world)
            vote = Vote(who=who, yes=yes, why=redaction.text(why))
            return await self._count(known.id, vote, found)

    async def revoke(self, permit: str, who: str, why: str) -> Answer:
        """Take it back: its own asker may, and whoever operates Heal."""
        known = self._find(permit)
        if known is None:
            return _unknown(permit)
        if who != known.wanted.by and (no := await self._authority.barred(who)):
            return no
        async with self._counting:
            if over := self._over(self._find(permit) or known):
                return Answer(done=False, text=f"{known.id} holds no more: {over}.")
            fact = PermitRevoked(permit=known.id, by=who, why=redaction.text(why))
            await self._record(f"permit:{known.id}:revoked", fact, who)
        return Answer(done=True, text=f"{known.id} is revoked: nothing more begins by it.")

    async def settle(self) -> None:
        """After a restart: votes on a permit whose decision was not written yet."""
        await permitted.end_changed(self._world)
        for one in self._world.cases.standing().permits:
            if one.votes:
                await self._decided(one)

    async def _count(self, name: str, vote: Vote, found: Electorate) -> Answer:
        known, now = self._find(name), self._world.clock.now()
        if known is None or not known.waits(now):
            return self._late(known, name)
        said = dict.fromkeys([*(one.who for one in known.votes), vote.who])
        holds = {who: found.grounds[who] for who in said if who in found.grounds}
        key = f"permit:{name}:vote:{vote.who}:{'yes' if vote.yes else 'no'}"
        repeated = any((one.who, one.yes) == (vote.who, vote.yes) for one in known.votes)
        if repeated and holds != known.grounds:
            key += f":{len(known.votes)}"
        seen = found.seen(known.request, vote.who)
        fact = PermitVoted(permit=name, vote=vote, grounds=holds, seen=seen)
        new = await self._record(key, fact, vote.who)
        known = self._find(name) or known
        if await self._decided(known):
            known = self._find(name) or known
            if known.until is None:
                return Answer(done=True, text=f"Refused: {name} allows nothing.")
            text = f"Granted: {name} holds for {_span(known)} and {_runs(known.wanted.runs)}."
            return Answer(done=True, text=text)
        told = weighing.tally(known.request, known.votes, known.grounds)
        note = "" if new else "You said so already. "
        return Answer(done=new, text=f"{note}{weighing.line(known.request, told)}")

    async def _decided(self, known: Permit) -> bool:
        """Write the decision that the votes so far amount to; False while they are too few."""
        now = self._world.clock.now()
        if not known.waits(now) or self._weighed(known) is None:
            return False
        no = next((vote for vote in known.votes if not vote.yes), None)
        fact: Fact
        if no is not None:
            fact = PermitRefused(permit=known.id, by=no.who, why=no.why)
        else:
            until = now + timedelta(seconds=known.wanted.lasts)
            by = weighing.tally(known.request, known.votes, known.grounds).counting
            fact = PermitGranted(permit=known.id, by=by, until=until)
        last = (no or known.votes[-1]).who
        await self._record(f"permit:{known.id}:decision", fact, last)
        return True

    @staticmethod
    def _weighed(known: Permit) -> Ending | None:
        return weighing.weigh(known.request, known.votes, known.grounds)

    def _why_not(self, wish: Allowance, runbook: Runbook, place: str, name: str) -> str:
        """Why it is not even asked for; empty when it is."""
        if self._world.cases.standing().halted is not None:
            return "Heal is stopped, and a stop ends every pre-approval."
        if not place:
            known = self._places(wish.service)
            say = f"in one of {', '.join(known)}" if known else "a service of the catalogue"
            return f"Say which environment {wish.service} is meant in: {say}."
        places = ((scope.service, scope.environment) for scope in runbook.approved_for)
        if not any(one in {(wish.service, place), ("*", place)} for one in places):
            return f"{runbook.runbook} is not approved for {wish.service} in {place} at all."
        return self._too_far(wish) or self._twice((runbook.runbook, wish.service, place), name)

    def _too_far(self, wish: Allowance) -> str:
        bounds = self._world.library().rulebook.permits
        if wish.lasts > bounds.longest or wish.lasts <= timedelta():
            return f"The policy lets a pre-approval last {in_words(bounds.longest)} at most."
        if wish.runs > bounds.runs:
            return f"The policy lets a pre-approval be for {_runs(bounds.runs)} at most."
        return ""

    def _twice(self, meant: tuple[str, str, str], name: str) -> str:
        for one in self._world.cases.standing().permits:
            other = (one.wanted.runbook, one.wanted.service, one.wanted.environment)
            if one.id != name and other == meant and not self._over(one):
                return f"{one.id} stands for that already: revoke it first."
        return ""

    def _environment(self, wish: Allowance) -> str:
        """The one that is meant, if the catalogue knows the service there; empty otherwise."""
        places = self._places(wish.service)
        if wish.environment:
            return wish.environment if wish.environment in places else ""
        return places[0] if len(places) == 1 else ""

    def _places(self, service: str) -> list[str]:
        known = self._world.library().services
        return sorted({one.environment for one in known if one.name == service})

    def _over(self, permit: Permit) -> str:
        used = self._world.cases.runs.by_permit(permit.id)
        return permit.ended(self._world.clock.now(), used)

    def _late(self, known: Permit | None, name: str) -> Answer:
        if known is None:
            return _unknown(name)
        said = self._over(known) or f"it was granted by {', '.join(known.granted_by)}"
        return Answer(done=False, text=f"{name} was decided already: {said}.")

    def _find(self, name: str) -> Permit | None:
        return permits.find(self._world.cases.standing().permits, name)

    async def _record(self, key: str, fact: Fact, who: str) -> bool:
        _, new = await recording.record(self._world, "", key, fact, who)
        return new


def _unknown(name: str) -> Answer:
    text = f"I know no pre-approval {name!r}. /heal status lists those that hold."
    return Answer(done=False, text=text)


def _span(known: Permit) -> str:
    return in_words(timedelta(seconds=known.wanted.lasts))


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"
