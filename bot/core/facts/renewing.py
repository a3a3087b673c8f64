"""What becomes of runbooks and policy when somebody changes them on disk."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.core.facts.fact import Fact


class PolicyTaken(Fact):
    """Another library is in force from now on, all of it at once."""

    kind: Literal["house.policy_taken"] = "house.policy_taken"
    digest: str = Field(description="of the policy; every plan made under it has the same")
    before: str = Field(description="of the policy that was in force until now")
    runbooks: int
    changed: tuple[str, ...] = Field(default=(), description="keys of the policy that differ")
    mends: str = Field(default="", description="the name of the refusal that this ends")


class PolicyRefused(Fact):
    """What lies on disk cannot be used: what was in force stays so."""

    kind: Literal["house.policy_refused"] = "house.policy_refused"
    name: str = Field(description="of this refusal, until something good is read")
    keeps: str = Field(description="the digest of the policy that stays in force")
    problems: tuple[str, ...] = Field(description="file, line and remedy; the first of them")
    count: int = Field(description="how many problems there are")
