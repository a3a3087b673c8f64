"""Cool-down: the least time between two runs on one target, whichever runbook ran."""

from __future__ import annotations

from bot.core import durations
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import moment

RULE = "cool-down"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny until the time is over, from the start of the last run; an undo is not held up."""
    if case.undoing:
        return verdict.allow(RULE, "an undo need not wait")
    span = durations.in_words(case.safety.cool_down)
    touched = [a for a in case.attempts if case.target_keys.intersection(a.targets)]
    last = max(touched, key=lambda attempt: attempt.at, default=None)
    if last is None:
        return verdict.allow(RULE, f"nothing was tried on this target, the cool-down is {span}")
    over = last.at + case.safety.cool_down
    said = f"{last.incident} ran {last.runbook} on the same target at {moment(last.at)}"
    if case.now < over:
        return verdict.deny(RULE, f"{said}: the cool-down of {span} is over at {moment(over)}")
    return verdict.allow(RULE, f"{said}, the cool-down of {span} is over")
