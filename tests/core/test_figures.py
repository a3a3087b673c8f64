"""Figures count what happened, say of how many, and what follows is said only when it is sure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.core.approval import Ending
from bot.core.course import Course
from bot.core.figures import Figures, Rate, figures
from bot.core.lifecycle import Event
from bot.core.prospects import MANY, prospects
from tests import builders

AT = builders.START


def a_course(number: int = 0, /, **changes: Any) -> Course:
    """One that was healed unattended in a minute, and cleared."""
    healed = Course(
        f"inc-{number}", AT, "shop is down", "shop", "production", alert="Down",
        runbook="restart", started_at=AT + timedelta(seconds=10), passed=True,
        taken_up_at=AT + timedelta(seconds=5), healed_at=AT + timedelta(seconds=60),
        event=Event.ALERT_CLEARED, closed_at=AT + timedelta(seconds=90),
    )  # fmt: skip
    return healed._replace(**changes)


def of(*courses: Course) -> Figures:
    return figures(courses, AT, AT + timedelta(days=1))


def test_a_rate_says_of_how_many() -> None:
    told = of(a_course(), a_course(1, passed=False, rolled_back=True), a_course(2, started_at=None))

    assert told.all.success == Rate(1, 2)
    assert told.all.success.percent == 50
    assert told.all.auto == Rate(1, 3)


def test_a_rate_of_nothing_is_none() -> None:
    assert of().all.success.percent is None


def test_what_nobody_was_told_of_and_what_was_only_shown_is_counted_nowhere() -> None:
    told = of(a_course(quiet=True), a_course(1, dry=True, alert=""))

    assert set(told.all) == {0}
    assert not told.runbooks


def test_a_run_that_goes_on_is_not_counted_as_attempted_yet() -> None:
    assert of(a_course(passed=None, event=None)).all.attempted == 0


def test_what_came_back_was_verified_and_did_not_help() -> None:
    told = of(a_course(came_back=True))

    assert (told.all.verified, told.all.came_back, told.all.alone) == (1, 1, 0)
    assert told.healed.of == 0


def test_what_people_found_wrong_or_took_back_is_a_false_action() -> None:
    told = of(a_course(right=False), a_course(1, taken_back=True), a_course(2, right=True))

    assert told.all.wrong == Rate(2, 3)


def test_what_people_were_asked_about_was_not_resolved_alone() -> None:
    asked: dict[str, Any] = {"asked_at": AT, "ending": Ending.APPROVED}

    assert of(a_course(**asked)).all.auto == Rate(0, 1)


def test_a_yes_in_advance_is_no_time_that_people_took() -> None:
    asked: dict[str, Any] = {"asked_at": AT, "ending": Ending.APPROVED}
    told = of(a_course(**asked), a_course(1, **asked, permitted=True))

    assert (told.waiting.of, told.waiting.median) == (1, 5.0)


def test_the_undo_of_a_run_is_no_attempt_to_heal() -> None:
    assert of(a_course(undoes="inc-9", alert="")).all.attempted == 0


def test_times_are_of_those_that_stayed_healed() -> None:
    late = AT + timedelta(seconds=180)
    told = of(a_course(), a_course(1, healed_at=late), a_course(2, came_back=True, healed_at=late))

    assert (told.healed.of, told.healed.median, told.healed.longest) == (2, 120, 180)


def test_an_alert_without_a_runbook_is_the_next_to_automate() -> None:
    none: dict[str, Any] = {"runbook": "", "why_none": "no runbook matches", "started_at": None}
    told = of(*(a_course(n, **none, alert="Full") for n in range(2)), a_course(3, **none))

    assert [one.about for one in prospects(told).automate] == ["Full on shop", "Down on shop"]
    assert "twice there was no runbook" in prospects(told).automate[0].why


def test_a_runbook_that_people_always_said_yes_to_may_run_unattended() -> None:
    asked: dict[str, Any] = {"asked_at": AT, "ending": Ending.APPROVED}
    always = [a_course(n, **asked) for n in range(3)]

    assert [one.about for one in prospects(of(*always)).automate] == ["restart"]
    assert not prospects(of(*always[:2])).automate
    assert not prospects(of(*always, a_course(9, ending=Ending.REJECTED))).automate
    assert not prospects(of(*always[:2], a_course(9, **asked, came_back=True))).automate


def test_a_runbook_that_seldom_helps_should_be_stopped() -> None:
    bad = [a_course(n, passed=False) for n in range(2)]
    told = prospects(of(*bad, a_course(3))).stop

    assert [(one.about, one.why) for one in told] == [("restart", "only 1 of 3 runs were verified")]
    assert not prospects(of(*bad)).stop


def test_one_run_that_people_found_wrong_is_reason_enough() -> None:
    (told,) = prospects(of(a_course(right=False))).stop

    assert "people found 1 of 1 runs wrong" in told.why


def test_what_comes_back_again_and_again_hides_a_cause() -> None:
    (told,) = prospects(of(*(a_course(n, came_back=True) for n in range(3)))).stop

    assert "after 3 of 3 verified runs the trouble came back" in told.why


def test_a_success_of_all_is_said_to_be_too_good() -> None:
    assert "more could be automated" in prospects(of(*map(a_course, range(MANY)))).note
    assert not prospects(of(*map(a_course, range(MANY - 1)))).note
    assert not prospects(of(*map(a_course, range(MANY)), a_course(99, passed=False))).note
