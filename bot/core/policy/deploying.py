"""
Deploying: nothing is healed into a deployment that is under way on a target or its service.

A rollout that was given up is over and failed, so it holds nothing up. A step that itself ends a
rollout may not be excluded by it, yet somebody is at work there: that is asked for.
"""

from __future__ import annotations

from bot.core.deployment import Deployment, Stage
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import moment

RULE = "deploying"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny while one is under way; ask about one that a step ends, and about what is unread."""
    found = _every(case)
    if on := [one for one in found if one.stage is Stage.UNDERWAY and not one.ended_here]:
        return verdict.deny(
            RULE,
            f"{_named(on)}: wait until it is over, or end it (finish it, or roll it back), and "
            "ask again",
        )
    if unread := [one for one in found if one.stage is Stage.UNREAD]:
        said = "; ".join(f"{one.what}: {one.says}" for one in unread)
        return verdict.ask(RULE, f"whether something is being deployed cannot be told ({said})")
    if ended := [one for one in found if one.stage is Stage.UNDERWAY]:
        return verdict.ask(
            RULE, f"{_named(ended)}, and this plan is there to end that: a person decides"
        )
    if over := [one for one in found if one.stage is Stage.GIVEN_UP]:
        said = "; ".join(f"{one.what} ({one.says})" for one in over)
        return verdict.allow(RULE, f"a rollout was given up, so none is in progress: {said}")
    return verdict.allow(RULE, "nothing that Heal can see is being deployed there")


def _every(case: Case) -> list[Deployment]:
    """
    Every one once, in the order of the steps.

    What a step ends no longer stands in the way of the steps after it.
    """
    found, ended = list(case.plan.deploying), set[str]()
    for step in case.plan.steps:
        for one in step.scope.blast_radius.deploying:
            if one.what not in ended and one not in found:
                found.append(one)
            if one.ended_here:
                ended.add(one.what)
    return found


def _named(found: list[Deployment]) -> str:
    return " and ".join(
        f"{one.what} is being deployed"
        + (f" since {moment(one.since)}" if one.since else "")
        + (f" ({one.says})" if one.says else "")
        for one in found
    )
