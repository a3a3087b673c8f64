"""A healed run is taken back by a plan of its own, asked for like any other."""

from __future__ import annotations

from bot.core.errors import AlreadyThere, PermanentError, TemporaryError
from bot.core.lifecycle import State
from tests.engine.houses import SICK, WAITING, House
from tests.engine.libraries import POOL, WEIGHT, steps
from tests.fakes import Setting


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


async def test_a_run_that_was_taken_back_says_so_and_not_before(house: House) -> None:
    name = await house.healed()
    answer = await house.requests.undo(name, "U1", "", "")
    await house.until(WAITING)
    asked = house.of(name).taken_back
    await house.vote("U2")
    await house.until(State.RESOLVED)
    done = house.of(name).taken_back

    assert asked is None
    assert done is not None
    assert done.by == answer.incident


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


async def test_what_an_action_finds_done_already_can_be_taken_back(house: House) -> None:
    name = await house.healed()
    there = await house.pool.scope(Setting(to=50))
    house.pool.scope_errors = [AlreadyThere("it is 50 already", there) for _ in range(2)]
    await house.requests.undo(name, "U1", "", "")
    await house.until(WAITING)
    await house.vote("U2")
    await house.until(State.RESOLVED)

    assert house.effects == ["pool=50", "undo pool=20"]


async def test_what_was_taken_back_is_not_taken_back_again(house: House) -> None:
    name = await house.healed()
    await house.requests.undo(name, "U1", "", "")
    await house.until(WAITING)
    meanwhile = await house.requests.undo(name, "U3", "", "")
    await house.vote("U2")
    await house.until(State.RESOLVED)
    afterwards = await house.requests.undo(name, "U3", "", "")

    assert (meanwhile.done, afterwards.done) == (False, False)
    assert "Somebody asked already to take inc-a1 back: inc-a2 is resolved" in afterwards.text
    assert house.effects == ["pool=50", "undo pool=20"]


async def test_a_no_to_taking_back_is_not_for_ever(house: House) -> None:
    name = await house.healed()
    await house.requests.undo(name, "U1", "", "")
    await house.until(WAITING)
    await house.vote("U2", yes=False)
    await house.until(State.REJECTED)
    again = await house.requests.undo(name, "U1", "", "")

    assert again.done


async def test_a_wish_to_take_back_that_is_delivered_twice_is_one(house: House) -> None:
    name = await house.healed()
    first = await house.requests.undo(name, "U1", "", "", once="one click")
    second = await house.requests.undo(name, "U1", "", "", once="one click")

    assert (first.incident, first.done) == (second.incident, second.done)


async def test_a_way_back_that_failed_can_be_tried_again_on_request(house: House) -> None:
    house.pool.then = lambda: house.health.says(SICK)
    house.pool.undo_errors = [PermanentError("locked")]
    name = await house.asked()
    await house.vote()
    await house.until(State.ESCALATED, within=120)
    await house.requests.undo(name, "U1", "", "")
    house.clock.advance(2)
    await house.until(WAITING)
    await house.vote("U2")
    await house.until(State.RESOLVED)

    assert house.pool.value == 20


async def test_a_target_that_changed_after_the_question_is_asked_about_again(
    house: House,
) -> None:
    name = await house.healed()
    await house.requests.undo(name, "U1", "", "")
    await house.until(WAITING)
    house.pool.value = 80
    await house.vote("U2")
    known = await house.until(WAITING)

    assert known.planned is not None
    assert known.planned.moved == ("step 1 finds {'value': 80}",)
