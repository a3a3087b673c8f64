"""Editing: a person changes the parameters of a plan that is asked for; it is asked for anew."""

from __future__ import annotations

from collections.abc import Mapping

from bot import ports
from bot.core import edits, parameters, redaction, topics
from bot.core import incident as incidents
from bot.core.approval import Request
from bot.core.clauses import Parameter, Scalar
from bot.core.facts import Edited
from bot.core.incident import Incident
from bot.core.policy.verdict import Ruling
from bot.engine import planning
from bot.engine.authority import Authority
from bot.engine.electing import Electorate
from bot.engine.world import World
from bot.ports import Answer


class Editing:
    """An edit closes the question that it was made on, as a decision does: the first one stands."""

    def __init__(self, world: World, durable: ports.Durable, authority: Authority) -> None:
        self._world = world
        self._durable = durable
        self._authority = authority

    def editable(self, name: str) -> Mapping[str, Parameter]:
        """What may be given another value; what the catalogue says of a service may not."""
        known = self._world.cases.find(name)
        plan = known.plan if known else None
        runbook = self._world.library().runbook(plan.runbook) if plan else None
        overriding = known is not None and known.asked and known.asked.request.override
        if runbook is None or plan is None or plan.undoes or overriding:
            return {}
        return {name: one for name, one in runbook.parameters.items() if not parameters.fixed(one)}

    def faults(self, name: str, given: Mapping[str, str]) -> Mapping[str, str]:
        """What does not fit, by parameter; empty when all of it does."""
        known, wrong = self.editable(name), dict[str, str]()
        for field, text in given.items():
            try:
                if (parameter := known.get(field)) is None:
                    raise ValueError("it cannot be changed any more")  # noqa: TRY301 - one answer
                parameters.settle(parameter, text)
            except ValueError as error:
                wrong[field] = str(error)
        return wrong

    async def edit(self, name: str, round_: int, who: str, given: Mapping[str, str]) -> Answer:
        """Make another plan with these values, and ask for it; who edits has asked for it."""
        known = self._world.cases.find(name)
        request = incidents.request_of(known) if known else None
        if known is None or request is None or round_ != request.round:
            return _late(known)
        given = redaction.of_texts(given)
        own = who in known.opened.asking
        found = None if own else await self._authority.electorate(request)
        if no := self._bars(known, request, found, who) or self._misfits(known, given):
            return Answer(done=False, text=no, incident=known.id)
        edited = self._edited(known, request, who, given)
        if found is not None:
            edited = edited.model_copy(update={"seen": found.seen(request, who)})
        words = ", ".join(edited.changes)
        if why := await self._impossible(known, edited):
            text = f"With {words} it cannot be: {why}. Nothing was changed."
            return Answer(done=False, text=text, incident=known.id)
        letter = await self._durable.signal(
            known.id, topics.decision(request.round), edited.body, who, kind=edited.kind
        )
        if not letter.won:
            return _late(self._world.cases.get(known.id))
        text = f"The plan is made anew with {words}, and asked for again."
        return Answer(done=True, text=text, incident=known.id)

    def _misfits(self, known: Incident, given: Mapping[str, str]) -> str:
        if wrong := self.faults(known.id, given):
            said = "; ".join(f"{field}: {why}" for field, why in wrong.items())
            return f"{said}. Nothing was changed."
        return "" if self._changes(known, given) else "That is the plan as it is."

    def _edited(
        self, known: Incident, request: Request, who: str, given: Mapping[str, str]
    ) -> Edited:
        changes = self._changes(known, given)
        texts = {**edits.given(known), **{field: given[field] for field in changes}}
        words = tuple(f"{field} {before} → {now}" for field, (before, now) in changes.items())
        return Edited(round=request.round, by=who, given=texts, changes=words)

    def _bars(self, known: Incident, request: Request, found: Electorate | None, who: str) -> str:
        """Why this person may not; who may decide it may, and so may who asked for the run."""
        if found is None:
            return ""
        barred = self._authority.bars(request, who, found, yes=False)
        if barred and found.doubts:
            return f"I could not check who may change this: {found.doubts}. Nothing was changed."
        return barred

    def _changes(
        self, known: Incident, given: Mapping[str, str]
    ) -> dict[str, tuple[object, Scalar]]:
        """What is another value than the plan's, with both."""
        allowed, planned = self.editable(known.id), known.plan.params if known.plan else {}
        settled = {field: parameters.settle(allowed[field], text) for field, text in given.items()}
        return {
            field: (planned.get(field), value)
            for field, value in settled.items()
            if value != planned.get(field)
        }

    async def _impossible(self, known: Incident, edited: Edited) -> str:
        """Why there would be no plan to ask for; the question that is open then stays open."""
        after = known.model_copy(update={"edits": (*known.edits, edited)})
        made = await planning.build(self._world, after, edited.round + 1)
        if made.plan is None:
            return "; ".join(made.refused) or "no plan can be made"
        if made.ruling is Ruling.DENY and not made.healthy:
            return "; ".join(v.reason for v in made.verdicts if v.ruling is Ruling.DENY)
        return ""


def _late(known: Incident | None) -> Answer:
    where = f": look at the newest card of {known.id}" if known else ""
    text = f"This plan is not asked for any more{where}. Nothing was changed."
    return Answer(done=False, text=text, incident=known.id if known else "")
