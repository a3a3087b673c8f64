"""The request for approval: who may decide, until when, the buttons of exactly this round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.core import approval, facts, telling, weighing
from bot.core import incident as incidents
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.plan import Plan
from bot.core.risk import Level
from bot.slack.cards import cancelling, looks, parts, review, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Block

APPROVE, REJECT, DETAILS = "approve_recovery", "reject_recovery", "view_recovery_details"
KEEP, UNDO, AGAIN = "keep_run", "undo_run", "ask_again"
EDIT, PROBLEM = "edit_plan", "propose_problem"


def blocks(incident: Incident, now: datetime) -> Iterator[Block]:
    """What is asked and the buttons; nothing when no request is open."""
    request = incidents.request_of(incident)
    if request is None or incident.plan is None or incident.expired or incident.halted:
        return
    yield parts.context(
        timeout(incident, request),
        f"may approve: {approvers(request)}",
        votes(incident, request),
        reactions(incident, request),
    )
    if now < request.expires_at:
        yield _buttons(incident, request)


def timeout(incident: Incident, request: approval.Request) -> str:
    """How long it is open, counted from a moment that is named, for a card is read at any time."""
    asked = looks.last(incident, facts.Asked)
    at = asked.at if asked else incident.opened_at
    seconds = (request.expires_at - at).total_seconds()
    minutes = round(seconds / 60)
    span = "1 minute" if minutes == 1 else f"{minutes} minutes"
    within = span if minutes else telling.span(round(seconds))
    until = f"asked {words.moment(at)}, open until {words.moment(request.expires_at)}"
    return f"⏰ This request will timeout in {within} ({until})"


def approvers(request: approval.Request) -> str:
    """Groups and people who may say yes, and who may not although they could."""
    named = words.everyone(request.first) or "nobody is named"
    excluded = words.everyone(request.excluded)
    return f"{named}, not {excluded}, who asked for it" if excluded else named


def votes(incident: Incident, request: approval.Request) -> str:
    """How far the quorum is: "1 of 2 approvals: @ana; still needed: somebody of payments"."""
    told = weighing.so_far(request, incident.votes)
    by = f": {words.everyone(told.counting)}" if told.counting else ""
    word = "approval" if request.quorum == 1 else "approvals"
    lapsed = f"; {words.everyone(told.lapsed)} may not decide any more" if told.lapsed else ""
    lacks = f"; still needed: {escape(told.lacks, 300)}" if told.lacks else ""
    return f"{told.have} of {request.quorum} {word}{by}{lapsed}{lacks}"


def reactions(incident: Incident, request: approval.Request) -> str:
    """What reactions mean here; empty where none counts."""
    risk = incident.planned.risk if incident.planned else None
    if approval.not_by_reaction(request, risk.level if risk else None):
        return ""
    return "or react: ✅ approve · ⏸️ pause and investigate manually · ❌ skip"


def _buttons(incident: Incident, request: approval.Request) -> Block:
    risk = incident.planned.risk if incident.planned else None
    sure = {}
    if request.override and incident.plan:
        text = f"Policy says no ({', '.join(request.override)}). {_weight(incident.plan)}"[:280]
        sure = {"confirm": parts.confirm("This is break-glass", text, "Execute", "danger")}
    elif risk and risk.level is Level.HIGH and incident.plan:
        weight = _weight(incident.plan)
        sure = {"confirm": parts.confirm("This is a high risk", weight, "Execute", "danger")}
    plan = f"{incident.id}.{request.round}"
    return parts.actions(
        f"recovery_{plan}",
        parts.button(APPROVE, "✅ Approve & Execute", plan, style="primary", **sure),
        parts.button(REJECT, "❌ Reject", plan, style="danger"),
        parts.button(DETAILS, "🔍 View Details", plan),
        *([parts.button(EDIT, "✏️ Edit…", plan)] if _editable(incident, request) else []),
    )


def _editable(incident: Incident, request: approval.Request) -> bool:
    """Whether its plan has parameters at all; which of them may change is asked at the click."""
    plan = incident.plan
    return plan is not None and bool(plan.params) and not (plan.undoes or request.override)


def _weight(plan: Plan) -> str:
    steps = "1 step" if len(plan.steps) == 1 else f"{len(plan.steps)} steps"
    names = ", ".join(target.name for target in plan.targets)
    return f"{steps} on {names}: {plan.title}"[:280]


def after(incident: Incident) -> Iterator[Block]:
    """Keep and Undo, once it is healed; another question, when the first came to nothing."""
    if incident.askable and incident.opened.glass is None:
        yield parts.actions(f"after_{incident.id}", parts.button(AGAIN, "Ask again", incident.id))
    yield from review.buttons(incident)
    if incident.over and incident.planned and incident.planned.repeats and not incident.problem:
        offer = parts.button(PROBLEM, "Open a problem record", incident.id)
        yield parts.actions(f"problem_{incident.id}", offer)
    if (stop := cancelling.button(incident)) is not None:
        yield parts.actions(f"cancel_{incident.id}", stop)
    plan = incident.plan
    if plan is None or not plan.can_go_back or incident.reverting or incident.taken_back:
        return
    if incident.state not in {State.HEALED, State.RESOLVED}:
        return
    waiting = incident.state is State.HEALED and plan.way_back.after is not None
    undo = parts.button(UNDO, "Undo", incident.id, confirm=parts.confirm(
        "Take this run back?",
        "A plan is made that puts back what was there before. It is shown and asked for first.",
        "Make the plan"))  # fmt: skip
    keep = [parts.button(KEEP, "Keep", incident.id)] if waiting and not incident.kept else []
    undo_ = [] if incident.halted else [undo]
    if keep or undo_:
        yield parts.actions(f"after_{incident.id}", *keep, *undo_)


def changed(incident: Incident) -> Iterator[Block]:
    """What moved between the plan that was approved and the one that is asked for now."""
    moved = incident.planned.moved if incident.planned else ()
    if moved and incident.state is State.AWAITING_APPROVAL:
        lines = words.few((f"• {_named(escape(one, 300))}" for one in moved), 12)
        yield from parts.sections("🔄 The plan changed since it was shown, so you are asked again",
                                  lines, most=2000)  # fmt: skip
        if incident.planned and incident.planned.replaces:
            old, new = incident.planned.replaces[:12], incident.planned.digest[:12]
            yield parts.context(f"plan {code(old, 20)} → {code(new, 20)}")


def _named(line: str) -> str:
    """Name the person who edited it, where a line begins with them."""
    who, told, what = line.partition(" changed ")
    return f"{words.who(who)}{told}{what}" if words.is_user(who) else line
