"""Problems: what keeps coming back is proposed for somebody to find its cause."""

from __future__ import annotations

from bot.core.facts import Proposed
from bot.engine import recording
from bot.engine.authority import Authority
from bot.engine.world import World
from bot.ports import Answer


async def propose(world: World, authority: Authority, name: str, who: str) -> Answer:
    """Record, once for each incident, that its trouble deserves a problem record of its own."""
    if no := await authority.barred(who):
        return no
    known = world.cases.find(name)
    if known is None:
        return Answer(done=False, text=f"I know no incident {name!r}.")
    if known.problem is not None:
        text = f"{known.problem.by} proposed that already; `problems` lists it."
        return Answer(done=False, text=text, incident=known.id)
    alert = known.opened.alert
    linked = (one.incident for one in known.fired if alert and one.alert == alert.name)
    fact = Proposed(
        by=who,
        title=known.opened.title,
        service=known.service,
        environment=known.environment,
        incidents=tuple(dict.fromkeys((*linked, known.id))),
    )
    drafts = [
        recording.draft(world, known.id, "problem", fact, who),
        recording.draft(world, "", f"problem:{known.id}", fact, who),
    ]
    await world.ledger.append_all(drafts)
    many = len(fact.incidents)
    linking = "1 incident" if many == 1 else f"{many} incidents"
    return Answer(done=True, text=f"Proposed: it links {linking}. `problems` lists it.",
                  incident=known.id)  # fmt: skip
