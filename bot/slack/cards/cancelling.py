"""What a cancel would mean just now: where the next safe point is, and what becomes of the rest."""

from __future__ import annotations

from bot.core import facts
from bot.core.approval import Ending
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.plan import Plan, Reversibility
from bot.slack.cards import parts, words
from bot.slack.cards.escaping import escape
from bot.slack.cards.message import Block

CANCEL = "cancel_run"
NO_REASON = "no reason given"
NOTHING = "Nothing was begun yet, so nothing is executed."


def button(incident: Incident) -> Block | None:
    """Ask once more, in words that hold now; None when it is too late, or too early."""
    means = meaning(incident)
    if not means:
        return None
    sure = parts.confirm("Cancel this run?", means, "Cancel it", "danger", "Let it go on")
    return parts.button(CANCEL, "⏹️ Cancel at the next safe point", incident.id, confirm=sure)


def line(letter: facts.Cancelling) -> str:
    """That somebody did, and what comes of it until the last step has ended."""
    why = "" if letter.why == NO_REASON else f": {escape(letter.why, 300)}"
    return (f"⏹️ {words.who(letter.by)} cancelled it{why}. What is being done ends first, nothing "
            "more begins, and what was done goes back")  # fmt: skip


def meaning(incident: Incident) -> str:
    """
    What happens when somebody cancels now; empty where a cancel changes nothing any more.

    While people are asked, *Reject* is the button for it.
    """
    plan, no = incident.plan, incident.decided
    if plan is None or incident.cancelling or incident.halted or incident.quiet:
        return ""
    if no is not None and no.ending is not Ending.APPROVED:
        return ""
    if incident.state in {State.APPROVED, State.QUEUED}:
        return NOTHING
    if incident.state is not State.RUNNING or incident.acted:
        return ""
    return _midway(incident, plan)


def _midway(incident: Incident, plan: Plan) -> str:
    claim, ended = incident.claimed, {one.number for one in incident.steps}
    if claim is None:
        return NOTHING
    applied = [one.number for one in incident.steps if one.applied]
    first = ""
    if claim.number not in ended:
        first = f"Step {claim.number} of {len(plan.steps)} is being done and ends first. "
        applied.append(claim.number)
    stay = [
        str(one.number)
        for one in plan.steps
        if one.number in applied and (one.back or one.reversibility is not Reversibility.REVERSIBLE)
    ]
    back = [str(number) for number in applied if str(number) not in stay]
    then = "Then nothing more begins" if first else "Nothing more begins"
    then += f", and {_steps(back)} {'is' if len(back) == 1 else 'are'} taken back." if back else "."
    left = f" {_steps(stay).capitalize()} cannot be taken back." if stay else ""
    return f"{first}{then}{left}"


def _steps(numbers: list[str]) -> str:
    word = "step" if len(numbers) == 1 else "steps"
    return f"{word} {', '.join(numbers[:-1])}{' and ' if numbers[:-1] else ''}{numbers[-1]}"
