"""Judging a plan: gathering everything that policy may see, and asking all of its rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.core import approval, cmdb, edits, risk
from bot.core.approval import Ending
from bot.core.catalogue import Service
from bot.core.clauses import Safety
from bot.core.facts import Planned
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.plan import Plan
from bot.core.policy import automation, concurrency, flapping, glass, repeat_offender, rules, who
from bot.core.policy.case import Case, Precondition
from bot.core.policy.history import Attempt
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.rules import Judgement
from bot.core.policy.sections import Per, fits
from bot.core.policy.verdict import Ruling
from bot.core.risk import Risk
from bot.core.runbook import Runbook
from bot.engine import permitted, preceding
from bot.engine.world import World


def judged(
    world: World,
    incident: Incident,
    plan: Plan,
    *,
    round_: int,
    moved: tuple[str, ...],
    unsafe: str = "",
) -> Planned:
    """Put a plan together with its risk and every rule's verdict on it."""
    made = case(world, incident, plan, unsafe)
    judgement = rules.judge(made)
    wanted = incident.opened.glass is not None
    return Planned(
        round=round_,
        plan=plan,
        digest=plan.digest,
        risk=made.risk,
        ruling=judgement.ruling,
        verdicts=judgement.verdicts,
        moved=moved,
        review=made.safety.automation == automation.REVIEWED and not judgement.ruling,
        overrides=glass.overrides(made.rulebook, judgement) if wanted else (),
    )


def marked(world: World, incident: Incident, planned: Planned) -> Planned:
    """Say that its trouble comes again and again, also where no plan was made."""
    alert, now, rulebook = incident.opened.alert, world.clock.now(), world.library().rulebook
    if alert is None:
        return planned
    often = flapping.flaps(incident.fired, alert.name, rulebook.flapping, now)
    many = repeat_offender.repeats(incident.fired, alert.name, rulebook.repeat_offender, now)
    return planned.model_copy(update={"flapping": often, "repeats": many})


def refusals(world: World, incident: Incident, plan: Plan) -> tuple[str, ...]:
    """
    Why the plan may not begin now; asked last, when the slot is about to be taken.

    What nobody said yes to may begin only while policy still asks nobody. Of the rules that deny,
    only those are passed over that the people who said yes were asked to override.
    """
    made = case(world, incident, plan, "", unrecorded=tuple(preceding.missing(world, incident)))
    waits = (f"it is not its turn: {concurrency.under_way(made)}",)
    must_wait = concurrency.turn(made).place and concurrency.RULE not in _passed(incident)
    return barring(world, incident, made) or (waits if must_wait else ())


def barring(world: World, incident: Incident, made: Case) -> tuple[str, ...]:
    """Why it may not begin now whoever else runs."""
    judgement = rules.judge(made)
    approved = incident.decided is not None and incident.decided.ending is Ending.APPROVED
    least = Ruling.DENY if approved else Ruling.ASK
    passed = _passed(incident)
    reasons = (v.reason for v in judgement.verdicts if v.ruling >= least and v.rule not in passed)
    permit = permitted.refusal(world, incident, made.plan, made.risk, judgement)
    return (*reasons, *([permit] if permit else ()), *_outdated(world, incident, made.plan))


def _passed(incident: Incident) -> tuple[str, ...]:
    """The rules whose no was overridden by those who said yes to exactly that."""
    approved = incident.decided is not None and incident.decided.ending is Ending.APPROVED
    return incident.asked.request.override if approved and incident.asked else ()


def _outdated(world: World, incident: Incident, plan: Plan) -> Iterator[str]:
    """What was built long ago, or from other words, may no longer be what would be built now."""
    keeps = world.limits.approval_keeps
    age = (world.clock.now() - incident.built_at).total_seconds() if incident.built_at else 0.0
    if age > keeps:
        yield f"its plan was built {age / 60:.0f} min ago, and holds for {keeps / 60:.0f} min"
    library = world.library()
    runbook = library.runbook(plan.runbook)
    if not plan.undoes and (runbook is None or runbook.digest != plan.runbook_digest):
        yield f"the runbook {plan.runbook} changed after the plan was built"
    if library.policy_digest != plan.policy_digest:
        yield "policy changed after the plan was built"


