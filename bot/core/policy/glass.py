"""Break-glass: a no of some rules may be overridden, by two people, for one plan, with a reason."""

from __future__ import annotations

from bot.core.policy.rulebook import Rulebook
from bot.core.policy.rules import Judgement
from bot.core.policy.sections.glass import TWO
from bot.core.policy.verdict import Ruling


def overrides(rulebook: Rulebook, judgement: Judgement) -> tuple[str, ...]:
    """Name the rules that deny, when each of them may be overridden; else nobody is asked."""
    if judgement.ruling is not Ruling.DENY:
        return ()
    denying = tuple(dict.fromkeys(one.rule for one in judgement.decisive))
    return denying if set(denying) <= set(rulebook.break_glass.overrides) else ()


def quorum(rulebook: Rulebook, own: int) -> int:
    """How many different people must say yes, where the runbook wants `own`."""
    return max(TWO, rulebook.approvers.high.needs, own)


def nobody_left(rulebook: Rulebook, needed: int, *barred: str) -> bool:
    """Tell whether policy itself names too few people; of a group or a rota nobody can tell."""
    high = rulebook.circle(rulebook.approvers.high)
    named = len(set(high.people) - set(barred))
    return not high.groups and not high.schedules and named < needed
