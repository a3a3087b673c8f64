"""Every open card says what it waits for, and what a cancel would mean just then."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core import facts
from bot.core.headway import Headway
from bot.slack.cards import cancelling, outcome, progress, root
from tests import builders
from tests.slack.cards import pieces, runs, stories

FIRST_ENDS = (
    "Step 2 of 2 is being done and ends first. Then nothing more begins, and steps 1 and 2 are "
    "taken back."
)


def shown(name: str) -> str:
    blocks = root.card(stories.incident(name), builders.START).blocks
    return "\n".join(str(text) for block in blocks for text in block.values())


@pytest.mark.parametrize("name", stories.STORIES)
def test_every_open_card_and_no_other_says_what_it_waits_for(name: str) -> None:
    assert ("⏳" in shown(name)) is not stories.incident(name).over


@pytest.mark.parametrize(
    ("name", "waits"),
    [
        ("awaiting", "⏳ Waits for <!subteam^S0APPROVERS> to decide, until <!date^"),
        ("awaiting_two", "⏳ Waits for 1 more of <!subteam^S0APPROVERS> to decide, until <!date^"),
        ("approved", "⏳ Waits for policy to look once more; then it begins"),
        ("queued", "⏳ Waits its turn: *2 of 3*"),
        ("running", "⏳ Waits for step 2 of 2 to be done: `"),
        ("between", "⏳ Waits for `cpu.value &lt; 0.9` to hold, before anything else begins"),
        ("verifying", "` to hold for 30 s, until <!date^"),
        ("rolling_back", "⏳ Waits for step 1 of 2 to be taken back: `"),
        ("healed", "⏳ The alert is not cleared yet"),
        ("waiting", "which it needs"),
    ],
)
def test_it_says_who_or_what_and_until_when(name: str, waits: str) -> None:
    assert waits in shown(name)


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("approved", cancelling.NOTHING),
        ("queued", cancelling.NOTHING),
        (
            "running",
            FIRST_ENDS,
        ),
        ("between", "Nothing more begins, and step 1 is taken back."),
        ("awaiting", ""),
        ("verifying", ""),
        ("rolling_back", ""),
        ("resolved", ""),
    ],
)
def test_a_cancel_says_before_it_is_pressed_what_it_means_now(name: str, means: str) -> None:
    assert cancelling.meaning(stories.incident(name)) == means
    assert ("cancel_run" in shown(name)) is bool(means)


def test_what_cannot_be_taken_back_is_named_before_somebody_cancels() -> None:
    plan = builders.a_plan()
    began = (*runs.in_increments()[:-2], pieces.planned(plan), pieces.asked(plan))
    started = builders.an_incident(*began, *runs.between()[len(runs.in_increments()) :])
    assert started.plan is not None
    kept = [one.model_copy(update={"reversibility": "irreversible"}) for one in started.plan.steps]
    told = started.planned
    assert told is not None
    gone = told.model_copy(update={"plan": plan.model_copy(update={"steps": tuple(kept)})})
    meaning = cancelling.meaning(started.model_copy(update={"planned": gone}))

    assert "cannot be taken back" in meaning


def test_once_somebody_cancelled_the_button_is_gone_and_the_card_says_what_comes_of_it() -> None:
    letter = builders.Told(facts.Cancelling(by="U0BEN", why="we do it by hand"), "U0BEN")
    stopping = builders.an_incident(*runs.running(), letter)
    said = "\n".join(outcome.lines(stopping))

    assert cancelling.button(stopping) is None
    assert "<@U0BEN> cancelled it: we do it by hand. What is being done ends first" in said


def test_the_task_that_goes_on_says_how_far_it_is() -> None:
    now = Headway(says="8 of 12 pods <!here> are ready", at=builders.START, left=120)
    card: Any = progress.card(stories.incident("running"), now)
    busy = [one for one in card.blocks[0]["tasks"] if one["status"] == "in_progress"]
    text = busy[0]["output"]["elements"][0]["elements"][0]["text"]

    assert (len(busy), text) == (1, "8 of 12 pods <!here> are ready, about 2 min left")
    assert "⏳ Waits for step 2 of 2" in str(card.blocks[1])


def test_what_is_over_says_nothing_of_what_went_on() -> None:
    late = Headway(says="8 of 12 pods are ready", at=builders.START)

    assert progress.card(stories.incident("resolved"), late) == progress.card(
        stories.incident("resolved")
    )
