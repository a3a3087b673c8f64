from __future__ import annotations

from typing import Any

import pytest

from bot.core.policy import cool_down
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import MINUTE, SECOND, a_case, a_plan, an_attempt


def test_a_target_that_nothing_was_tried_on_need_not_cool_down() -> None:
    actual = cool_down.judge(a_case(attempts=(an_attempt(MINUTE, targets=("other",)),)))

    assert actual.ruling == Ruling.ALLOW
    assert actual.reason == "nothing was tried on this target, the cool-down is 5 min"


@pytest.mark.parametrize(
    ("ago", "expected"), [(5 * MINUTE - SECOND, Ruling.DENY), (5 * MINUTE, Ruling.ALLOW)]
)
def test_the_cool_down_is_over_at_the_very_instant(ago: Any, expected: Ruling) -> None:
    assert cool_down.judge(a_case(attempts=(an_attempt(ago),))).ruling == expected


def test_the_last_run_counts_whichever_runbook_it_was_and_in_any_order() -> None:
    last = an_attempt(MINUTE, runbook="scale-shop", incident="inc-7", service="other")

    actual = cool_down.judge(a_case(attempts=(last, an_attempt(99 * MINUTE))))

    assert actual.reason == (
        "inc-7 ran scale-shop on the same target at 2026-11-20 11:59:00 UTC: "
        "the cool-down of 5 min is over at 2026-11-20 12:04:00 UTC"
    )


def test_an_undo_need_not_wait() -> None:
    case = a_case(plan=a_plan(undoes="inc-1"), attempts=(an_attempt(SECOND),))

    assert cool_down.judge(case).ruling == Ruling.ALLOW
