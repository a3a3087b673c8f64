from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.flaws import FlawedError
from bot.core.runbook import Runbook
from tests.core import remedies
from tests.core.remedies import a_runbook


def flaws(**changes: Any) -> dict[str, str]:
    """Everything that does not hang together, by its place."""
    with pytest.raises(ValidationError) as refusal:
        a_runbook(**changes)
    (error,) = refusal.value.errors()
    flawed = error["ctx"]["error"]
    assert isinstance(flawed, FlawedError)
    return {".".join(map(str, flaw.path)): flaw.message for flaw in flawed.flaws}


def changed(field: str, **inner: Any) -> dict[str, Any]:
    """One top-level field of the written runbook with some of its own fields replaced."""
    return {field: remedies.WRITTEN[field] | inner}


def test_a_runbook_is_read_as_it_is_written() -> None:
    runbook = a_runbook()

    assert runbook.runbook == "restart-dead-service"
    assert runbook.steps[0].params == {"unit": "${params.unit}"}
    assert runbook.verify.probes[0].name == "health"


def test_what_is_left_out_is_careful() -> None:
    runbook = a_runbook()

    assert not runbook.safety.unattended
    assert runbook.safety.attempts[0].limit == 3
    assert runbook.safety.approval.quorum == 1


def test_a_dumped_runbook_is_the_same_runbook() -> None:
    runbook = a_runbook()

    assert runbook == Runbook.model_validate(runbook.model_dump(mode="json"))


def test_the_digest_moves_with_every_word() -> None:
    assert a_runbook().digest == a_runbook().digest
    assert a_runbook().digest != a_runbook(title="Restart something else").digest


def after_a_step(**then: Any) -> dict[str, Any]:
    """A step after which something must hold."""
    return {"steps": [{"do": "host.x", "then": {"success": "health.status == 200", **then}}]}


@pytest.mark.parametrize(
    "changes",
    [
        {"title": None},
        {"verify": None},
        {"escalate": None},
        {"steps": [{"do": "host.restart_service"}] * 11},
        {"approved_for": []},
        {"approved_for": [{"service": "shop", "environment": "*"}]},
        {"description": "too short"},
        {"runbook": "Has Capitals"},
        {"runbook": "ab"},
        {"surprise": True},
        {"steps": [{"do": "restart"}]},
        {"steps": [{"do": "host.restart_service", "on_uncertain": "guess"}]},
        {"steps": [{"do": "host.restart_service", "timeout": "2h"}]},
        {"match": {"alerts": []}},
        {"match": {"residual": True}},
        {"match": {"alerts": ["A"], "residual": True, "when": "service.stateless"}},
        {"match": {"alerts": ["A"], "min_confidence": 0.5}},
        {"safety": {"approval": {"expires": "61m"}}},
        {"safety": {"approval": {"quorum": 0}}},
        {"safety": {"attempts": []}},
        {"safety": {"attempts": [{"limit": 0, "within": "1h"}]}},
        {"parameters": {"in": {"type": "string"}}},
        {"diagnose": [{"probe": "host.process", "as": "params"}]},
        {"verify": {"probes": [], "success": "true"}},
    ],
    ids=str,
)
def test_a_wrong_field_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Runbook.model_validate(remedies.written(**changes))


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        (changed("match", when="service.stateles"), "match.when", "'service.stateless'"),
        (changed("match", when="params.size > 1"), "match.when", "'params' is unknown"),
        ({"safe_when": 'proces.state == "x"'}, "safe_when", "did you mean 'process'?"),
        ({"safe_when": "1 + 1"}, "safe_when", "is int, not true or false"),
        (changed("verify", success="helth.status == 200"), "verify.success", "'health'"),
        (changed("verify", success="params.size > 1"), "verify.success", "looks at no probe"),
        (changed("verify", every="2m"), "verify.every", "2m is too long: `within` is 1m"),
        (changed("verify", hold="2m"), "verify.hold", "2m is too long: `within` is 1m"),
        (
            {"steps": [{"do": "host.x", "with": {"a": [{"b": "${params.unti}"}]}}]},
            "steps.0.with.a.0.b",
            "did you mean 'params.unit'?",
        ),
        (after_a_step(success="helth.status == 200"), "steps.0.then.success", "'health'"),
        (after_a_step(success="params.size > 1"), "steps.0.then.success", "looks at no probe"),
        (after_a_step(hold="2m"), "steps.0.then.hold", "2m is too long: `within` is 1m"),
        (
            after_a_step(probes=[{"probe": "http.x", "as": "other"}]),
            "steps.0.then.success",
            "'health'",
        ),
        (
            after_a_step(success="one.x == 1", probes=[{"probe": "http.x", "as": "one"}] * 2),
            "steps.0.then.probes.1.as",
            "'one' is used twice",
        ),
        (
            {"diagnose": [{"probe": "host.x", "as": "process"}] * 2},
            "diagnose.1.as",
            "'process' is used twice",
        ),
        ({"rollback": {"on_recovery": "true"}}, "rollback.on_recovery", "looks at no probe"),
        (
            {"rollback": {"probes": [{"probe": "http.status", "as": "primary"}]}},
            "rollback.on_recovery",
            "nothing looks at primary",
        ),
        (
            {"parameters": {"unit": {"type": "string", "pattern": "a)|(b"}}},
            "parameters.unit.pattern",
            "is not an RE2 pattern",
        ),
        (
            {"parameters": {"unit": {"type": "integer", "pattern": "a"}}},
            "parameters.unit.pattern",
            "a pattern is for strings",
        ),
        (
            {"parameters": {"unit": {"type": "integer", "value": 9, "max": 5}}},
            "parameters.unit.value",
            "9 does not fit: give an integer of at most 5",
        ),
        (
            {"parameters": {"unit": {"type": "integer", "min": 9, "max": 5}}},
            "parameters.unit.min",
            "min 9 is above max 5",
        ),
        (
            {"parameters": {"unit": {"type": "duration", "min": 9}}},
            "parameters.unit.min",
            "9 is not duration",
        ),
        (
            {"parameters": {"unit": {"type": "string", "min": 9}}},
            "parameters.unit.min",
            "for numbers and durations",
        ),
        (
            {"parameters": {"unit": {"type": "integer", "choices": ["a"]}}},
            "parameters.unit.choices.0",
            "'a' is not integer",
        ),
        (
            {"parameters": {"unit": {"type": "string", "value": "${params.size}"}}},
            "parameters.unit.value",
            "'params' is unknown",
        ),
    ],
)
def test_what_does_not_hang_together_is_told_with_its_place(
    changes: dict[str, Any], place: str, said: str
) -> None:
    assert said in flaws(**changes)[place]


