from __future__ import annotations

from typing import Any

import pytest

from bot.core.deployment import Deployment, Stage
from bot.core.policy import deploying
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import MINUTE, NOW, a_case, a_plan, a_radius, a_step

API = "deployment api in shop (prod)"


def a_deployment(**changes: Any) -> Deployment:
    given = {"what": API, "stage": Stage.UNDERWAY, "says": "1 of 3 pods are new"}
    return Deployment.model_validate({**given, **changes})


def judged(*steps: tuple[Deployment, ...], own: tuple[Deployment, ...] = ()) -> Any:
    planned = [
        a_step(a_radius(deploying=found), number=at) for at, found in enumerate(steps or ((),), 1)
    ]
    return deploying.judge(a_case(plan=a_plan(*planned, deploying=own)))


def test_nothing_is_done_into_a_deployment_and_the_no_says_what_since_when_and_what_next() -> None:
    actual = judged((a_deployment(since=NOW - MINUTE),))

    assert actual.ruling == Ruling.DENY
    assert actual.reason == (
        "deployment api in shop (prod) is being deployed since 2026-11-20 11:59:00 UTC (1 of 3 "
        "pods are new): wait until it is over, or end it (finish it, or roll it back), and ask "
        "again"
    )


def test_where_nothing_is_deployed_it_holds_nothing_up() -> None:
    actual = judged(())

    assert (actual.ruling, actual.reason) == (
        Ruling.ALLOW,
        "nothing that Heal can see is being deployed there",
    )


def test_a_rollout_that_was_given_up_is_said_and_holds_nothing_up() -> None:
    actual = judged((a_deployment(stage=Stage.GIVEN_UP, says="exceeded its progress deadline"),))

    assert actual.ruling == Ruling.ALLOW
    assert actual.reason == (
        "a rollout was given up, so none is in progress: deployment api in shop (prod) (exceeded "
        "its progress deadline)"
    )


def test_what_cannot_be_read_is_asked_for_with_the_reason() -> None:
    actual = judged(own=(a_deployment(what="shop in staging", stage=Stage.UNREAD, says="timeout"),))

    assert actual.ruling == Ruling.ASK
    assert actual.reason == (
        "whether something is being deployed cannot be told (shop in staging: timeout)"
    )


def test_a_plan_that_ends_the_rollout_is_asked_for_and_not_excluded_by_it() -> None:
    actual = judged((a_deployment(ended_here=True),))

    assert actual.ruling == Ruling.ASK
    assert actual.reason == (
        f"{API} is being deployed (1 of 3 pods are new), and this plan is there to end that: a "
        "person decides"
    )


@pytest.mark.parametrize(
    ("ends", "expected"), [((True, False), Ruling.ASK), ((False, True), Ruling.DENY)]
)
def test_only_steps_after_the_one_that_ends_it_may_follow(
    ends: tuple[bool, bool], expected: Ruling
) -> None:
    first, then = (a_deployment(ended_here=one) for one in ends)

    assert judged((first,), (then,)).ruling == expected


def test_one_rollout_that_is_ended_excuses_no_other() -> None:
    other = a_deployment(what="Flux kustomization shop in flux-system (prod)")

    actual = judged((a_deployment(ended_here=True), other))

    assert actual.ruling == Ruling.DENY
    assert actual.reason.startswith("Flux kustomization shop in flux-system (prod) is being")


def test_an_undo_waits_for_a_deployment_too() -> None:
    step = a_step(a_radius(deploying=(a_deployment(),)))

    assert deploying.judge(a_case(plan=a_plan(step, undoes="inc-1"))).ruling == Ruling.DENY


def test_the_service_says_the_same_as_its_targets() -> None:
    actual = judged(own=(a_deployment(what="the pipeline of shop"),))

    assert actual.ruling == Ruling.DENY
    assert actual.reason.startswith("the pipeline of shop is being deployed (1 of 3")
