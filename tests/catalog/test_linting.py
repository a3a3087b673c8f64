from __future__ import annotations

from typing import Any

import pytest

from bot.catalog.linting import MOST_RESIDUAL, lint
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
