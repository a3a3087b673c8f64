"""The plan block of a run: which task stands where."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core import facts
from bot.rehearsal.workspace.kit import surfaces
from bot.slack.cards import message, progress, spoken, style
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


def task(name: str, of: str, page: str = "") -> dict[str, Any]:
    card = progress.card(stories.incident(name), page=page)
    assert card is not None
    block: Any = card.blocks[0]
    return next(one for one in block["tasks"] if one["task_id"] == of)


def test_a_step_says_by_what_on_what_and_since_when_and_leads_to_its_page() -> None:
    begun = task("running", "step-2", "https://heal.example/incidents/inc-7f3k2m")
    [said] = begun["details"]["elements"]
    on, _, since = said["elements"]
    pending = task("running", "verify", "https://heal.example/incidents/inc-7f3k2m")

    step = stories.incident("running").plan.steps[1]  # type: ignore[union-attr]
    assert on["text"].startswith(f"{step.action} on {step.scope.blast_radius.targets[0].name}")
    assert (since["type"], since["format"]) == ("date", "{time_secs}")
    assert begun["sources"][0]["url"] == "https://heal.example/incidents/inc-7f3k2m"
    assert "sources" not in pending


def test_where_slack_knows_no_plan_the_lines_say_by_what_and_since_when_too() -> None:
    card = progress.card(stories.incident("running"))
    assert card is not None
    plain = str(style.dressed(card.blocks, style.CardsSettings(), plainly=True))

    assert " on " in plain
    assert ", begun <!date^" in plain
    assert ", begun 20" in spoken.text("", card.blocks, 4000)


def test_however_much_there_is_to_say_slack_takes_the_progress() -> None:
    known = stories.incident("rolling_back")
    plan, planned = known.plan, known.planned
    assert plan is not None
    assert planned is not None
    scope = plan.steps[0].scope.model_copy(update={"says": "word " * 100})
    steps = tuple(plan.steps[0].model_copy(update={"number": n, "scope": scope})
                  for n in range(1, 11))  # fmt: skip
    ended = tuple(facts.Stepped(number=n, ending=facts.StepEnding.DONE, says="did " * 99,
                                seconds=3) for n in range(1, 11))  # fmt: skip
    large = known.model_copy(update={
        "planned": planned.model_copy(update={"plan": plan.model_copy(update={"steps": steps})}),
        "steps": ended, "undone": tuple(one.model_copy(update={"back": True}) for one in ended),
    })  # fmt: skip
    card = progress.card(large, page="https://heal.example/incidents/inc-7f3k2m")
    assert card is not None

    assert sum(map(message.size, card.blocks)) <= message.MOST_CHARACTERS
    assert surfaces.accepted(card.blocks, surfaces.Surface.MESSAGE)
