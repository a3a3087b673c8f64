"""Planning: build the exact plan from live reads, judge it, or say why there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import ValidationError

from bot.core import costs
from bot.core.errors import ActionError
from bot.core.expressions import ExpressionError
from bot.core.facts import Planned, Reading
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.plan import Criteria, Plan, PlannedStep, WayBack
from bot.core.references import mentions
from bot.core.runbook import Runbook
from bot.core.steps import Step, Then
from bot.engine import around, diagnosing, filling, judging, reading, undoing
from bot.engine.filling import Filled
from bot.engine.world import World


class NoPlan(Exception):  # noqa: N818 - a reason on its way to the card, caught in this module
    """Why a plan cannot be made."""


async def build(
    world: World,
    incident: Incident,
    round_: int,
    moved: tuple[str, ...] = (),
    seen: tuple[Reading, ...] = (),
) -> Planned:
    """Build it by reads only; what was `seen` just now is not read again."""
    try:
        if incident.opened.undoes:
            made = await undoing.build(world, incident)
            made = await _with_surroundings(world, incident, made)
            return judging.judged(world, incident, made, round_=round_, moved=moved)
        library = world.library()
        filled = _fitting(library, incident)
        evidence = await diagnosing.evidence(world, filled, seen)
        if not (steps := _steps(filled, evidence)):
            return await _for_a_person(world, filled, round_, moved)
        made = await _plan(world, incident, filled, evidence, steps)
        readings = await reading.read_all(
            world.plugins, made.criteria.probes, world.limits.diagnose
        )
    except (NoPlan, undoing.NothingToUndo, ExpressionError) as error:
        return Planned(round=round_, refused=(str(error),), moved=moved)
    if filling.holds(made.criteria.success, made.names, readings).held:
        return Planned(
            round=round_, plan=made, digest=made.digest, healthy=True, moved=moved,
            readings=readings,
        )  # fmt: skip
    made, safe = await _with_surroundings(world, incident, made), _safe(filled, evidence)
    return judging.judged(world, incident, made, round_=round_, moved=moved, unsafe=safe)


async def _with_surroundings(world: World, incident: Incident, made: Plan) -> Plan:
    service = world.library().service(made.service, made.environment)
    found: dict[str, object] = {
        "deploying": await around.deploying(world, service),
        **await around.outside(world, incident, service),
    }
    return made.model_copy(update=found) if any(found.values()) else made


def _runbook(library: Library, incident: Incident) -> Runbook:
    name = incident.chosen.runbook if incident.chosen else ""
    runbook = library.runbook(name)
    if runbook is None:
        raise NoPlan(f"the runbook {name!r} is no longer there")
    return runbook


def _fitting(library: Library, incident: Incident) -> Filled:
    filled = filling.fill(library, incident, _runbook(library, incident))
    if filled.misfits:
        raise NoPlan("; ".join(filled.misfits))
    return filled


def _steps(filled: Filled, evidence: tuple[Reading, ...]) -> tuple[Step, ...]:
    """Those whose `when` holds; NoPlan when of any nobody can tell."""
    kept = []
    for step in filled.runbook.steps:
        if (when := step.when) is not None:
            found = filled.holds(when, [one for one in evidence if mentions(when, one.name)])
            if found.error:
                raise NoPlan(f"whether {step.do} is right cannot be told: {found.error}")
            if not found.held:
                continue
        kept.append(step)
    return tuple(kept)


async def _for_a_person(
    world: World, filled: Filled, round_: int, moved: tuple[str, ...]
) -> Planned:
    """There is nothing that Heal should do: a person is called, unless it is healthy by now."""
    criteria, to = _criteria(filled), filled.runbook.escalate
    readings = await reading.read_all(world.plugins, criteria.probes, world.limits.diagnose)
    if filling.holds(criteria.success, filled.names, readings).held:
        return Planned(round=round_, healthy=True, moved=moved, readings=readings)
    why = f"this is for a person to heal: {to.say}"
    return Planned(round=round_, refused=(why,), moved=moved, hands_to=to.to)


def _safe(filled: Filled, evidence: tuple[Reading, ...]) -> str:
    """Why the runbook's own precondition does not hold; empty when it does."""
    text = filled.runbook.safe_when
    if not text:
        return ""
    found = filled.holds(text, evidence)
    return "" if found.held else f"{text} does not hold: {found.error or 'it is false'}"


