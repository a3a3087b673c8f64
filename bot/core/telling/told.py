"""What a system outside is told about one fact: a short title, and the lines below it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import facts
from bot.core.incident import Incident, Timed
from bot.core.plan import Plan, Reversibility
from bot.core.policy.verdict import Ruling
from bot.core.telling import calls
from bot.core.telling.next_steps import next_steps
from bot.core.telling.phrases import measured, reading, span, utc
from bot.core.telling.sentences import sentence

MOST = 40
"""Lines of one update; what is left out stands in the transcript."""
LONGEST = 500
"""Signs of one line."""


def told(incident: Incident, one: Timed) -> tuple[str, list[str]]:
    """The title and the lines of a fact; the first line says when, and by whom."""
    who = "" if one.actor == "heal" else f", by {one.actor}"
    lines = [sentence(one.fact), *_more(incident, one.fact)]
    more = len(lines) - MOST
    kept = [line if len(line) <= LONGEST else f"{line[:LONGEST]}…" for line in lines[:MOST]]
    kept += [f"… and {more} more lines: see the transcript"] if more > 0 else []
    return f"Heal: {_title(one.fact)}", [f"{utc(one.at)}{who}", *kept]


def _title(fact: facts.AnyFact) -> str:  # noqa: C901, PLR0911 - one arm a kind
    match fact:
        case facts.Opened():
            return f"takes care of {fact.title}"
        case facts.Diagnosed():
            return "evidence was read"
        case facts.Planned(plan=Plan() as plan):
            return f"plan: {plan.title}"
        case facts.Asked():
            return "people are asked for approval"
        case facts.Allowed():
            return "policy allows it without asking"
        case facts.Voted(vote=vote):
            return f"{vote.who} said {'yes' if vote.yes else 'no'}"
        case facts.Decided():
            return f"the request was {fact.ending}"
        case facts.Started(refused=refused):
            return "the run may not begin after all" if refused else f"{fact.runbook} runs"
        case facts.Stepped(back=back):
            return f"{'rollback of ' if back else ''}step {fact.number} {fact.ending}"
        case facts.StepVerified(passed=passed):
            return f"step {fact.number} is {'verified' if passed else 'NOT verified'}"
        case facts.Verified(back=back, passed=passed):
            what = "the way back is" if back else "healed:" if passed else "success is"
            return f"{what} {'verified' if passed else 'NOT verified'}"
        case facts.Exhibited(title=title):
            return f"evidence: {title}"
    return _after(fact)


def _after(fact: facts.AnyFact) -> str:  # noqa: PLR0911 - one arm a kind
    match fact:
        case facts.Reverting():
            return "the change goes back on purpose"
        case facts.RolledBack(clean=clean):
            return "rolled back" if clean else "the rollback FAILED"
        case facts.Escalated():
            return f"escalated to {fact.to}"
        case facts.Gathered(incidents=names):
            return f"one page for {len(names)} incidents that people are called for"
        case facts.Raised() | facts.Taken() | facts.Unheard():
            return calls.said(fact)
        case facts.Proposed():
            return f"a problem record is proposed: {fact.title}"
        case facts.Closed():
            return f"ended ({fact.event})"
        case facts.CameBack():
            return "it was NOT fixed"
    return "news"


def _more(incident: Incident, fact: facts.AnyFact) -> Iterator[str]:
    match fact:
        case facts.Opened():
            yield f"Service {fact.service or '?'} in {fact.environment or '?'}"
            if fact.alert and fact.alert.link:
                yield f"Alert: {fact.alert.link}"
        case facts.Planned(plan=Plan() as plan):
            yield from _planned(fact, plan)
        case facts.Verified(readings=readings):
            before = incident.evidence.readings if incident.evidence else ()
            yield from (f"before: {reading(seen)}" for seen in before)
            yield from (f"after: {reading(seen)}" for seen in readings)
        case facts.Escalated():
            yield from _tried(incident)
            yield from (f"Next: {one}" for one in next_steps(incident))
        case facts.Gathered(incidents=names, lines=known):
            yield from known
            if more := names[len(known) :]:
                yield f"and {len(more)} more: {', '.join(more)}"


def _planned(planned: facts.Planned, plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        yield f"{step.number}. {step.scope.says} ({step.action}: {measured(step.params)})"
        yield f"   touches {step.scope.blast_radius.line}"
        back = step.scope.undo_says or "nothing to put back"
        known = step.reversibility is Reversibility.REVERSIBLE
        yield f"   way back: {back if known else step.reversibility}"
    criteria = plan.criteria
    yield f"Healed when {criteria.success}, held {span(criteria.hold)}"
    if plan.cost:
        yield f"Cost: {plan.cost}"
    if planned.risk:
        yield f"Risk: {planned.risk.level} ({'; '.join(planned.risk.reasons)})"
    for verdict in planned.verdicts:
        if verdict.ruling is not Ruling.ALLOW:
            yield f"Policy, {verdict.rule}: {verdict.reason}"


def _tried(incident: Incident) -> Iterator[str]:
    """What was attempted, and what came of it: for whoever goes on."""
    for step in (*incident.steps, *incident.undone):
        yield f"Tried: {sentence(step)}"
    if incident.rolled_back:
        yield sentence(incident.rolled_back)
    if not incident.ran:
        yield "Nothing was executed."