@pytest.mark.parametrize(
    ("inner", "place", "said"),
    [
        ({"evidence": {"helth": {}}}, "tests.0.evidence.helth", "did you mean 'health'?"),
        ({"given": {"unti": "x"}}, "tests.0.given.unti", "did you mean 'unit'?"),
        (
            {"expect": {"match": True, "parameters": {"size": "x"}}},
            "tests.0.expect.parameters.size",
            "'x' is not integer",
        ),
    ],
)
def test_a_test_that_promises_the_unknown_is_told(
    inner: dict[str, Any], place: str, said: str
) -> None:
    assert said in flaws(tests=[remedies.WRITTEN["tests"][0] | inner])[place]


def test_a_condition_of_unknown_kind_is_asked_and_only_true_counts() -> None:
    runbook = a_runbook(**changed("match", when="alert.name"))

    assert not runbook.wanted({"alert": {"name": "true"}}).held


def test_all_flaws_are_told_at_once() -> None:
    found = flaws(safe_when="nope", **changed("verify", success="nope", hold="2m"))

    assert set(found) == {"safe_when", "verify.success", "verify.hold"}


def test_a_runbook_answers_its_own_questions() -> None:
    runbook = a_runbook()

    assert runbook.safe({"process": {"state": "failed"}}).held
    assert not runbook.safe({"process": {"state": "activating"}}).held
    assert not runbook.safe({}).held
    assert runbook.succeeded({"health": {"status": 200}}).held


def test_without_safe_when_nothing_speaks_against_it() -> None:
    assert a_runbook(safe_when=None).safe({}).held


def test_what_a_step_is_looked_at_by_is_its_own_or_what_it_names_of_verify() -> None:
    own = {"success": "one.x == 1", "probes": [{"probe": "http.x", "as": "one"}]}
    for then, wanted in (({}, ["health"]), (own, ["one"])):
        runbook = a_runbook(**after_a_step(**then))
        (step,) = runbook.steps
        assert step.then is not None

        assert [call.name for call in runbook.looks_at(step.then)] == wanted
        assert {*wanted} <= {call.name for call in runbook.probes}
