"""Choosing the runbook: by the alert, by a person's word, or the way back of an earlier run."""

from __future__ import annotations

from bot.core import facts
from bot.core.catalogue import Service
from bot.core.facts import Chosen
from bot.core.library import Library
from bot.engine.recording import Story


async def choose(story: Story) -> Chosen:
    """
    Note which runbook fits and why; an empty name means that none does.

    It is told with the evidence, or with the end when there is none to be read.
    """

    async def act() -> Chosen:
        return choice(story.world.library(), story.opened)

    return await story.note("choose", Chosen, act, hold=True)


def choice(library: Library, opened: facts.Opened) -> Chosen:
    """Pure: the same library and the same opening always choose the same."""
    service = library.service(opened.service, opened.environment)
    chosen = _chosen(library, opened, service)
    if service is None:
        return chosen
    known = {
        "owner": service.owner,
        "tier": service.tier if service.tier_said else None,
        "dependants": library.dependants(service),
    }
    return chosen.model_copy(update=known)


def _chosen(library: Library, opened: facts.Opened, service: Service | None) -> Chosen:
    if opened.undoes:
        return Chosen(runbook="undo", because=(f"takes back the run of {opened.undoes}",))
    if opened.wish is not None:
        name = opened.wish.runbook
        if library.runbook(name) is None:
            return Chosen(why_none=library.unknown(name))
        return Chosen(runbook=name, because=(f"{opened.wish.by} asked for it",))
    if opened.alert is None:
        return Chosen(why_none="neither an alert nor a person asked for anything")
    considered = library.shelf.consider(opened.alert, service)
    misses = tuple(facts.Miss(runbook=m.runbook, reason=m.reason) for m in considered.misses)
    if considered.chosen is None:
        return Chosen(misses=misses, why_none=considered.reason)
    because = next(m.reasons for m in considered.matches if m.runbook == considered.chosen)
    runbook = library.runbook(considered.chosen)
    known = runbook.description if runbook else ""
    return Chosen(runbook=considered.chosen, because=because, known=known, misses=misses)
