from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.catalog.golden import Result, run_tests
from bot.core.alert import Alert
from bot.core.catalogue import Service
from bot.core.clauses import Scalar
from bot.core.promises import Approval
from bot.core.runbook import Runbook
from tests.core.remedies import WRITTEN, a_runbook, a_service

TEST: dict[str, Any] = WRITTEN["tests"][0]


def result(*services: Service, **changes: Any) -> Result:
    (only,) = run_tests(a_runbook(tests=[TEST | changes]), services)
    return only


def expecting(**expect: Any) -> dict[str, Any]:
    return {"expect": {"match": True} | expect}


def test_a_runbook_that_keeps_its_promises_passes() -> None:
    assert result() == Result("restart-dead-service", "a dead shop is matched")
    assert result().passed


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (expecting(match=False), "match is true: alert is 'ServiceDown'"),
        ({"alert": {"name": "Other"}}, "match is false: no runbook names alert 'Other'"),
        ({"service": None}, "match is false: alert has no known service label"),
        (expecting(because="the moon"), "because is 'the moon', but: alert is"),
        (expecting(parameters={"unit": "other"}), "parameters.unit is 'shop', not 'other'"),
        (expecting(parameters={"size": 40}), "parameters.size is 50, not 40"),
        (expecting(steps=[]), "steps is ['host.restart_service'], not []"),
        (expecting(safe=False), "safe is true"),
        (expecting(success=True), "success is false: it is false"),
        ({"given": {"size": 100}}, "size: 100 does not fit"),
        ({"service": {"facts": {}}}, "parameters do not fit: unit: it has no value"),
    ],
)
def test_a_broken_promise_is_told_with_what_came_instead(
    changes: dict[str, Any], said: str
) -> None:
    (broken,) = result(**changes).broken

    assert said in broken


def test_a_promised_miss_is_kept_with_its_reason() -> None:
    alert = TEST["alert"] | {"severity": "info"}

    assert result(alert=alert, expect={"match": False, "because": "severity is info"}).passed


def test_without_facts_of_its_own_a_test_takes_those_of_the_catalogue() -> None:
    assert result(a_service(), service=None).passed


def test_evidence_that_the_test_does_not_give_makes_nothing_safe() -> None:
    (broken,) = result(evidence={}).broken[:1]

    assert broken.startswith("safe is false: ")


def test_a_name_that_no_service_can_have_is_an_unknown_service() -> None:
    alert = TEST["alert"] | {"labels": {"service": "Not A Name", "environment": "demo"}}

    assert result(alert=alert, expect={"match": False, "because": "no known service"}).passed


def test_a_promise_about_approval_that_nobody_can_judge_is_told_as_unchecked() -> None:
    unjudged = result(**expecting(approval="asked"))

    assert unjudged.passed
    assert unjudged.unchecked == ("approval: no policy was there to ask",)


def test_a_promise_about_approval_is_held_against_the_policy() -> None:
    asked: list[tuple[str, str, str, Mapping[str, Scalar]]] = []

    def judge(
        runbook: Runbook, alert: Alert, service: Service, values: Mapping[str, Scalar]
    ) -> Approval:
        asked.append((runbook.runbook, alert.name, service.name, values))
        return Approval.UNATTENDED

    runbook = a_runbook(tests=[TEST | expecting(approval="asked")])
    (judged,) = run_tests(runbook, judge=judge)

    assert asked == [("restart-dead-service", "ServiceDown", "shop", {"unit": "shop", "size": 50})]
    assert judged.broken == ("approval is 'unattended', not 'asked'",)


def test_a_promised_duration_is_compared_as_a_time() -> None:
    parameters = {"unit": {"type": "duration", "value": "90s"}}
    tests = [TEST | expecting(parameters={"unit": "1m30s"})]
    (kept,) = run_tests(a_runbook(parameters=parameters, tests=tests))

    assert kept.passed


def choosing(*kept: str) -> dict[str, Any]:
    """A runbook that restarts what failed and reloads the rest, of which so much is promised."""
    call = {"do": "host.restart_service", "with": {"unit": "shop"}}
    steps = [
        call | {"when": "process.state == 'failed'"},
        call | {"do": "host.reload_service", "when": "process.state != 'failed'"},
    ]
    return {"steps": steps, "tests": [TEST | expecting(steps=list(kept), approval="asked")]}


def test_the_steps_that_are_promised_are_those_whose_when_holds() -> None:
    (kept,) = run_tests(a_runbook(**choosing("host.restart_service")))
    (broken,) = run_tests(a_runbook(**choosing("host.reload_service")))

    assert kept.passed
    assert broken.broken == ("steps is ['host.restart_service'], not ['host.reload_service']",)


def test_policy_is_asked_about_the_steps_that_are_left_and_about_nothing_else() -> None:
    asked: list[tuple[str, ...]] = []

    def judge(runbook: Runbook, *_: object) -> Approval:
        asked.append(tuple(step.do for step in runbook.steps))
        return Approval.ASKED

    run_tests(a_runbook(**choosing("host.restart_service")), judge=judge)
    (none,) = run_tests(a_runbook(**choosing() | {"steps": []}), judge=judge)

    assert asked == [("host.restart_service",)]
    assert none.broken == ("approval is 'none', not 'asked'",)


@pytest.mark.parametrize(
    ("status", "promised", "kept"),
    [(200, True, True), (503, False, True), (503, True, False), (200, False, False)],
)
def test_what_must_hold_after_a_step_can_be_promised(
    status: int, promised: bool, kept: bool
) -> None:
    steps = [{**WRITTEN["steps"][0], "then": {"success": "health.status == 200"}}]
    test = TEST | {"evidence": {"health": {"status": status}}} | expecting(then=promised)
    (only,) = run_tests(a_runbook(steps=steps, tests=[test]))

    assert only.passed is kept


def test_a_promise_of_what_no_step_asks_for_is_broken() -> None:
    assert result(**expecting(then=True)).broken == (
        "then is false: no step that is left says `then`",
    )