async def _plan(
    world: World,
    incident: Incident,
    filled: Filled,
    evidence: tuple[Reading, ...],
    chosen: tuple[Step, ...],
) -> Plan:
    steps = [
        await _step(world, filled, evidence, number, step) for number, step in enumerate(chosen, 1)
    ]
    return assembled(world.library(), incident, filled, steps)


def assembled(
    library: Library, incident: Incident, filled: Filled, steps: Sequence[PlannedStep]
) -> Plan:
    """Put a plan together from its steps; ExpressionError when a probe cannot be filled in."""
    runbook, opened = filled.runbook, incident.opened
    rollback = runbook.rollback
    return Plan(
        incident=incident.id,
        runbook=runbook.runbook,
        runbook_digest=runbook.digest,
        policy_digest=library.policy_digest,
        title=runbook.title,
        service=opened.service,
        environment=opened.environment,
        params=filled.params,
        names=filled.names,
        steps=tuple(steps),
        criteria=_criteria(filled),
        way_back=WayBack(
            after=rollback.after.total_seconds() if rollback.after else None,
            on_recovery=rollback.on_recovery,
            hold=rollback.hold.total_seconds(),
            probes=filled.probes(rollback.probes),
            verify=rollback.verify,
        ),
        because=incident.chosen.because if incident.chosen else (),
        confidence=opened.alert.confidence if opened.alert else 1.0,
        cost=costs.told(runbook, steps),
        estimate=runbook.estimate.recovery.total_seconds(),
        escalate_to=runbook.escalate.to,
        escalate_say=runbook.escalate.say,
    )


def _criteria(filled: Filled) -> Criteria:
    verify = filled.runbook.verify
    return Criteria(
        probes=filled.probes(verify.probes),
        success=verify.success,
        within=verify.within.total_seconds(),
        every=verify.every.total_seconds(),
        hold=verify.hold.total_seconds(),
        relapse=verify.relapse.total_seconds(),
    )


def proof_between(filled: Filled, then: Then | None) -> Criteria | None:
    """What must hold after a step, read by its own probes or by those of `verify`."""
    if then is None:
        return None
    return Criteria(
        probes=filled.probes(filled.runbook.looks_at(then)),
        success=then.success,
        within=then.within.total_seconds(),
        every=then.every.total_seconds(),
        hold=then.hold.total_seconds(),
        relapse=0,
    )


async def _step(
    world: World, filled: Filled, evidence: tuple[Reading, ...], number: int, step: Step
) -> PlannedStep:
    action = world.plugins.action(step.do)
    try:
        seen = filled.names | reading.values_of(evidence)
        params = action.params.model_validate(filling.render_map(step.params, seen))
        async with asyncio.timeout(world.limits.diagnose):
            scope = await action.scope(params)
    except TimeoutError as error:
        raise NoPlan(f"step {number}, {step.do}: its target did not answer") from error
    except (ActionError, ExpressionError) as error:
        raise NoPlan(f"step {number}, {step.do}: {error}") from error
    except ValidationError as error:
        raise NoPlan(f"step {number}, {step.do}: {_first(error)}") from error
    others = world.library().dependants(filled.service) if filled.service else ()
    if others and not scope.blast_radius.dependants:
        radius = scope.blast_radius.model_copy(update={"dependants": others})
        scope = scope.model_copy(update={"blast_radius": radius})
    return PlannedStep(
        number=number,
        action=step.do,
        params=params.model_dump(mode="json"),
        scope=scope,
        reversibility=action.way_back(params),
        on_uncertain=step.on_uncertain,
        timeout=min(step.timeout.total_seconds(), world.limits.act),
        then=proof_between(filled, step.then),
    )


def _first(error: ValidationError) -> str:
    slip = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in slip["loc"]) or "parameters"
    return f"{place}: {slip['msg']} (got {slip['input']!r})"
