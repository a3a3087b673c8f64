"""Afterwards: what people say of a run that healed: its change stays, its outcome looks right."""

from __future__ import annotations

from bot import ports
from bot.core import facts, outcome
from bot.core import review as review_
from bot.core.facts import Kept, Reviewed
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.engine import recording
from bot.engine.world import World
from bot.ports import Answer


async def keep(durable: ports.Durable, known: Incident, who: str) -> Answer:
    """The change stays: its time-out or recovery will not take it back."""
    if known.state is not State.HEALED:
        return Answer(done=False, text=f"There is nothing to keep: {outcome.outcome(known)}")
    letter = Kept(by=who)
    sent = await durable.signal(known.id, "keep", letter.body, who, kind=letter.kind)
    if not sent.won:
        return Answer(done=False, text=f"That was settled already: {outcome.outcome(known)}")
    return Answer(done=True, text="It stays as it is.", incident=known.id)


async def review(world: World, known: Incident, who: str, *, right: bool) -> Answer:
    """Record what somebody says of an outcome that nobody was asked about; the first stands."""
    if not (review_.wanted(known) or known.reviewed):
        return Answer(done=False, text=f"There is nothing to review: {outcome.outcome(known)}")
    said = Reviewed(by=who, right=right)
    entry, new = await recording.record(world, known.id, "review", said, who)
    fact = facts.read(entry.body)
    if not new and isinstance(fact, Reviewed):
        return Answer(done=False, text=f"<@{fact.by}> reviewed it already: {fact.says}.")
    return Answer(done=True, text="Thank you: it is recorded.", incident=known.id)
