"""Permitted: a question that was answered in advance is decided by the permit, one at a time."""

from __future__ import annotations

from bot.core.approval import Ending, Request
from bot.core.facts import Decided, PermitRevoked, Planned
from bot.core.incident import Incident
from bot.core.permit import Permit, Use
from bot.core.plan import Plan
from bot.core.policy import permitted
from bot.core.policy.rules import Judgement
from bot.core.risk import Risk
from bot.engine import recording
from bot.engine.recording import Story
from bot.engine.world import World


async def answer(story: Story, planned: Planned, request: Request, topic: str) -> None:
    """
    Put the yes that was given in advance into the mailbox of this question, if there is one.

    Those that ask for the same permit come one after the other, and each sees who came before it
    in the record: so never more of them begin by it than were allowed. It never breaks the glass.
    """
    plan, risk = planned.plan, planned.risk
    if plan is None or risk is None or request.override:
        return None
    judgement = Judgement(ruling=planned.ruling, verdicts=planned.verdicts)
    await end_changed(story.world)
    for permit in story.world.cases.standing().permits:
        if not permitted.meant(permit, plan) or not permitted.enough(permit, request):
            continue
        async with story.world.taking(f"permit:{permit.id}"):
            if not _objection(story.world, permit.id, plan, risk, judgement, story.life.incident):
                return await _decide(story, permit, topic)
    return None


async def end_changed(world: World) -> None:
    """End, for good, those whose runbook or policy is not the one that was allowed."""
    for permit in world.cases.standing().permits:
        why = "" if permit.over else changed(world, permit)
        if why:
            fact = PermitRevoked(permit=permit.id, by=recording.HEAL, why=why)
            key = f"permit:{permit.id}:revoked"
            await recording.record(world, "", key, fact)


def changed(world: World, permit: Permit) -> str:
    """What is not as it was when it was asked for; empty when all is."""
    library, wanted = world.library(), permit.wanted
    runbook = library.runbook(wanted.runbook)
    if runbook is None or runbook.digest != wanted.runbook_digest:
        return f"the runbook {wanted.runbook} changed since it was asked for"
    if library.policy_digest != wanted.policy_digest:
        return "the policy changed since it was asked for"
    return ""


def refusal(world: World, incident: Incident, plan: Plan, risk: Risk, judged: Judgement) -> str:
    """Why a run that was decided by a permit may not begin after all; empty when it may."""
    use = incident.decided.permit if incident.decided else None
    if use is None:
        return ""
    why = _objection(world, use.id, plan, risk, judged, incident.id)
    return f"its pre-approval {use.id} holds no more: {why}" if why else ""


def _objection(
    world: World, name: str, plan: Plan, risk: Risk, judgement: Judgement, incident: str
) -> str:
    """Asked of the permit as it stands now, not as it stood when somebody began to wait."""
    permit = next((one for one in world.cases.standing().permits if one.id == name), None)
    if permit is None:
        return "it is over"
    used = world.cases.runs.by_permit(name, but=incident)
    rulebook, now = world.library().rulebook, world.clock.now()
    return permitted.objection(permit, plan, risk, judgement, rulebook, now=now, used=used)


async def _decide(story: Story, permit: Permit, topic: str) -> None:
    world, name, wanted = story.world, story.life.incident, permit.wanted
    if permit.until is None:
        raise ValueError(f"{permit.id} was never granted")
    used = world.cases.runs.by_permit(permit.id, but=name)
    use = Use(id=permit.id, left=wanted.runs - used - 1, runs=wanted.runs, until=permit.until)
    decided = Decided(
        at=world.clock.now(), ending=Ending.APPROVED, by=permit.granted_by, permit=use
    )
    await story.durable.signal(name, topic, decided.body, recording.HEAL, kind=decided.kind)
