"""What has happened so far, from the record, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.core import facts, telling
from bot.core.approval import Ending
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.lookout import why_over
from bot.core.policy.verdict import Ruling
from bot.slack.cards import cancelling, looks, permits, proved, review, words
from bot.slack.cards.escaping import code, escape

NOTHING = "Nothing was executed."
CLEARED = "the alert cleared by itself"
IT_WILL_NOT = "it will NOT be executed"
HALTED = {
    State.RUNNING: "It stops at its next safe point.",
    State.VERIFYING: "Every step was done before that; it is still verified.",
    State.ROLLING_BACK: "What it did still goes back.",
    State.HEALED: "What was done stays, and nothing goes back by itself until healing goes on.",
    State.REVERTING: "It still goes back to how it was.",
}
"""What a stop of the house means for an incident that stands so."""
TOLD_BY_CLOSING = frozenset({State.ALREADY_HEALTHY, State.DRY_RUN, State.CANCELLED})


def lines(incident: Incident) -> Iterator[str]:
    """Every line is true by itself; a card shows those that exist."""
    yield from _halted(incident)
    yield from decision(incident)
    yield from _run(incident)
    yield from proved.proof(incident)
    yield from proved.cost(incident)
    yield from stopped(incident)
    yield from review.line(incident)
    yield from _way_back(incident)
    yield from rollback(incident)
    yield from ending(incident)
    yield from escalation(incident)


def decision(incident: Incident) -> Iterator[str]:
    """Who let it run or ended it, and when."""
    allowed, decided = looks.last(incident, facts.Allowed), incident.decided
    if decided:
        over = incident.asked.request.override if incident.asked else ()
        if over and decided.ending is Ending.APPROVED:
            yield f"🚨 *BREAK-GLASS*: their yes overrides policy's no: {escape(', '.join(over))}"
        yield _decided(decided, why_over(incident.alerts.values()))
    elif incident.asked and (incident.expired or incident.state is State.EXPIRED):
        at = words.moment(incident.asked.request.expires_at)
        yield f"⏰ *Approval timeout – NOT executed.* Nobody decided until {at}."
    elif allowed:
        yield f"🛡️ Allowed by policy without asking, {words.moment(allowed.at)}"


def _decided(decided: facts.Decided, over: str) -> str:
    if decided.permit is not None:
        return permits.used_by(decided.permit, decided.by)
    by = f" by {words.everyone(decided.by)}" if decided.by else ""
    at, why = words.moment(decided.at), escape(decided.why, 500)
    because = f": {why}" if why else ""
    cleared = escape(over, 300) or CLEARED
    return {
        Ending.APPROVED: f"👤 *Approved{by}* at {at}{because}",
        Ending.REJECTED: f"🚫 *Rejected{by}* at {at}{because} – {IT_WILL_NOT}",
        Ending.EXPIRED: f"⏰ *Approval timeout – NOT executed.* Nobody decided until {at}.",
        Ending.WITHDRAWN: f"⚪ Withdrawn: {cleared} at {at}. {NOTHING}",
        Ending.CANCELLED: f"⏹️ Cancelled{by} at {at}{because} — nothing was executed",
        Ending.PAUSED: f"⏸️ *Paused{by}* at {at} to investigate manually – {IT_WILL_NOT}",
        Ending.REFUSED: f"⛔ Refused at {at}{because} – {IT_WILL_NOT}",
        Ending.STOPPED: f"⏹️ All healing was halted{by} at {at}{because} — nothing was executed",
    }[decided.ending]


def _halted(incident: Incident) -> Iterator[str]:
    """Every card that was open at a stop of the house says so, and what that means for it."""
    decided = incident.decided is not None and incident.decided.ending is Ending.STOPPED
    if incident.halted is None or incident.over or decided:
        return  # how it ended says so by itself
    by, why = words.who(incident.halted.by), words.sentence(incident.halted.why, 500)
    means = HALTED.get(incident.state, f"Nothing begins here. {NOTHING}")
    yield f"⏹️ *All healing was halted* by {by}: {why} {means}"


def _run(incident: Incident) -> Iterator[str]:
    if incident.started and incident.started.refused:
        why = words.halting(escape("; ".join(incident.started.refused), 500))
        yield f"⛔ It may not begin after all: {why}"
    if incident.state is State.RUNNING and incident.started_at:
        yield f"🔧 Running since {words.moment(incident.started_at)}{_takes(incident)}"
    if incident.cancelling and not incident.acted and not incident.over:
        yield cancelling.line(incident.cancelling)
    if incident.state is State.VERIFYING and incident.plan:
        held = telling.span(incident.plan.criteria.hold)
        yield f"⏱️ Every step is done. Checking that it is healed and stays so for {held}"
    if incident.acted and incident.acted.failed:
        yield f"❌ {words.sentence(incident.acted.failed, 500)}"


def _takes(incident: Incident) -> str:
    """When it is expected to be healed: a moment, for a card is read at any time."""
    plan, began = incident.plan, incident.started_at
    if plan is None or began is None or not plan.estimate:
        return "; each step is in the thread"
    healed = words.moment(began + timedelta(seconds=plan.estimate))
    return f", expected to be healed about {healed}; each step is in the thread"


def stopped(incident: Incident) -> Iterator[str]:
    """Why a run went back although no step failed: it was cancelled, or its time was up."""
    if incident.acted and incident.acted.cancelled:
        yield f"⏹️ Stopped at a safe point: {words.stopped(incident.acted.cancelled)}"
    if incident.reverting:
        yield f"↩️ Going back on purpose: {words.sentence(incident.reverting.why)}"


def _way_back(incident: Incident) -> Iterator[str]:
    plan, told = incident.plan, looks.last(incident, facts.Verified)
    if incident.kept:
        yield f"🔒 Kept by {words.who(incident.kept.by)}: the change stays"
    elif plan and told and incident.state is State.HEALED and plan.way_back.after is not None:
        back = told.at.timestamp() + plan.way_back.after
        at = words.moment(told.at.fromtimestamp(back, tz=told.at.tzinfo))
        yield f"⏳ Goes back as it was at {at}, unless somebody keeps it"
    elif plan and incident.state is State.HEALED and plan.way_back.on_recovery:
        yield f"⏳ Goes back when {code(plan.way_back.on_recovery, 200)}"
    if plan and incident.state is State.HEALED and incident.fires:
        within = telling.span(plan.criteria.relapse)
        yield f"⏳ The alert is not cleared yet; firing again within {within} counts as not fixed"


def rollback(incident: Incident) -> Iterator[str]:
    """How the way back went; a failed one is loud."""
    back, proved = incident.rolled_back, incident.back_verified
    if incident.state in looks.GOING_BACK and not back:
        yield "↩️ Putting back what was there before; each step is in the thread"
    if back and back.clean:
        by = f" Verified: {words.sentence(proved.why)}" if proved and proved.passed else ""
        yield f"↩️ {words.sentence(back.says, 500)}{by}"
    elif back:
        said = back.says.removeprefix("the rollback FAILED: ")
        yield f"🔴 *The rollback FAILED.* {words.sentence(said, 500)}"
        yield "🔴 *The service may be neither as before nor as planned. A person must look now.*"


def ending(incident: Incident) -> Iterator[str]:
    """How it ended, when nothing else says so."""
    if incident.taken_back:
        yield f"↩️ It was taken back since, by {code(incident.taken_back.by, 40)}"
    if incident.came_back:
        again = code(incident.came_back.again, 40)
        yield f"⚠️ The alert fired again, so it was not fixed. It goes on in {again}"
    elif incident.state is State.RESOLVED and incident.closed_at:
        seconds = (incident.closed_at - incident.opened_at).total_seconds()
        what = "The alert is clear since" if incident.opened.alert else "Done since"
        if because := why_over(incident.alerts.values()):
            what = f"Healed; {escape(because, 300)} at"
        yield f"🟢 {what} {words.moment(incident.closed_at)}; it took {lasted(seconds)}"
    elif incident.state is State.WITHDRAWN and not incident.decided:
        because = escape(why_over(incident.alerts.values()), 300) or CLEARED
        yield f"⚪ Withdrawn: {because}. {NOTHING}"
    elif incident.state in TOLD_BY_CLOSING and not (_refused(incident) or incident.rolled_back):
        yield from _closing(incident)


def _refused(incident: Incident) -> bool:
    return incident.decided is not None and incident.decided.ending is not Ending.APPROVED


def _closing(incident: Incident) -> Iterator[str]:
    says = incident.closed.says if incident.closed else ""
    if (shown := looks.last(incident, facts.Shown)) and isinstance(shown.fact, facts.Shown):
        yield from _only_shown(shown.fact)
        return
    idle = not incident.ran and "nothing was executed" not in says.lower()
    yield f"{looks.look(incident).sign} {words.sentence(says, 600)}{f' {NOTHING}' if idle else ''}"
    if incident.planned and incident.planned.healthy:
        yield from words.few((words.reading(one, 200) for one in incident.planned.readings), 6)


def _only_shown(shown: facts.Shown) -> Iterator[str]:
    """In stage dry_run: what would have become of the plan, and why."""
    yield f"👀 {code(shown.runbook, 80)} is in stage dry_run, so its plan is only shown. {NOTHING}"
    named = words.few((code(one, 80) for one in shown.whom), 8)  # not mentioned: nobody is called
    called = ", ".join(named)
    asked = f"asked {called or 'people'}"
    would = {Ruling.ALLOW: "let it run unattended", Ruling.ASK: asked, Ruling.DENY: "refused it"}
    yield f"🛡️ Without that, policy would have *{would[shown.would]}*"
    yield from words.few((f"• {escape(one, 300)}" for one in shown.reasons), 8)


def escalation(incident: Incident) -> Iterator[str]:
    """Who was called and why."""
    called = incident.escalated
    if called and not taken_over(incident):
        yield f"🚨 {words.everyone(called.whom)} was called: {why_called(incident)}"
        if called.say:
            yield f"What to do: {words.sentence(called.say, 600)}"


def taken_over(incident: Incident) -> bool:
    """Somebody paused it, so nobody has to be called."""
    return incident.decided is not None and incident.decided.ending is Ending.PAUSED


def why_called(incident: Incident) -> str:
    """Why a person is needed, without the rollback, which has a line of its own."""
    why = incident.escalated.why if incident.escalated else ""
    back = incident.rolled_back
    said = words.sentence(why.removesuffix(f"; {back.says}") if back else why, 600)
    return words.halting(said)


def lasted(seconds: float) -> str:
    """
    How long it took from opening to end, in seconds, and in words when that is easier.

    >>> lasted(94), lasted(300)
    ('94 s', '300 s (5 min)')
    """
    easy = f" ({telling.span(seconds)})" if seconds >= 120 else ""
    return f"{seconds:.0f} s{easy}"
