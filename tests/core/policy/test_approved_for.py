from __future__ import annotations

import pytest

from bot.core.clauses import ApprovedFor
from bot.core.policy import approved_for
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case


@pytest.mark.parametrize(
    ("service", "environment", "expected"),
    [
        ("shop", "staging", Ruling.ALLOW),
        ("*", "staging", Ruling.ALLOW),
        ("shop", "production", Ruling.DENY),
        ("*", "production", Ruling.DENY),
        ("shop-2", "staging", Ruling.DENY),
    ],
)
def test_a_runbook_runs_only_where_its_owner_allows_it(
    service: str, environment: str, expected: Ruling
) -> None:
    entry = ApprovedFor(service=service, environment=environment)

    assert approved_for.judge(a_case(approved_for=(entry,))).ruling == expected


def test_one_fitting_entry_of_several_is_enough() -> None:
    entries = tuple(ApprovedFor(service="shop", environment=e) for e in ("production", "staging"))

    assert approved_for.judge(a_case(approved_for=entries)).ruling == Ruling.ALLOW


def test_a_runbook_that_is_approved_for_nothing_runs_nowhere() -> None:
    actual = approved_for.judge(a_case(approved_for=()))

    assert actual.ruling == Ruling.DENY
    assert "approved for nothing, not for shop in staging" in actual.reason


def test_the_reason_names_the_places_where_it_would_be_allowed() -> None:
    entry = ApprovedFor(service="*", environment="production")

    assert "* in production" in approved_for.judge(a_case(approved_for=(entry,))).reason
