"""What is read first: of the trouble while it is looked into, of the plan while it is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import telling
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.plan import Plan
from bot.slack.cards import looks, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Block

LOOKING = {
    State.OPENED: "reading evidence",
    State.DIAGNOSED: "evidence is read, making a plan",
    State.PLANNED: "the plan is made, asking policy",
}
SHOWS_PLAN = frozenset(
    {State.PLANNED, State.AWAITING_APPROVAL, State.APPROVED, State.QUEUED, State.RUNNING,
     State.VERIFYING, State.DRY_RUN}
)  # fmt: skip
NO_CAUSE = "not known yet"


def blocks(incident: Incident) -> Iterator[Block]:
    """Four or five short fields, side by side; nothing once it is over."""
    if incident.plan and incident.state in SHOWS_PLAN:
        yield _plan(incident, incident.plan)
    elif incident.state in LOOKING:
        yield _notice(incident)


def _plan(incident: Incident, plan: Plan) -> Block:
    takes = f"about {telling.span(plan.estimate)}" if plan.estimate else "no estimate"
    return parts.fields(
        f"*Event*\n{_event(incident)}",
        f"*Runbook*\n{code(plan.runbook, 80)}",
        f"*Confidence*\n{plan.confidence:.0%}",
        f"*Est. recovery time*\n{takes}",
    )


def _event(incident: Incident) -> str:
    alert, wish = incident.opened.alert, incident.opened.wish
    if alert:
        return escape(alert.name, 120)
    return f"{words.who(wish.by)} asked" if wish else escape(looks.title(incident), 120)


def _notice(incident: Incident) -> Block:
    chosen = incident.chosen
    action = f"runbook {code(chosen.runbook, 80)}" if chosen and chosen.runbook else "none yet"
    return parts.fields(
        f"*Severity*\n{words.SEVERITY[incident.severity]}",
        f"*Root cause*\n{cause(incident) or NO_CAUSE}",
        f"*Impact*\n{impact(incident)}",
        f"*Recommended action*\n{action}",
        f"*Status*\n⏳ Analyzing… {_doing(incident)}. Nothing has been changed.",
    )


def _doing(incident: Incident) -> str:
    if incident.state is State.DIAGNOSED and incident.rebuilt and incident.rebuilt.changes:
        return "the plan changed after the approval, making it again"
    return "waiting for what it needs" if incident.waits else LOOKING[incident.state]


def cause(incident: Incident, limit: int = 500) -> str:
    """What is known of the cause: by the runbook's author, else why it was chosen; or nothing."""
    if incident.chosen and incident.chosen.known:
        return words.sentence(incident.chosen.known, limit)
    by = incident.opened.wish.by if incident.opened.wish else ""
    plan, chosen = incident.plan, incident.chosen
    because = (plan.because if plan else ()) or (chosen.because if chosen else ())
    return words.reason("; ".join(because), by, limit) if because else ""


def impact(incident: Incident) -> str:
    """What is hit, and what depends on it as the catalogue has it."""
    where = " in ".join(escape(one, 80) for one in (incident.service, incident.environment) if one)
    chosen = incident.chosen
    also = [escape(one, 80) for one in chosen.dependants[:6]] if chosen else []
    more = len(chosen.dependants) - len(also) if chosen else 0
    others = ", ".join([*also, *([f"{more} more"] if more else [])])
    needs = "depends on it" if len(also) == 1 else "depend on it"
    return f"{where or 'no service is named'}{f'; {others} {needs}' if others else ''}"
