"""The plan block of a run: which task stands where."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.cards import progress
from tests.slack.cards import stories


def tasks(name: str) -> list[tuple[str, str]]:
    card = progress.card(stories.incident(name))
    assert card is not None
    block: Any = card.blocks[0]
    return [(task["task_id"], task["status"]) for task in block["tasks"]]


@pytest.mark.parametrize("name", ["looking", "awaiting", "approved", "rejected", "dry_run"])
def test_there_is_no_progress_before_anything_runs(name: str) -> None:
    assert progress.card(stories.incident(name)) is None


def test_the_claimed_step_is_the_one_in_progress() -> None:
    wanted = [("approve", "complete"), ("step-1", "complete"), ("step-2", "in_progress"),
              ("verify", "pending")]  # fmt: skip

    assert wanted == tasks("running")


def test_verifying_is_a_task_of_its_own() -> None:
    assert tasks("verifying")[-1] == ("verify", "in_progress")


def test_the_way_back_is_shown_when_it_is_gone() -> None:
    wanted = [("approve", "complete"), ("step-1", "complete"), ("step-2", "error"),
              ("back-2", "complete"), ("back-1", "in_progress"),
              ("back", "in_progress")]  # fmt: skip

    assert wanted == tasks("rolling_back")


def test_a_failed_rollback_is_an_error() -> None:
    assert tasks("rollback_failed")[-2:] == [("back-1", "error"), ("back", "error")]


def test_a_step_with_nothing_to_put_back_is_no_task() -> None:
    assert "back-1" not in dict(tasks("not_verified"))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("between", [("step-1", "complete"), ("then-1", "in_progress"), ("step-2", "pending")]),
        ("stepped", [("step-1", "complete"), ("then-1", "complete"), ("step-2", "complete")]),
        ("not_stood", [("step-1", "complete"), ("then-1", "error"), ("step-2", "pending")]),
    ],
)
def test_what_must_hold_between_two_steps_is_a_task_of_its_own(
    name: str, wanted: list[tuple[str, str]]
) -> None:
    assert tasks(name)[1:4] == wanted
