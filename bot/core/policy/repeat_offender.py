"""Repeat offender: a trouble with incident after incident is not healed unattended any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.core import durations, occurrence
from bot.core.occurrence import Fired
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.sections import Recurring
from bot.core.policy.verdict import Ruling, Verdict

RULE = "repeat offender"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask from so many incidents on, unless policy lists this runbook on this service for it."""
    section = case.rulebook.repeat_offender
    said = repeats(case.fired, case.alert, section, case.now)
    if not said:
        span = durations.in_words(section.within)
        return verdict.allow(RULE, f"it had fewer than {section.times} incidents in {span}")
    if section.lists(case.plan.runbook, case.plan.service):
        return verdict.allow(RULE, f"{said}; {case.plan.runbook} is the standard change for it")
    return verdict.ask(RULE, f"{said}: healing it again does not find its cause")


def repeats(fired: Iterable[Fired], alert: str, section: Recurring, now: datetime) -> str:
    """Say how many incidents it had lately, when these are too many; else nothing."""
    recent = occurrence.within(fired, alert, now, section.within)
    count = len({one.incident for one in recent})
    if count < section.times:
        return ""
    return f"repeat offender: {count} incidents in {durations.in_words(section.within)}"