def request(world: World, incident: Incident, planned: Planned) -> approval.Request:
    """Whom to ask, how many of them, and until when."""
    if planned.plan is None:
        raise ValueError("there is no plan to ask for")
    made = case(world, incident, planned.plan, "")
    judgement = Judgement(ruling=planned.ruling, verdicts=planned.verdicts)
    expires = made.safety.approval.expires
    if planned.overrides:
        asking = incident.opened.asking
        return who.override_for(made, judgement, planned.round, planned.digest, expires, asking)
    asked = who.request_for(made, judgement, planned.round, planned.digest, expires)
    if not asked.excluded:
        return asked
    wished = dict.fromkeys((*asked.excluded, *incident.opened.asking))
    return asked.model_copy(update={"excluded": tuple(wished)})


def case(
    world: World, incident: Incident, plan: Plan, unsafe: str, unrecorded: tuple[str, ...] = ()
) -> Case:
    """Everything that a rule may see of this plan now."""
    library = world.library()
    runbook = library.runbook(plan.runbook)
    service = library.service(plan.service, plan.environment)
    listed = library.needing(service) if service else ()
    service = cmdb.filled(service, plan.cmdb) if service else None
    now, opened, safety = world.clock.now(), incident.opened, _safety(runbook)
    runs, alert = world.cases.runs, opened.alert.name if opened.alert else ""
    since, everywhere = now - _longest(safety, library.rulebook), _counts_widely(library.rulebook)
    attempts = runs.concerning(plan, since, everywhere=everywhere)
    return Case(
        plan=plan,
        risk=_risk(library, incident, plan, service, attempts, now),
        rulebook=library.rulebook,
        now=now,
        service=service,
        catalogue=library.claiming,
        dependants=(*listed, *cmdb.more(listed, plan.cmdb)),
        needed=world.needed(plan.service, plan.environment),
        approved_for=runbook.approved_for if runbook else (),
        safety=safety,
        safe=Precondition(held=not unsafe, why=unsafe),
        attempts=attempts,
        holds=runs.holds,
        queue=world.cases.queue.line,
        troubled=world.cases.troubles.read(library, now),
        standing=world.cases.standing(),
        timetable=world.timetable(now),
        wished_by=next(iter(opened.asking), ""),
        edited_by=edits.editors(incident),
        severity=incident.severity,
        alert=alert,
        fired=incident.fired,
        relapse_of=opened.relapse_of,
        unrecorded=unrecorded,
    )


def _risk(
    library: Library,
    incident: Incident,
    plan: Plan,
    service: Service | None,
    attempts: tuple[Attempt, ...],
    now: datetime,
) -> Risk:
    rulebook, opened = library.rulebook, incident.opened
    alert, hours = opened.alert.name if opened.alert else "", rulebook.working_hours
    return risk.assess(
        plan,
        service,
        attempts,
        now,
        production=fits(plan.environment, rulebook.production.environments),
        flapping=flapping.flaps(incident.fired, alert, rulebook.flapping, now),
        out_of_hours=hours.outside(now) if hours else "",
    )


def _longest(safety: Safety, rulebook: Rulebook) -> timedelta:
    """How far back any window looks."""
    own = (window.within for window in safety.attempts)
    return max(safety.cool_down, *own, *(rate.within for rate in rulebook.rates))


def _counts_widely(rulebook: Rulebook) -> bool:
    """Whether a window counts runs that have nothing in common with a plan but the house."""
    return any(rate.per in {Per.ENVIRONMENT, Per.EVERYTHING} for rate in rulebook.rates)


def _safety(runbook: Runbook | None) -> Safety:
    return runbook.safety if runbook else Safety()
