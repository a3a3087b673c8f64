"""What an open incident waits for just now: one line, so that nobody has to guess at night."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from bot.core import facts, telling, weighing
from bot.core import incident as incidents
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.plan import Plan, PlannedStep
from bot.slack.cards import looks, words
from bot.slack.cards.escaping import code, escape

MOST = 5
"""Services on a card that are waited for; the others are counted."""
AGAIN = "the systems to answer: the plan is built again, and compared with what was approved"


def lines(incident: Incident) -> Iterator[str]:
    """The line; none when it is over, and where another line of the card is it."""
    if incident.over:
        return
    if incident.waits is not None:
        yield _needed(incident.waits)
    elif incident.state is State.QUEUED and incident.queued:
        yield _turn(incident.queued)
    elif said := _for(incident):
        yield f"⏳ Waits for {said}"


def _for(incident: Incident) -> str:
    plan, state = incident.plan, incident.state
    if plan is None:
        return ""
    if state is State.HEALED and not (incident.fires or incident.waits_to_go_back):
        return "nothing more: the alert is clear, and this is closed"
    teller = _TELLERS.get(state)
    return teller(incident, plan) if teller else ""


def _needed(waits: facts.Waits) -> str:
    """The end of another incident, that of what its service needs; what a person may do."""
    named = [f"*{escape(one.service, 80)}* ({code(one.incident, 40)})" for one in waits.needed]
    more = f" and {len(named) - MOST} more" if len(named) > MOST else ""
    return (
        f"⏳ Waits for {', '.join(named[:MOST])}{more}, which it needs. It goes on when that is "
        f"over; if not by {words.moment(waits.until)}, a person is called. Who does not want to "
        f"wait asks with {code('/heal run …', 40)}"
    )


def _turn(queued: facts.Queued) -> str:
    until = words.moment(queued.until)
    return (
        f"⏳ Waits its turn: *{queued.place} of {queued.of}*, for {escape(queued.why, 300)}. "
        f"Then the plan is checked once more. If its turn does not come until {until}, a person "
        "is called"
    )


def _approval(incident: Incident, _: Plan) -> str:
    request = incidents.request_of(incident)
    if incident.halted is not None:
        return "somebody to let Heal go on: it was halted"
    if request is None:
        return AGAIN if incident.decided else "its end to be recorded"
    told = weighing.so_far(request, incident.votes)
    lacks = request.quorum - told.have
    people = words.everyone(request.first) or "people, of whom policy names none"
    of = f"{lacks} more of {people}" if told.have and lacks > 0 else people
    return f"{of} to decide, until {words.moment(request.expires_at)}"


def _run(incident: Incident, plan: Plan) -> str:
    claim = looks.last(incident, facts.Claimed)
    ended = {one.number for one in incident.steps}
    step = _claimed(incident, plan)
    if claim is None or step is None:
        return "its first step to be begun"
    if step.number not in ended:
        until = words.moment(claim.at + timedelta(seconds=step.timeout))
        return f"{_named(plan, step)} to be done: {code(step.scope.says, 200)}, until {until}"
    seen = {one.number for one in incident.proofs}
    if step.then is not None and step.number not in seen:
        return f"{code(step.then.success, 200)} to hold, before anything else begins"
    return "the next step to be begun" if step is not plan.steps[-1] else "its record"


def _proof(incident: Incident, plan: Plan) -> str:
    if plan.undoes:
        return "every target to be read again, and to be as it was before"
    criteria, acted = plan.criteria, looks.last(incident, facts.Acted)
    held = f" for {telling.span(criteria.hold)}" if criteria.hold else ""
    within = timedelta(seconds=criteria.within + criteria.hold)
    until = f", until {words.moment(acted.at + within)}" if acted else ""
    return f"{code(criteria.success, 300)} to hold{held}{until}"


def _way_back(incident: Incident, plan: Plan) -> str:
    step = _claimed(incident, plan)
    undone = {one.number for one in incident.undone}
    if incident.claimed is None or not incident.claimed.back or step is None:
        return "the way back to begin"
    if step.number in undone:
        return "the proof that it is as it was before"
    says = code(step.scope.undo_says, 200) if step.scope.undo_says else "it is taken back"
    return f"{_named(plan, step)} to be taken back: {says}"


def _claimed(incident: Incident, plan: Plan) -> PlannedStep | None:
    number = incident.claimed.number if incident.claimed else 0
    return next((one for one in plan.steps if one.number == number), None)


def _named(plan: Plan, step: PlannedStep) -> str:
    return f"step {step.number} of {len(plan.steps)}" if len(plan.steps) > 1 else "its one step"


_TELLERS: dict[State, Callable[[Incident, Plan], str]] = {
    State.PLANNED: lambda *_: "policy to judge the plan",
    State.AWAITING_APPROVAL: _approval,
    State.APPROVED: lambda *_: "policy to look once more; then it begins",
    State.RUNNING: _run,
    State.VERIFYING: _proof,
    State.ROLLING_BACK: _way_back,
    State.REVERTING: _way_back,
}
"""In the other open states another line of the card says it."""
