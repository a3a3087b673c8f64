"""
Freeze window: nothing is changed in it; a critical incident may ask, where the freeze says so.

A window is half-open, `[starts, ends)`: a plan that arrives at the very instant a freeze ends
is free to go, and two windows back to back leave no gap.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.alert import Severity
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import moment, unread

RULE = "freeze window"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny in a freeze; of several at once the strictest holds, and urgent is never a free pass."""
    urgent = case.severity is Severity.CRITICAL
    denying, asking, doubtful = [*_ordered(case)], list[str](), list[str]()
    for row in case.timetable.of(case.plan.service, case.plan.environment).freezes:
        if span := row.at(case.now):
            lenient = urgent and row.window.lets_urgent_ask
            said = f"{row.window.name} freezes {_place(case)} until {moment(span.ends)}"
            (asking if lenient else denying).append(said)
        elif row.doubtful(case.now):
            doubtful.append(unread(row.window.name))
    if denying:
        return verdict.deny(RULE, f"{'; '.join(denying)}: nothing is changed before that")
    if asking:
        asking[-1] += ", but this is critical: a person may allow it"
    if why := [*asking, *doubtful]:
        return verdict.ask(RULE, "; ".join(why))
    return verdict.allow(RULE, "no freeze is on")


def _ordered(case: Case) -> Iterator[str]:
    """What people froze by an order."""
    for order in case.standing.frozen_at(case.now):
        if order.covers(case.plan.service, case.plan.environment):
            yield f"{order.by} froze {order.place} until {moment(order.until)} ({order.why})"


def _place(case: Case) -> str:
    return f"{case.plan.service} in {case.plan.environment}"
