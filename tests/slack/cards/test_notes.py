"""The posts of a thread: which there are, in which order, and whom they call."""

from __future__ import annotations

import pytest

from bot.core import facts
from bot.core.ladder import Need
from bot.slack.cards import notes
from tests import builders
from tests.slack.cards import stories


def slots(name: str) -> list[str]:
    return [note.slot for note in notes.notes(stories.incident(name))]


def said(name: str, slot: str) -> str:
    told = notes.notes(stories.incident(name))
    return next(str(note.message.blocks) for note in told if note.slot == slot)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("looking", []),
        ("diagnosed", ["evidence"]),
        ("awaiting", ["evidence", "ask-1"]),
        ("changed", ["evidence", "ask-2"]),
        ("approved", ["evidence"]),
        ("running", ["evidence"]),
        ("healed", ["evidence", "verified"]),
        ("resolved", ["evidence", "verified", "ended"]),
        ("rejected", ["evidence", "ended"]),
        ("rolled_back", ["evidence", "step-2", "escalated"]),
        ("reverted", ["evidence", "verified", "rolledback"]),
        ("stopped_midway", ["evidence", "rolledback"]),
        ("not_fixed", ["evidence", "verified", "ended", "cameback"]),
        ("denied", ["evidence", "escalated"]),
        ("paused", ["evidence", "escalated"]),
    ],
)
def test_a_thread_is_short(name: str, wanted: list[str]) -> None:
    assert wanted == slots(name)


@pytest.mark.parametrize("name", stories.STORIES)
def test_posts_are_only_added_as_a_story_goes_on(name: str) -> None:
    story = [one for one in stories.STORIES[name]() if not isinstance(one, facts.Joined)]
    posted: list[str] = []
    for end in range(1, len(story) + 1):
        known = [n.slot for n in notes.notes(builders.an_incident(*story[:end]))]
        posted += [slot for slot in known if slot not in posted]
        kept = [slot for slot in posted if not slot.startswith("ask-")]

        assert kept == [slot for slot in known if not slot.startswith("ask-")]


def test_the_ask_calls_the_approvers_and_says_how_to_answer() -> None:
    ask = said("awaiting", "ask-1")

    assert "<!subteam^S0APPROVERS>: approval needed until <!date^" in ask
    assert "`@heal approve inc-7f3k2m`" in ask


def test_an_escalation_says_why_what_was_tried_and_what_to_do() -> None:
    called = said("rolled_back", "escalated")
    wanted = ("*FAILED – manual intervention*: <!subteam^S0ONCALL>", "*Attempted fix* `kubectl",
              "*Result*", "*Rollback* ↩️ Rolled back", "step 2: the breaker", "4 → 6 replicas",
              "Look at the disk of web-1 first", "run-7f3k2m", "alerts.example")  # fmt: skip

    assert [one for one in wanted if one not in called] == []


def test_where_nothing_was_tried_nothing_is_called_failed() -> None:
    called = said("denied", "escalated")

    assert "FAILED" not in called
    assert "*Attempted fix* Nothing was executed." in called


def test_who_paused_is_told_that_it_is_theirs_now() -> None:
    told = said("paused", "escalated")

    assert "⏸️ *Paused, to be investigated manually*: <@U0ANDRE>" in told
    assert "Nothing was executed." in told


def test_a_failed_rollback_is_loud_where_people_are_called() -> None:
    assert "The rollback FAILED" in said("rollback_failed", "escalated")


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("resolved", "*Resolved* in 409 s (6 min 49 s), approved by <@U0ANA>"),
        ("resolved_alone", "*Resolved automatically* in 432 s"),
    ],
)
def test_the_end_says_cause_fix_proof_and_seconds(name: str, how: str) -> None:
    ended = said(name, "ended")
    wanted = (how, "*Root cause* the alert is ServiceDown", "*Fix*", "*Verified*")

    assert [one for one in wanted if one not in ended] == []


def test_a_page_that_was_held_back_is_told_in_the_thread_and_one_for_many_lists_them() -> None:
    held = facts.Escalated(to="oncall", why="no runbook", need=Need.NOVEL, page=False, held=True)
    lines = tuple(f"inc-{n}: <!channel> is down" for n in range(30))
    gathered = facts.Gathered(incidents=tuple(f"inc-{n}" for n in range(38)), lines=lines)
    shown = {one.slot: one.message for one in notes.notes(
        builders.an_incident(builders.an_opening(), held, gathered))}  # fmt: skip

    assert "one tells of this and others within a minute" in str(shown["escalated"].blocks)
    listed = str(shown["paged-1"].blocks)
    assert "One page was sent for 38 incidents" in listed
    assert all(f"inc-{n}: " in listed for n in range(30))
    assert "… and 8 more: `/heal history 38`" in listed
    assert "<!channel>" not in listed
