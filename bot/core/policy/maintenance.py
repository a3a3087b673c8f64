"""Maintenance: people work on the service themselves, so Heal keeps its hands off it."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import moment, unread

RULE = "maintenance"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny while they work, critical or not: two at one service undo each other's work."""
    plan = case.plan
    rows = case.timetable.of(plan.service, plan.environment).maintenance
    on = [(row.window.name, span.ends) for row in rows if (span := row.at(case.now))]
    if on:
        said = ", ".join(f"{name} until {moment(ends)}" for name, ends in on)
        return verdict.deny(
            RULE,
            f"people work on {plan.service} in {plan.environment} themselves: {said}; "
            "Heal keeps its hands off it before that",
        )
    if doubtful := [unread(row.window.name) for row in rows if row.doubtful(case.now)]:
        return verdict.ask(RULE, "; ".join(doubtful))
    return verdict.allow(RULE, "nobody said that they work on it")
