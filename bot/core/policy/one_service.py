"""
One service: a plan touches its own service only.

A service claims its targets with the fact `targets`: patterns of target keys, with commas
between them. What nobody claims cannot be told, so several such targets are shown to a person.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import NamedTuple

from bot.core.catalogue import Service
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.sections import fits
from bot.core.policy.verdict import Ruling, Verdict

_WILD = re.compile(r"[*?\[]")
RULE = "one service"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny a target that is not the service's own; ask about several that nobody claims."""
    own = claims(case.service) if case.service else ()
    unclaimed = [target for target in case.targets if not fits(target.key, own)]
    for target in unclaimed:
        if owner := _owner(target.key, case):
            return verdict.deny(RULE, f"{target.name} belongs to {owner}, not to {_own(case)}")
        if own:
            return verdict.deny(
                RULE,
                f"{target.name} ({target.key}) is none of the targets of {_own(case)}, which are "
                f"{', '.join(own)}: mend the plan's parameters or facts.targets",
            )
    if len(unclaimed) > 1:
        names = ", ".join(target.name for target in unclaimed)
        return verdict.ask(
            RULE,
            f"whether {names} all belong to {_own(case)} cannot be told: write facts.targets "
            "into its entry of the catalogue",
        )
    return verdict.allow(RULE, f"nothing but {_own(case)} is touched")


def claims(service: Service) -> tuple[str, ...]:
    """Return the patterns of target keys that a service calls its own."""
    written = str(service.facts.get("targets", "")).split(",")
    return tuple(pattern.strip() for pattern in written if pattern.strip())


class Claimants(tuple[Service, ...]):  # noqa: SLOT001 - its index is made when it is wanted
    """
    Services that claim targets, found by what their patterns begin with.

    A thousand of them are asked about a target as quickly as ten: only those whose first letters,
    up to a wild card, are the target's own are looked at.
    """

    def owner(self, key: str) -> Service | None:
        """Return the first of them that claims this target; None when nobody does."""
        beginnings = (key[:size] for size in range(len(key) + 1))
        found = [place for one in beginnings for place in self._claims.get(one, ())]
        places = (place for place in sorted(found) if fits(key, place.patterns))
        return next((self[place.number] for place in places), None)

    @cached_property
    def _claims(self) -> dict[str, list[_Claim]]:
        claimed: dict[str, list[_Claim]] = {}
        for number, service in enumerate(self):
            for pattern in claims(service):
                beginning = _WILD.split(pattern, maxsplit=1)[0]
                claimed.setdefault(beginning, []).append(_Claim(number, (pattern,)))
        return claimed


class _Claim(NamedTuple):
    """One pattern, and the place of its service among all."""

    number: int
    patterns: tuple[str]


def _owner(key: str, case: Case) -> str:
    known = case.catalogue
    claimants = known if isinstance(known, Claimants) else Claimants(known)
    owner = claimants.owner(key)
    return f"{owner.name} in {owner.environment}" if owner else ""


def _own(case: Case) -> str:
    return f"{case.plan.service} in {case.plan.environment}"
