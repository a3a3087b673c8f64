"""A healed run is taken back by a plan of its own, asked for like any other."""

from __future__ import annotations

from bot.core.errors import TemporaryError
from bot.core.lifecycle import State
from tests.engine.houses import SICK, WAITING, House
from tests.engine.libraries import POOL, WEIGHT, steps


async def test_a_healed_run_is_taken_back_by_a_plan_of_its_own(house: House) -> None:
    house.library = steps(WEIGHT, POOL)
    house.weight.effects = house.pool.effects
    name = await house.healed()
    house.clock.advance(2)
    answer = await house.requests.undo(name, "U1", "", "")
    known = await house.until(WAITING)

    assert (answer.done, known.opened.undoes) == (True, name)
    assert known.plan is not None
    assert [step.scope.says for step in known.plan.steps] == [
        "set pool back to 20", "set weight back to 20",
    ]  # fmt: skip

    await house.vote("U2")
    await house.until(State.RESOLVED)

    assert house.effects == ["weight=10", "pool=50", "undo pool=20", "undo weight=20"]


async def test_who_asked_to_take_it_back_may_not_approve_that(house: House) -> None:
    name = await house.healed()
    await house.requests.undo(name, "U1", "", "")
    await house.until(WAITING)

    assert not (await house.vote("U1")).done


async def test_taking_back_that_had_no_effect_is_not_called_resolved(house: House) -> None:
    name = await house.healed()
    house.pool.undoes = False
    await house.requests.undo(name, "U1", "", "")
    await house.until(WAITING)
    await house.vote("U2")
    known = await house.until(State.ESCALATED)

    assert known.verified is not None
    assert not known.verified.passed


async def test_what_was_never_done_cannot_be_taken_back(house: House) -> None:
    name = await house.asked()
    early = await house.requests.undo(name, "U1", "", "")
    await house.vote(yes=False)
    await house.until(State.REJECTED)
    late = await house.requests.undo(name, "U1", "", "")

    assert (early.text, late.text) == (
        "inc-a1 is awaiting approval: cancel it instead.", "Nothing in inc-a1 can be put back.",
    )  # fmt: skip


async def test_what_was_rolled_back_already_cannot_be_taken_back_again(house: House) -> None:
    house.pool.then = lambda: house.health.says(SICK)
    name = await house.asked()
    await house.vote()
    await house.until(State.ESCALATED, within=120)
    answer = await house.requests.undo(name, "U1", "", "")

    assert answer.text == "Nothing in inc-a1 can be put back."


async def test_a_target_that_cannot_be_read_makes_no_plan_to_take_it_back(house: House) -> None:
    name = await house.healed()
    house.pool.scope_errors = [TemporaryError("no answer")]
    await house.requests.undo(name, "U1", "", "")
    known = await house.until(State.ESCALATED)

    assert known.closed is not None
    assert "fake.pool: its target cannot be read: no answer" in known.closed.says
