from __future__ import annotations

from typing import Any

import pytest

from bot.catalog import calls
from tests.catalog.conftest import KNOWN
from tests.core.remedies import WRITTEN, a_runbook


def flaws(**changes: Any) -> list[tuple[str, str]]:
    found = calls.flaws(a_runbook(**changes), KNOWN)
    return [(".".join(map(str, flaw.path)), flaw.message) for flaw in found]


def step(**given: Any) -> dict[str, Any]:
    return {"steps": [{"do": "host.restart_service", "with": given}]}


def test_calls_of_what_there_is_have_no_flaw() -> None:
    assert flaws() == []


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        (
            {"diagnose": [{"probe": "host.proces", "as": "process"}]},
            "diagnose.0.probe",
            "did you mean 'host.process'?",
        ),
        (step(unti="shop", unit="shop"), "steps.0.with.unti", "did you mean 'unit'?"),
        (step(unti="${params.unit}"), "steps.0.with.unti", "did you mean 'unit'?"),
        (step(), "steps.0.with.unit", "'unit' is missing: the systemd unit"),
        (step(unit="Shop 1"), "steps.0.with.unit", "'Shop 1' is not right"),
        (step(unit="${params.unit}", grace=0), "steps.0.with.grace", "seconds to stop"),
        (
            {"verify": WRITTEN["verify"] | {"probes": [{"probe": "http.status", "as": "health"}]}},
            "verify.probes.0.with.url",
            "'url' is missing: what is asked",
        ),
        (
            {
                "rollback": {
                    "on_recovery": "old.x == 1",
                    "probes": [{"probe": "http.state", "as": "old"}],
                }
            },
            "rollback.probes.0.probe",
            "did you mean 'http.status'?",
        ),
    ],
)
def test_a_call_that_could_not_work_is_told(changes: dict[str, Any], place: str, said: str) -> None:
    assert said in dict(flaws(**changes))[place]


def test_a_value_that_comes_with_the_alert_is_not_checked_before() -> None:
    assert flaws(**step(unit="Shop-${params.unit}")) == []
