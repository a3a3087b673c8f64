"""What was applied is taken back, last step first, and the way back is proved or called failed."""

from __future__ import annotations

from bot.core.errors import PermanentError, TemporaryError
from bot.core.library import Library
from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import House
from tests.engine.libraries import CACHE, POOL, PURGE, WEIGHT, steps


async def not_helped(house: House, library: Library) -> str:
    """Run it, find that it did not help, and say how it ended."""
    house.library = library
    house.pool.then = lambda: None
    house.weight.effects = house.pool.effects
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED, within=300)
    assert known.closed is not None
    return known.closed.says


async def test_what_did_not_help_is_taken_back_in_reverse(house: House) -> None:
    said = await not_helped(house, steps(POOL, WEIGHT))

    assert house.effects == ["pool=50", "weight=10", "undo weight=20", "undo pool=20"]
    assert said == (
        "it did not help: health.status == 200 does not hold: it is false; "
        "rolled back: set weight back to 20; set pool back to 20"
    )


async def test_every_try_of_a_step_bears_the_same_name(house: House) -> None:
    house.pool.errors.append(TemporaryError("busy", 1))
    await not_helped(house, steps(POOL))

    assert house.pool.marks == ["inc-a1:1", "inc-a1:1", "back inc-a1:1"]


async def test_a_way_back_is_proved_by_reading_every_target_again(house: House) -> None:
    await not_helped(house, steps(POOL, WEIGHT))
    proof = house.incident.back_verified

    assert proof is not None
    assert (proof.passed, [reading.seen for reading in proof.readings]) == (
        True, [{"value": 20}, {"value": 20}],
    )  # fmt: skip


async def test_what_a_step_said_would_last_is_no_failure_of_the_way_back(house: House) -> None:
    house.pool.undoes, house.pool.lasting = False, ("value",)
    said = await not_helped(house, steps(POOL))
    proof = house.incident.back_verified

    assert proof is not None
    assert proof.passed
    assert said.endswith("rolled back: set pool back to 20")


async def test_a_step_that_was_never_begun_is_not_taken_back(house: House) -> None:
    house.pool.errors = [PermanentError("no")]
    said = await not_helped(house, steps(WEIGHT, POOL, CACHE))

    assert house.effects == ["weight=10", "undo pool=20", "undo weight=20"]
    assert house.cache.effects == []
    assert said.startswith("it did not help: step 2: no; rolled back:")


async def test_a_way_back_that_fails_is_never_called_rolled_back(house: House) -> None:
    house.pool.undo_errors = [PermanentError("locked")]
    said = await not_helped(house, steps(POOL))

    assert "the rollback FAILED: step 1: locked" in said
    assert house.incident.rolled_back is not None
    assert not house.incident.rolled_back.clean


async def test_a_way_back_that_had_no_effect_is_found_out(house: House) -> None:
    house.pool.undoes = False
    said = await not_helped(house, steps(POOL))

    assert "the rollback FAILED: step 1 is {'value': 50}, was {'value': 20}" in said


async def test_a_way_back_whose_target_cannot_be_read_is_not_proved(house: House) -> None:
    house.pool.then = lambda: None
    await house.asked()
    await house.vote()
    await house.until(State.VERIFYING)
    house.pool.scope_errors = [PermanentError("gone")]
    known = await house.until(State.ESCALATED, within=300)

    assert known.rolled_back is not None
    assert known.rolled_back.says == "the rollback FAILED: it cannot be read: gone"


async def test_f02_after_one_step_back_that_failed_the_others_are_taken_back_still(
    house: House,
) -> None:
    house.weight.undo_errors = [PermanentError("locked")]
    await not_helped(house, steps(POOL, WEIGHT))

    assert house.effects == ["pool=50", "weight=10", "undo pool=20"]


async def test_what_restores_itself_has_nothing_to_take_back(house: House) -> None:
    said = await not_helped(house, steps(CACHE))

    assert house.cache.effects == ["cache=1"]
    assert said.endswith("nothing to roll back: what was done has no state to restore")


async def test_what_is_gone_for_good_is_never_called_rolled_back(house: House) -> None:
    said = await not_helped(house, steps(PURGE, POOL))

    assert house.purge.effects == ["purge=0"]
    assert "step 1 cannot be taken back: set purge to 0" in said
    assert house.incident.rolled_back is not None
    assert not house.incident.rolled_back.clean


async def test_a_proof_that_the_runbook_does_not_want_is_left_out(house: House) -> None:
    library = builders.a_library(builders.a_runbook(rollback={"verify": False}))
    await not_helped(house, library)

    assert house.incident.back_verified is None
