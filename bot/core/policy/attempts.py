"""Attempts: after so many at the same trouble in a short time a person is called instead."""

from __future__ import annotations

from bot.core import durations
from bot.core.policy import history, verdict
from bot.core.policy.case import Case
from bot.core.policy.history import Attempt
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import count, moment

RULE = "attempts"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny, and list what was tried: whatever became of it, and whichever runbook it was."""
    if case.undoing:
        return verdict.allow(RULE, "an undo is not counted")
    if not case.alert:
        return verdict.allow(RULE, "a person asks for it, no alert")
    section = case.rulebook.attempts
    tried = [
        attempt
        for attempt in history.within(case.tried, case.now, section.within)
        if attempt.alert in {"", case.alert}
    ]
    span, where = durations.in_words(section.within), f"{case.plan.service}: {case.alert}"
    said = f"{len(tried)} of {count(section.limit, 'attempt')} in {span} at {where}"
    if len(tried) < section.limit:
        return verdict.allow(RULE, said)
    listed = ", ".join(map(_told, tried))
    return verdict.deny(RULE, f"{said}. Tried: {listed}. A person takes over")


def _told(attempt: Attempt) -> str:
    """Which run it was, and what became of it."""
    ended = attempt.ended or "under way"
    return f"{attempt.incident} {attempt.runbook} at {moment(attempt.at)} ({ended})"
