"""A run in the seven words of other programs, each as true as our own."""

from __future__ import annotations

import pytest

from bot.core import execution
from bot.core.execution import Status
from bot.core.lifecycle import State
from tests.slack.cards import stories


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("looking", Status.PENDING),
        ("awaiting", Status.PENDING),
        ("approved", Status.APPROVED),
        ("rejected", Status.REJECTED),
        ("expired", Status.REJECTED),
        ("denied", Status.REJECTED),
        ("already_healthy", Status.REJECTED),
        ("running", Status.EXECUTING),
        ("verifying", Status.EXECUTING),
        ("rolling_back", Status.EXECUTING),
        ("reverting", Status.EXECUTING),
        ("healed", Status.SUCCESS),
        ("resolved", Status.SUCCESS),
        ("rollback_failed", Status.FAILED),
        ("not_verified", Status.FAILED),
        ("not_fixed", Status.FAILED),
        ("rolled_back", Status.ROLLED_BACK),
        ("stopped_midway", Status.ROLLED_BACK),
        ("reverted", Status.ROLLED_BACK),
        ("taken_back", Status.ROLLED_BACK),
    ],
)
def test_a_story_is_said_in_one_of_seven_words(name: str, word: Status) -> None:
    assert execution.status(stories.incident(name)) is word


@pytest.mark.parametrize("name", stories.STORIES)
def test_only_what_was_verified_succeeded_and_only_what_was_put_back_is_rolled_back(
    name: str,
) -> None:
    known = stories.incident(name)
    word = execution.status(known)

    if word is Status.SUCCESS:
        assert known.verified is not None
        assert known.verified.passed
    if word is Status.ROLLED_BACK and not known.taken_back:
        assert known.rolled_back is not None
        assert known.rolled_back.clean
    if word in {Status.REJECTED, Status.PENDING, Status.APPROVED}:
        assert not known.ran


def test_every_state_has_a_word_and_every_word_a_state() -> None:
    assert set(execution.STATUSES) == set(State)
    assert set(execution.STATUSES.values()) == set(Status)


@pytest.mark.parametrize("name", stories.STORIES)
def test_the_table_of_the_page_knows_every_word_that_a_state_can_get(name: str) -> None:
    known = stories.incident(name)

    assert f"`{execution.status(known)}`" in dict(execution.table())[str(known.state)]
