"""A step that an earlier life may have begun: never twice without knowing."""

from __future__ import annotations

import pytest

from bot.core.errors import PermanentError, TemporaryError, UncertainError
from bot.core.facts import StepEnding
from bot.core.lifecycle import State
from bot.core.plan import OnUncertain
from tests.engine.houses import HEALTHY, SICK, House
from tests.engine.libraries import POOL, WEIGHT, steps


async def in_doubt(house: House, hangs: str, on_uncertain: OnUncertain, *, tells: bool) -> None:
    """The house dies in its only step, before or after the effect."""
    house.library = steps({**POOL, "on_uncertain": on_uncertain})
    house.pool.hangs, house.pool.tells = hangs, tells
    await house.asked()
    await house.vote()
    await house.pool.begun.wait()
    await house.settle()
    await house.restart()
    await house.until(State.HEALED, State.ESCALATED, within=200)


async def test_a_step_that_took_effect_before_the_death_is_found_done(house: House) -> None:
    await in_doubt(house, "after", OnUncertain.PROBE, tells=True)
    step = house.incident.steps[0]

    assert (step.ending, step.uncertain, house.effects) == (
        StepEnding.FOUND_DONE, True, ["pool=50"],
    )  # fmt: skip
    assert house.incident.state is State.HEALED


async def test_a_step_that_took_no_effect_before_the_death_is_done_now(house: House) -> None:
    await in_doubt(house, "before", OnUncertain.PROBE, tells=True)
    step = house.incident.steps[0]

    assert (step.ending, step.uncertain, house.effects) == (StepEnding.DONE, True, ["pool=50"])


async def test_when_nobody_can_tell_it_is_not_repeated_and_the_criteria_speak(
    house: House,
) -> None:
    await in_doubt(house, "after", OnUncertain.PROBE, tells=False)

    assert house.incident.steps[0].ending is StepEnding.UNKNOWN
    assert (house.incident.state, house.effects) == (State.HEALED, ["pool=50"])


@pytest.mark.parametrize("error", [PermanentError("no answer"), TemporaryError("no answer")])
async def test_a_world_that_does_not_answer_cannot_tell(house: House, error: Exception) -> None:
    house.pool.landed_errors = [error]
    await in_doubt(house, "after", OnUncertain.PROBE, tells=True)

    assert house.incident.steps[0].ending is StepEnding.UNKNOWN


async def test_when_nobody_can_tell_and_it_did_not_help_it_is_taken_back(house: House) -> None:
    await in_doubt(house, "before", OnUncertain.PROBE, tells=False)

    assert (house.incident.state, house.effects) == (State.ESCALATED, ["undo pool=20"])


async def test_a_step_that_may_be_repeated_is_repeated_and_marked(house: House) -> None:
    await in_doubt(house, "after", OnUncertain.REDO, tells=True)
    step = house.incident.steps[0]

    assert (step.ending, step.uncertain) == (StepEnding.DONE, True)
    assert house.effects == ["pool=50", "pool=50"]


async def test_a_step_that_only_people_may_judge_is_not_repeated(house: House) -> None:
    await in_doubt(house, "after", OnUncertain.ASK, tells=True)

    assert house.incident.steps[0].ending is StepEnding.UNKNOWN
    assert house.effects == ["pool=50"]


async def test_a_step_in_doubt_before_another_step_ends_the_run(house: House) -> None:
    house.library = steps({**POOL, "on_uncertain": "ask"}, WEIGHT)
    house.pool.hangs = "after"
    await house.asked()
    await house.vote()
    await house.pool.begun.wait()
    await house.settle()
    await house.restart()
    await house.until(State.ESCALATED, within=200)

    assert house.weight.effects == []
    assert house.effects == ["pool=50", "undo pool=20"]


async def test_what_was_begun_and_not_seen_to_its_end_is_not_repeated_and_the_criteria_speak(
    house: House,
) -> None:
    house.library = steps({**POOL, "on_uncertain": OnUncertain.PROBE})
    house.pool.errors = [UncertainError("the connection broke")]
    await house.asked()
    house.health.says(SICK, SICK, HEALTHY)
    await house.vote()
    await house.until(State.HEALED, State.ESCALATED, within=200)
    step = house.incident.steps[0]

    assert (step.ending, step.says) == (StepEnding.UNKNOWN, "the connection broke")
    assert house.pool.marks == [f"{house.incident.id}:1"]
    assert house.incident.state is State.HEALED


async def test_what_may_be_done_twice_is_done_again_when_its_end_was_not_seen(
    house: House,
) -> None:
    house.library = steps({**POOL, "on_uncertain": OnUncertain.REDO})
    house.pool.errors = [UncertainError("the connection broke")]
    await house.asked()
    await house.vote()
    await house.until(State.HEALED, State.ESCALATED, within=200)

    assert house.incident.steps[0].ending is StepEnding.DONE
    assert house.effects == ["pool=50"]


async def test_a_way_back_whose_end_was_not_seen_is_gone_again(house: House) -> None:
    house.pool.then = lambda: None
    house.pool.undo_errors = [UncertainError("the connection broke")]
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED, within=400)

    assert known.rolled_back is not None
    assert known.rolled_back.clean
    assert house.effects == ["pool=50", "undo pool=20"]
