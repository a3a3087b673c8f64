from __future__ import annotations

from typing import Any

import pytest

from bot.catalog.linting import MOST_RESIDUAL, lint, lint_detectors
from bot.core.detector import Detector
from tests.builders import a_library
from tests.core.remedies import WRITTEN, a_runbook

MATCHED = WRITTEN["tests"][0] | {"evidence": {}, "expect": {"match": True}}
MISSED = {"name": "info is not meant", "alert": {"name": "A"}, "expect": {"match": False}}
CAREFUL: dict[str, Any] = {"tests": [MATCHED, MISSED]}


def advice(**changes: Any) -> list[str]:
    return [each.message for each in lint([a_runbook(**(CAREFUL | changes))])]


def test_a_careful_runbook_gets_no_advice() -> None:
    assert advice() == []


def test_what_does_nothing_need_not_say_when_it_is_safe() -> None:
    assert advice(steps=[], safe_when=None) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"diagnose": [], "safe_when": None}, "nothing is diagnosed"),
        ({"safe_when": None}, "safe_when is missing"),
        ({"verify": WRITTEN["verify"] | {"hold": "0s"}}, "verify.hold is 0s"),
        ({"verify": WRITTEN["verify"] | {"relapse": "0s"}}, "verify.relapse is 0s"),
        ({"approved_for": [{"service": "*", "environment": "demo"}]}, "every service"),
        ({"tests": []}, "there are no tests"),
        ({"tests": [MATCHED]}, "no test expects a miss"),
        ({"tests": [MISSED]}, "no test expects a match"),
        ({"safety": {"unattended": True}}, "may run unattended, but no test promises when"),
        (
            {"parameters": WRITTEN["parameters"] | {"note": {"type": "string"}}},
            "parameters.note takes any text",
        ),
        (
            {
                "verify": WRITTEN["verify"]
                | {
                    "probes": [
                        *WRITTEN["verify"]["probes"],
                        {"probe": "http.status", "as": "other"},
                    ]
                }
            },
            "'other', which success never looks at",
        ),
    ],
)
def test_what_a_careful_reviewer_would_ask_is_asked(changes: dict[str, Any], said: str) -> None:
    (asked,) = advice(**changes)

    assert said in asked


def test_a_long_residual_list_is_everybodys_concern() -> None:
    match = {"residual": True, "when": "service.stateless"}
    many = [a_runbook(f"catch-{at}", match=match, **CAREFUL) for at in range(MOST_RESIDUAL + 1)]
    (asked,) = lint(many)

    assert str(asked).startswith("runbooks: 21 runbooks are residual")


DETECTOR: dict[str, Any] = {
    "detector": "shop-down",
    "probes": [{"probe": "http.status", "as": "health"}],
    "firing": "health.status != 200",
    "alert": {"name": "ServiceDown", "service": "shop", "environment": "demo", "summary": "it is"},
    "tests": [
        {"name": "no answer", "expect": {"firing": True}},
        {"name": "a good answer", "expect": {"firing": False}},
    ],
}


def of_detector(**changes: Any) -> list[str]:
    detector = Detector.model_validate(DETECTOR | changes)
    found = lint_detectors(a_library(a_runbook()), [detector])
    return [str(each) for each in found]


def test_a_careful_detector_gets_no_advice() -> None:
    assert of_detector() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"alert": DETECTOR["alert"] | {"name": "Other"}}, "no runbook names Other"),
        ({"sustain": "0s"}, "one look is enough"),
        ({"firing": "health.seconds > 2.0"}, "firing compares a number and resolved is missing"),
        ({"tests": []}, "there are no tests"),
        ({"tests": DETECTOR["tests"][:1]}, "no test expects no trouble"),
        ({"tests": DETECTOR["tests"][1:]}, "no test expects trouble"),
    ],
)
def test_a_careless_detector_is_asked(changes: dict[str, Any], said: str) -> None:
    (only,) = of_detector(**changes)

    assert only.startswith(f"detectors/shop-down: {said}")


@pytest.mark.parametrize(
    "changes",
    [
        {"sustain": "0s", "times": 3},
        {"firing": "health.seconds > 2.0", "resolved": "health.seconds < 1.0"},
    ],
)
def test_what_a_detector_does_against_flickers_is_not_asked_for(changes: dict[str, Any]) -> None:
    assert of_detector(**changes) == []
