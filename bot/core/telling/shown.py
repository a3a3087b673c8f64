"""The plan as people were shown it: what, on what, why, how risky, its proof, its way back."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import facts
from bot.core.incident import Incident
from bot.core.plan import Plan, Reversibility
from bot.core.policy.verdict import Ruling
from bot.core.telling import why
from bot.core.telling.blocks import Block, Bullet, Heading, Prose, Table, table
from bot.core.telling.phrases import measured, span

_STEP = ("Step", "Action", "Parameters", "Would touch", "State before", "Way back")


def plans(incident: Incident) -> Iterator[Block]:
    """Every plan that was made for it, in the order of the rounds; the last is the one that ran."""
    made = [(one, one.plan) for one in why.plans(incident) if one.plan is not None]
    for planned, plan in made:
        which = f" of round {planned.round}" if len(made) > 1 else ""
        yield Heading(2, f"Plan{which}: {plan.title}")
        yield from _planned(planned, plan)


def _planned(planned: facts.Planned, plan: Plan) -> Iterator[Block]:
    yield table(("What", "Value"), _terms(planned, plan))
    yield Heading(3, "Steps")
    yield table(_STEP, _steps(plan))
    if planned.risk:
        yield Prose(f"Risk: {planned.risk.level} ({planned.risk.score})")
        yield from (Bullet(reason) for reason in planned.risk.reasons)
    yield Heading(3, "Policy")
    yield _policy(planned)


def _policy(planned: facts.Planned) -> Table:
    rows = ((Ruling(v.ruling).name.lower(), v.rule, v.reason) for v in planned.verdicts)
    return table(("Ruling", "Rule", "Reason"), rows)


def _terms(planned: facts.Planned, plan: Plan) -> Iterator[tuple[str, str]]:
    criteria = plan.criteria
    yield "Why it matched", "; ".join(plan.because) or "asked for by a person"
    if planned.moved:
        yield "Changed since it was shown before", "; ".join(planned.moved)
    if planned.overrides:
        yield "BREAK-GLASS may override", ", ".join(planned.overrides)
    yield "Healed when", criteria.success
    yield "Proof", f"held {span(criteria.hold)} within {span(criteria.within)}"
    for step in plan.steps:
        if (then := step.then) is not None:
            terms = f"held {span(then.hold)} within {span(then.within)}, or everything goes back"
            yield f"After step {step.number}", f"{then.success}, {terms}"
    yield "Counts as not fixed", f"when it fires again within {span(criteria.relapse)}"
    yield "Confidence", f"{plan.confidence:.0%}"
    yield "Expected to be healed after", span(plan.estimate) if plan.estimate else "not known"
    yield "Cost", plan.cost or "none named"
    if plan.way_back.after is not None:
        yield "Goes back after", span(plan.way_back.after)
    if plan.way_back.on_recovery:
        yield "Goes back when", plan.way_back.on_recovery
    yield "Calls when it does not help", plan.escalate_to
    yield "Plan hash", planned.digest
    yield "Runbook hash", plan.runbook_digest
    yield "Policy hash", plan.policy_digest


def _steps(plan: Plan) -> Iterator[tuple[str, ...]]:
    for step in plan.steps:
        undo = step.scope.undo_says or "nothing to put back"
        reversible = step.reversibility is Reversibility.REVERSIBLE
        back = undo if reversible else str(step.reversibility)
        what = f"{step.action}{' (its undo)' if step.back else ''}: {step.scope.says}"
        radius = step.scope.blast_radius.line
        before = measured(step.scope.pre_state)
        yield str(step.number), what, measured(step.params), radius, before, back
