"""One answer to many questions of one kind: each is voted on by itself, or none of them is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot import ports
from bot.core import approval, batches, incident, outcome
from bot.core.batches import Question
from bot.core.incident import Incident
from bot.engine.authority import Authority
from bot.engine.voting import Voting
from bot.engine.world import World
from bot.ports import Answer

SKIPPED = "is not open any more"


class _Asked(NamedTuple):
    """An open question, as it is to be voted on."""

    known: Incident
    request: approval.Request
    question: Question


class Batching:
    """The votes are those of `voting`: it counts them with every other vote, one at a time."""

    def __init__(self, world: World, authority: Authority, voting: Voting) -> None:
        self._world = world
        self._authority = authority
        self._voting = voting

    async def vote_all(
        self, plans: Sequence[ports.PlanName], who: str, *, yes: bool, why: str
    ) -> Answer:
        """Vote on those that are open; on none when this person may not decide one of them."""
        named = list(dict.fromkeys(plans))
        if len(named) > batches.MOST:
            text = f"{len(named)} plans are too many for one answer. Nothing was decided."
            return Answer(done=False, text=text)
        asked = {one: found for one in named if (found := self._open(one)) is not None}
        if not asked:
            late = "\n".join(self._late(named))
            return Answer(done=False, text=f"None of them is open any more.\n{late}")
        if not batches.of_one_kind([one.question for one in asked.values()]):
            text = "These plans are not of one kind: use the buttons on each card."
            return Answer(done=False, text=f"{text} Nothing was decided.")
        if no := await self._objection(list(asked.values()), who, yes=yes):
            return no
        said = await self._voted(list(asked.values()), who, yes=yes, why=why)
        count = sum(answer.done for answer in said)
        word = "approval" if yes else "rejection"
        lines = [f"Your {word} was counted for {count} of {len(named)}."]
        lines += [
            f"{one.known.id}, {one.known.service}: {answer.text}"
            for one, answer in zip(asked.values(), said, strict=True)
        ]
        lines += self._late([one for one in named if one not in asked])
        return Answer(done=count > 0, text="\n".join(lines))

    def _open(self, plan: ports.PlanName) -> _Asked | None:
        known = self._world.cases.get(plan.incident)
        request = incident.request_of(known) if known else None
        if known is None or request is None or request.round != plan.round:
            return None
        question = batches.question(known)
        if question is None or not question.open(self._world.clock.now()):
            return None
        return _Asked(known, request, question)

    async def _objection(self, asked: Sequence[_Asked], who: str, *, yes: bool) -> Answer | None:
        """Why this person may not decide one of them, and so none; of a kind all ask the same."""
        found = await self._authority.electorate(asked[0].request)
        for one in asked:
            no = await self._voting.objection(one.known, one.request, found, who, yes=yes)
            if no is not None:
                text = f"{one.known.id}, {one.known.service}: {no.text}"
                return no._replace(text=f"{text}\nSo none of them was decided.")
        return None

    async def _voted(
        self, asked: Sequence[_Asked], who: str, *, yes: bool, why: str
    ) -> Sequence[Answer]:
        """Vote on all together, so that one look at who may decide serves them all."""
        votes = (
            self._voting.vote(one.known.id, one.request.round, who, yes=yes, why=why)
            for one in asked
        )
        return await asyncio.gather(*votes)

    def _late(self, plans: Sequence[ports.PlanName]) -> Iterator[str]:
        for one in plans:
            known = self._world.cases.get(one.incident)
            how = outcome.outcome(known) if known else f"I know no plan {one.incident!r}."
            yield f"{one.incident} {SKIPPED}, so nothing was done about it: {how}"
