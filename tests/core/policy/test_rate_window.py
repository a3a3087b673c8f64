from __future__ import annotations

from typing import Any

import pytest

from bot.core.lifecycle import State
from bot.core.policy import rate_window
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import (
    HOUR,
    KEY,
    MINUTE,
    SECOND,
    a_case,
    a_plan,
    a_rulebook,
    a_safety,
    an_attempt,
)

WIDE = a_safety(attempts=[{"limit": 100, "within": "7d"}])
ELSEWHERE: dict[str, Any] = {
    "runbook": "other", "service": "other", "environment": "other", "targets": ("other",)
}  # fmt: skip


def one(per: str, **where: Any) -> Any:
    return a_rulebook(rates=[{"per": per, "limit": 1, "within": "1h", **where}])


def test_a_window_with_room_allows_and_says_how_much_is_used() -> None:
    actual = rate_window.judge(a_case(attempts=(an_attempt(MINUTE),)))

    assert actual.ruling == Ruling.ALLOW
    assert actual.reason == "used so far: runbook restart-shop: 1 of 3 in 1 h"


def test_the_runbooks_own_window_denies_and_says_when_the_next_attempt_is_free() -> None:
    attempts = tuple(an_attempt(ago * MINUTE) for ago in (10, 50, 30))

    actual = rate_window.judge(a_case(attempts=attempts))

    assert actual.ruling == Ruling.DENY
    assert "runbook restart-shop: 3 of 3 in 1 h" in actual.reason
    assert actual.reason.endswith("free at 2026-11-20 12:10:00 UTC")


@pytest.mark.parametrize(
    ("ago", "expected"),
    [(HOUR - SECOND, Ruling.DENY), (HOUR, Ruling.ALLOW), (-MINUTE, Ruling.DENY)],
)
def test_an_attempt_leaves_its_window_at_the_very_instant_it_is_so_old(
    ago: Any, expected: Ruling
) -> None:
    safety = a_safety(attempts=[{"limit": 1, "within": "1h"}])

    assert rate_window.judge(a_case(safety=safety, attempts=(an_attempt(ago),))).ruling == expected


def test_when_more_was_tried_than_the_limit_lets_all_but_the_newest_must_leave() -> None:
    safety = a_safety(attempts=[{"limit": 1, "within": "1h"}])
    attempts = (an_attempt(40 * MINUTE), an_attempt(10 * MINUTE))

    actual = rate_window.judge(a_case(safety=safety, attempts=attempts))

    assert actual.reason.endswith("free at 2026-11-20 12:50:00 UTC")


@pytest.mark.parametrize("ended", [None, State.RESOLVED, State.ESCALATED, State.CANCELLED])
def test_attempts_count_whatever_became_of_them(ended: State | None) -> None:
    attempts = (an_attempt(MINUTE, ended),)

    actual = rate_window.judge(a_case(rulebook=one("everything"), attempts=attempts))

    assert actual.ruling == Ruling.DENY


def test_every_window_holds_at_once_and_the_latest_one_says_when() -> None:
    rates = [{"per": "service", "limit": 1, "within": "2h"}]
    safety = a_safety(attempts=[{"limit": 1, "within": "1h"}, {"limit": 2, "within": "7d"}])
    case = a_case(rulebook=a_rulebook(rates=rates), safety=safety, attempts=(an_attempt(MINUTE),))

    actual = rate_window.judge(case)

    assert actual.reason == (
        "used up: runbook restart-shop: 1 of 1 in 1 h; service shop in staging: 1 of 1 in 2 h; "
        "the next attempt is free at 2026-11-20 13:59:00 UTC"
    )


@pytest.mark.parametrize(
    ("per", "shared"),
    [
        ("runbook", {"runbook": "restart-shop"}),
        ("service", {"service": "shop", "environment": "staging"}),
        ("target", {"targets": ("another", KEY)}),
        ("environment", {"environment": "staging"}),
        ("everything", {}),
    ],
)
def test_a_window_counts_what_it_is_named_after(per: str, shared: Any) -> None:
    attempts = (an_attempt(MINUTE, **{**ELSEWHERE, **shared}),)

    actual = rate_window.judge(a_case(rulebook=one(per), safety=WIDE, attempts=attempts))

    assert actual.ruling == Ruling.DENY


@pytest.mark.parametrize("per", ["runbook", "service", "target", "environment"])
def test_a_window_counts_nothing_else(per: str) -> None:
    attempts = (an_attempt(MINUTE, **ELSEWHERE),)

    actual = rate_window.judge(a_case(rulebook=one(per), safety=WIDE, attempts=attempts))

    assert actual.ruling == Ruling.ALLOW


def test_a_service_of_the_same_name_in_another_environment_is_another_one() -> None:
    attempts = (an_attempt(MINUTE, environment="production"),)

    actual = rate_window.judge(a_case(rulebook=one("service"), safety=WIDE, attempts=attempts))

    assert actual.ruling == Ruling.ALLOW


@pytest.mark.parametrize("where", [{"services": ["db"]}, {"environments": ["production"]}])
def test_a_window_of_other_services_does_not_look_at_this_plan(where: Any) -> None:
    case = a_case(rulebook=one("everything", **where), attempts=(an_attempt(MINUTE),))

    assert rate_window.judge(case).ruling == Ruling.ALLOW


def test_a_window_counts_only_attempts_on_the_services_it_is_about() -> None:
    rulebook = one("everything", services=["shop"])
    case = a_case(rulebook=rulebook, attempts=(an_attempt(MINUTE, service="db"),))

    assert rate_window.judge(case).ruling == Ruling.ALLOW


def test_an_undo_is_not_held_up_by_windows() -> None:
    attempts = tuple(an_attempt(MINUTE) for _ in range(9))

    actual = rate_window.judge(a_case(plan=a_plan(undoes="inc-1"), attempts=attempts))

    assert actual.ruling == Ruling.ALLOW
