"""The rules in the order of the card: what refuses first, then what asks; the strictest wins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from bot.core.policy import (
    approved_for,
    attempts,
    automation,
    blast_cap,
    circuit_breaker,
    concurrency,
    confidence_floor,
    cool_down,
    critical,
    dependants,
    dependencies,
    deploying,
    edited,
    flapping,
    freeze_window,
    irreversible,
    kill_switch,
    known_target,
    maintenance,
    never_unattended,
    one_service,
    preconditions,
    production,
    rate_window,
    relapse,
    repeat_offender,
    risk_level,
    scaling,
    stage,
    storm_guard,
    target_lock,
    ticket,
    tier,
    unattended,
    undo,
    verdict,
)
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict


class Rule(Protocol):
    """What each file of this room is: a name, the strictest it can answer, and its judgement."""

    RULE: str
    STRICTEST: Ruling

    def judge(self, case: Case) -> Verdict: ...


RULES: tuple[Rule, ...] = (
    kill_switch,
    storm_guard,
    known_target,
    approved_for,
    preconditions,
    automation,
    stage,
    freeze_window,
    maintenance,
    ticket,
    deploying,
    target_lock,
    one_service,
    concurrency,
    attempts,
    rate_window,
    cool_down,
    circuit_breaker,
    blast_cap,
    dependants,
    dependencies,
    scaling,
    undo,
    edited,
    irreversible,
    never_unattended,
    unattended,
    production,
    tier,
    risk_level,
    critical,
    confidence_floor,
    relapse,
    flapping,
    repeat_offender,
)


class Judgement(NamedTuple):
    """The answer of the whole policy, with every rule's reason."""

    ruling: Ruling
    verdicts: tuple[Verdict, ...]

    @property
    def decisive(self) -> tuple[Verdict, ...]:
        """The verdicts that made it so; the rest were laxer."""
        return tuple(each for each in self.verdicts if each.ruling is self.ruling)


def judge(case: Case, rules: Iterable[Rule] = RULES) -> Judgement:
    """Ask every rule, even after a no: people see all reasons at once."""
    verdicts = tuple(rule.judge(case) for rule in rules)
    return Judgement(ruling=verdict.strictest(verdicts), verdicts=verdicts)
