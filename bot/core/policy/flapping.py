"""Flapping: what fires again and again is not healed unattended, but by a standard change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.core import durations, occurrence
from bot.core.occurrence import Fired
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.sections import Recurring
from bot.core.policy.verdict import Ruling, Verdict

RULE = "flapping"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask from so many times on, unless policy lists this runbook on this service for it."""
    section = case.rulebook.flapping
    said = flaps(case.fired, case.alert, section, case.now)
    if not said:
        span = durations.in_words(section.within)
        return verdict.allow(RULE, f"it fired fewer than {section.times} times in {span}")
    if section.lists(case.plan.runbook, case.plan.service):
        return verdict.allow(RULE, f"{said}; {case.plan.runbook} is the standard change for it")
    return verdict.ask(RULE, f"{said}: a person looks why")


def flaps(fired: Iterable[Fired], alert: str, section: Recurring, now: datetime) -> str:
    """Say how often it fired lately, when that counts as flapping; else nothing."""
    times = len(occurrence.within(fired, alert, now, section.within))
    if times < section.times:
        return ""
    return f"flapping: {times} times in {durations.in_words(section.within)}"
