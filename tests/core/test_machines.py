"""What machines are told of an incident: the documents' own fields, true and without secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.core import facts, telling
from bot.core.facts import StepEnding
from bot.core.incident import Incident
from bot.core.lifecycle import Event
from bot.core.telling import planned, record
from bot.core.values import Facts
from tests import builders
from tests.slack.cards import runs, stories
from tests.slack.cards.pieces import closed, done

LATENCY = {
    "metric": "latency_p99", "current_value": "2500", "threshold": "100", "window": "5m",
    "trend": "RISING", "unit": "ms",
}  # fmt: skip


def of(name: str) -> Incident:
    return stories.incident(name)


def told(name: str) -> dict[str, Any]:
    """The record of a story, as a program reads it."""
    return dict(json.loads(json.dumps(record.record(of(name)))))


def test_a_plan_has_the_fields_of_the_documents() -> None:
    plan: Any = planned.plan(of("running"))

    assert (plan["id"], plan["runbook"], plan["requiresApproval"], plan["confidence"]) == (
        "inc-7f3k2m.1", "scale-out", False, 0.95,
    )  # fmt: skip
    assert (plan["estimatedRecoveryTime"], plan["timestamp"][:10]) == (0.75, "2026-03-14")
    assert plan["event"]["name"] == "ServiceDown"
    assert [one["type"] for one in plan["actions"]] == ["kubernetes.scale", "breaker.open"]
    assert plan["actions"][0]["parameters"] == {"host": "web-1", "unit": "shop"}
    assert plan["rollbackPlan"]["id"] == "rollback-inc-7f3k2m.1"
    assert plan["rollbackPlan"]["actions"] == [
        {"number": 2, "says": "close the breaker to payments"},
        {"number": 1, "says": "kubectl scale deployment/shop --replicas=4"},
    ]


def test_each_action_that_is_only_shown_says_so_and_no_other_does() -> None:
    shown: Any = planned.plan(of("dry_run"))["actions"]
    real: Any = planned.plan(of("awaiting"))["actions"]

    assert [one["says"][:10] for one in shown] == ["[DRY RUN] "] * len(shown)
    assert not any("DRY RUN" in one["says"] for one in real)
    assert (bool(shown), bool(real)) == (True, True)


def test_a_plan_that_people_are_asked_for_says_so() -> None:
    assert planned.plan(of("awaiting"))["requiresApproval"] is True


def test_a_plan_with_nothing_to_put_back_offers_no_rollback() -> None:
    back: Any = planned.plan(of("awaiting"))["rollbackPlan"]

    assert (back["available"], back["actions"]) == (False, [])


def test_an_execution_has_its_times_what_was_applied_and_its_error() -> None:
    run: Any = record.executed(of("rolled_back"))

    assert (run["status"], run["planId"]) == ("ROLLED_BACK", "inc-7f3k2m.1")
    assert run["startTime"] < run["endTime"]
    assert [(one["number"], one["ending"]) for one in run["appliedActions"]] == [
        (1, "done"), (2, "failed"),
    ]  # fmt: skip
    assert "the breaker's page answered 503" in run["error"]


def test_a_run_that_has_not_begun_has_no_times() -> None:
    run = record.executed(of("awaiting"))

    assert (run["startTime"], run["endTime"], run["appliedActions"], run["error"]) == (
        None, None, [], None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "result", "rollback_needed"),
    [("resolved", "success", False), ("rolled_back", "failed", True),
     ("not_verified", "failed", True), ("rollback_failed", "partial", True)],
)  # fmt: skip
def test_a_remedy_says_what_it_did_and_whether_it_helped(
    name: str, result: str, rollback_needed: bool
) -> None:
    said: Any = record.remediation(of(name))

    assert (said["result"], said["rollback_needed"]) == (result, rollback_needed)
    assert set(said) == {"action_taken", "result", "verification", "rollback_needed", "logs"}
    assert said["action_taken"]
    assert said["logs"]


def test_some_done_and_some_not_is_partial() -> None:
    failed = "the breaker's page answered 503"
    known = builders.an_incident(
        *runs.running(),
        done(2, failed, ending=StepEnding.FAILED),
        facts.Acted(failed=failed),
        facts.RolledBack(clean=False, says="the rollback FAILED: step 1: forbidden"),
        closed(Event.GAVE_UP, failed),
    )

    assert record.remediation(known)["result"] == "partial"


def test_where_nothing_ran_there_is_no_remedy() -> None:
    assert record.remediation(of("rejected")) == {}
    assert told("rejected")["result"] == "not executed"


@pytest.mark.parametrize(
    ("name", "alone"), [("resolved", False), ("resolved_alone", True), ("taken_back", False)]
)
def test_a_record_holds_the_nine_fields_and_says_who_resolved_it(name: str, alone: bool) -> None:
    said = told(name)

    assert (said["id"], said["title"], said["severity"], said["root_cause"]) == (
        "inc-7f3k2m", "shop answers 502 on web-1", "critical",
        "the alert is ServiceDown; shop is a systemd unit",
    )  # fmt: skip
    assert said["duration"] == (of(name).closed_at - of(name).opened_at).total_seconds()  # type: ignore[operator]
    assert said["timestamp"].endswith("Z")
    assert said["auto_resolved"] is alone


@pytest.mark.parametrize("name", stories.STORIES)
def test_every_story_has_a_record_that_is_json(name: str) -> None:
    assert told(name)["id"] == "inc-7f3k2m"


def test_the_event_is_told_with_what_it_measured() -> None:
    opened = builders.an_opening(alert=builders.an_alert(annotations=LATENCY))
    event: Any = record.record(builders.an_incident(opened))["event"]

    assert {name: event[name] for name in LATENCY} == {
        **LATENCY, "current_value": 2500.0, "threshold": 100.0,
    }  # fmt: skip


def signal(held: float, *, passed: bool = True) -> Facts:
    verified = facts.Verified(passed=passed, why="held", checks=31, held=held, seconds=held)
    return record.signal(builders.an_incident(*runs.verifying(), verified))


def test_that_it_recovered_is_signalled_once_success_was_verified() -> None:
    said = signal(300)
    wanted = {"event": "RECOVERY_SIGNAL", "value": 100, "threshold": 80, "window": "5m",
              "trend": "STABLE", "unit": "%", "service": "shop"}  # fmt: skip

    assert {name: said[name] for name in wanted} == wanted


def test_what_was_not_verified_signals_nothing() -> None:
    assert signal(300, passed=False) == {}
    assert told("not_verified")["signals"] == []


def test_the_signal_stands_in_the_transcript() -> None:
    story = stories.STORIES["healed"]()
    said = telling.transcript(of("healed"), builders.entries(*story))
    block = said.partition("## Recovery signal")[2].split("```")[1].removeprefix("json")

    assert json.loads(block) == record.signal(of("healed"))


def test_a_secret_is_nowhere_in_a_record() -> None:
    alert = builders.an_alert(annotations={"summary": "psql postgres://app:hunter22@db is down"})
    step = builders.a_step(1, params={"token": "abc123secret", "unit": "shop"})
    plan = builders.a_plan(steps=(step,))
    known = builders.an_incident(
        builders.an_opening(alert=alert),
        facts.Diagnosed(),
        facts.Planned(round=1, plan=plan, digest=plan.digest),
    )
    said = json.dumps(record.record(known))

    assert "hunter22" not in said
    assert "abc123secret" not in said
