"""The card of a report is short, whole within Slack's limits, and nobody's text is markup."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.core.approval import Ending
from bot.core.course import Course
from bot.core.prospects import report
from bot.slack.cards import figures
from bot.slack.cards.message import MOST_BLOCKS, MOST_CHARACTERS, Message, size
from tests.builders import START
from tests.core.test_figures import a_course

Golden = Callable[[str, Any], Any]
HOSTILE = "<!here> *bold* <https://evil|shop>"


def card(*courses: Course, days: int = 1) -> Message:
    return figures.card(report(courses, START - timedelta(days=days), START))


def test_a_day_is_told_as_it_always_was(golden: Golden) -> None:
    asked: dict[str, Any] = {"asked_at": START, "ending": Ending.APPROVED, "runbook": "raise-pool"}
    none: dict[str, Any] = {"runbook": "", "why_none": "no runbook matches", "started_at": None}
    day = (
        a_course(), a_course(1, came_back=True), a_course(2, passed=False, rolled_back=True),
        *(a_course(number, **asked) for number in (3, 4, 5)),
        a_course(6, **none, alert="CertExpires", service="web"),
        a_course(7, right=False, runbook="clear-cache"),
    )  # fmt: skip

    golden("report", card(*day).model_dump())


def test_a_day_without_incidents_is_a_card_too() -> None:
    told = card(days=7)

    assert told.text == "What was healed in 7 days"
    assert "none of none" in json.dumps(told.blocks)


def test_text_of_alerts_and_runbooks_is_inert() -> None:
    none: dict[str, Any] = {"runbook": "", "why_none": "none", "started_at": None}
    told = json.dumps(
        card(a_course(alert=HOSTILE, service=HOSTILE, **none), a_course(1, runbook=HOSTILE)).blocks
    )

    assert "<!here>" not in told
    assert "<https://" not in told


def test_very_many_runbooks_fit() -> None:
    many = [a_course(n, runbook=f"{'r' * 90}-{n}", right=False) for n in range(300)]
    told = card(*many)

    assert len(told.blocks) <= MOST_BLOCKS
    assert size(list(told.blocks)) <= MOST_CHARACTERS
    assert "and 295 more" in json.dumps(told.blocks)
