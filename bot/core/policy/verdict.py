"""What a rule answers, and how several answers become one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from bot.core import values
from bot.core.values import Frozen


class Ruling(IntEnum):
    """How strict an answer is; the strictest one wins."""

    ALLOW = 0
    ASK = 1
    DENY = 2


class Verdict(Frozen):
    """One rule's answer, with the reason that people will read on the card."""

    ruling: Ruling
    rule: str
    reason: str


class Ruled(NamedTuple):
    """How many incidents got this answer; by this rule, or in all where it is empty."""

    ruling: Ruling
    rule: str
    incidents: int


@lru_cache(maxsize=4096)
def said(ruling: Ruling, rule: str, reason: str) -> Verdict:
    """Nearly every rule says the same of nearly every plan: the same words are one value."""
    made = Verdict(ruling=ruling, rule=rule, reason=reason)
    return values.pare(made, vars(made))


def allow(rule: str, reason: str) -> Verdict:
    return said(Ruling.ALLOW, rule, reason)


def ask(rule: str, reason: str) -> Verdict:
    return said(Ruling.ASK, rule, reason)


def deny(rule: str, reason: str) -> Verdict:
    return said(Ruling.DENY, rule, reason)


def strictest(verdicts: Iterable[Verdict]) -> Ruling:
    """
    Combine answers: adding a rule can tighten a plan, never loosen it.

    >>> strictest([])
    <Ruling.ALLOW: 0>
    """
    return max((verdict.ruling for verdict in verdicts), default=Ruling.ALLOW)
