"""The report tells what happened, why, what it came to and what next; nobody's text is markup."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.core import prospects
from bot.core.course import Course
from bot.core.lifecycle import Event
from bot.core.telling import report, sums
from tests import builders
from tests.core.test_figures import a_course

AT = builders.START


def document(*courses: Course) -> str:
    return report.document(prospects.report(courses, AT, AT + timedelta(days=1)))


def test_it_has_the_parts_of_a_post_mortem() -> None:
    titles = [line for line in document(a_course()).splitlines() if line.startswith("#")]

    assert titles == [
        "# What was healed from 2026-03-14 03:00:00 UTC to 2026-03-15 03:00:00 UTC",
        "## Timeline", "## Causes", "## Contributing factors", "## Effectiveness", "## Prevention",
    ]  # fmt: skip


def test_each_rate_stands_with_its_denominator() -> None:
    told = document(a_course(), a_course(1, passed=False, rolled_back=False, right=False))

    for what, goal in (
        ("Verified, of runs that were attempted", "80 % or more, but not all"),
        ("Resolved without anybody being asked, of all incidents", "30 to 60 %"),
        ("False actions, of runs that were attempted", "under 5 %"),
    ):
        assert f"| {what} | 1 of 2 (50 %) | {goal} |" in told
    assert "it is healed | 1 min (median of 1; mean 1 min) | under 10 min |" in told


def test_a_day_without_incidents_is_a_report_too() -> None:
    told = document()

    assert "Nothing happened." in told
    assert "none of none" in told


def test_how_each_went_is_said_in_words() -> None:
    ran: dict[str, Any] = {"passed": False, "event": Event.ROLLED_BACK}
    idle: dict[str, Any] = {"started_at": None, "passed": None}
    for course, says in (
        (a_course(), "healed"),
        (a_course(came_back=True), "healed, and it came back"),
        (a_course(taken_back=True), "healed, and people took it back"),
        (a_course(right=False), "healed, and people found it wrong"),
        (a_course(**ran, rolled_back=True), "not healed: it was rolled back"),
        (a_course(**ran, rolled_back=False), "not healed: not all of it could be rolled back"),
        (a_course(**ran), "not healed"),
        (a_course(**idle), "its alert cleared before anything was done"),
        (a_course(**idle, event=None), "still open"),
        (a_course(**idle, event=Event.APPROVAL_REFUSED), "people said no"),
        (a_course(**idle, event=Event.CANCELLED), "cancelled"),
        (a_course(**idle, event=Event.NO_PLAN, runbook="", why_none="none fits"),
         "no runbook: none fits"),
    ):  # fmt: skip
        assert report.went(course) == says


def test_text_of_alerts_is_no_markdown() -> None:
    told = document(a_course(title="<b>|x|[y](http://z)", service="a|b", alert="`A`"))

    assert "<b>" not in told
    assert r"\<b\>\|x\|\[y\](http://z)" in told


def test_a_long_while_is_cut_and_says_so() -> None:
    told = document(*(a_course(number) for number in range(report.SHOWN + 5)))

    assert "5 earlier ones are left out of this table." in told
    assert "| inc-4 |" not in told


def test_what_comes_often_is_a_factor() -> None:
    told = document(*(a_course(number) for number in range(3)))

    assert "- shop: 3 incidents" in told
    assert "- Down on shop: 3 times" in told


def test_machines_get_counts_and_rates_with_what_they_are_of() -> None:
    two = [a_course(), a_course(1, passed=False)]
    said = sums.record(prospects.report(two, AT, AT + timedelta(days=1)))

    assert said["rates"] == {
        "verified": {"part": 1, "whole": 2, "percent": 50.0},
        "auto_resolved": {"part": 1, "whole": 2, "percent": 50.0},
        "false_actions": {"part": 0, "whole": 2, "percent": 0.0},
    }
    seconds = said["seconds"]
    assert isinstance(seconds, dict)
    assert seconds["time_to_heal"] == {
        "of": 1, "median": 60.0, "mean": 60.0, "longest": 60.0
    }  # fmt: skip
