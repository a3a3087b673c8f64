"""What somebody who cancels is told is true, in every state and at every moment between two."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.core import approval, facts
from bot.core.approval import Ending
from bot.core.facts.fact import Fact
from bot.core.lifecycle import ENDS, TABLE, Event, State
from bot.engine import recording
from bot.ports import Answer
from tests import builders
from tests.engine.houses import House

PLAN = builders.a_plan()
REQUEST = approval.Request(
    round=1, plan_digest=PLAN.digest, quorum=1, expires_at=builders.START + timedelta(hours=1)
)
HAPPENS: dict[Event, Fact] = {
    Event.EVIDENCE_READ: facts.Diagnosed(),
    Event.PLAN_MADE: facts.Planned(round=1, plan=PLAN, digest=PLAN.digest),
    Event.POLICY_ALLOWED: facts.Allowed(round=1, digest=PLAN.digest),
    Event.POLICY_ASKED: facts.Asked(request=REQUEST),
    Event.RUN_STARTED: facts.Started(
        digest=PLAN.digest, runbook="raise-pool", service="shop", environment="production",
        targets=(),
    ),
    Event.TURN_AWAITED: facts.Queued(
        round=1, at=builders.START, place=1, of=1, until=builders.START + timedelta(minutes=30)
    ),
    Event.STEPS_DONE: facts.Acted(),
    Event.STEP_FAILED: facts.Acted(failed="it failed"),
    Event.VERIFIED: facts.Verified(passed=True, why="it held", checks=1, held=1, seconds=1),
    Event.TIME_TO_REVERT: facts.Reverting(why="its time is up"),
}  # fmt: skip
STOPS = (True, "inc-a1 stops at its next safe point.")
WITHDRAWN = (True, "Cancelled: nothing was executed.")
ANSWERS: dict[State, tuple[bool, str]] = {
    State.OPENED: STOPS,
    State.DIAGNOSED: STOPS,
    State.PLANNED: STOPS,
    State.AWAITING_APPROVAL: WITHDRAWN,
    State.APPROVED: STOPS,
    State.QUEUED: WITHDRAWN,
    State.RUNNING: STOPS,
} | {
    state: (False, f"Too late to cancel: inc-a1 is {state}")
    for state in (State.VERIFYING, State.ROLLING_BACK, State.HEALED, State.REVERTING, *ENDS)
}


def way_to(state: State) -> list[Fact]:
    """The shortest story of an incident that stands there."""
    ways: dict[State, list[Fact]] = {State.OPENED: []}
    for here in State:  # in the order of the lifecycle: what leads to a state stands before it
        for event, there in TABLE[here].items():
            happens = HAPPENS.get(event) or facts.Closed(event=event, says="it ended")
            ways.setdefault(there, [*ways[here], happens])
    return ways[state]


async def stands(house: House, *story: Fact) -> str:
    """An incident that only the record knows: nothing moves it while it is asked about."""
    opened = builders.an_opening()
    for number, fact in enumerate((opened, *story)):
        await recording.record(house.world, "inc-a1", f"told:{number}", fact)
    return "inc-a1"


def test_every_state_has_its_answer() -> None:
    assert set(ANSWERS) == set(State)


@pytest.mark.parametrize("state", list(State))
async def test_in_each_state_a_cancel_is_answered_as_it_will_be(house: House, state: State) -> None:
    name = await stands(house, *way_to(state))
    done, text = ANSWERS[state]
    answer = await house.requests.cancel(name, "U1", "wrong shop")

    assert house.of(name).state is state
    assert (answer.done, answer.text[: len(text)]) == (done, text)


@pytest.mark.parametrize("ending", [Ending.REJECTED, Ending.PAUSED, Ending.WITHDRAWN])
async def test_a_cancel_behind_another_no_is_too_late(house: House, ending: Ending) -> None:
    no = facts.Decided(at=builders.START, ending=ending, by=("U2",))
    name = await stands(house, *way_to(State.AWAITING_APPROVAL), no)
    answer = await house.requests.cancel(name, "U1", "")

    assert (answer.done, answer.text[:18]) == (False, "Too late to cancel")


async def test_a_cancel_of_what_expired_is_too_late(house: House) -> None:
    over = facts.Expired(deadline=builders.START)
    name = await stands(house, *way_to(State.AWAITING_APPROVAL), over)
    answer = await house.requests.cancel(name, "U1", "")

    assert (answer.done, answer.text[:18]) == (False, "Too late to cancel")


@asynccontextmanager
async def slow_disk(house: House) -> AsyncIterator[None]:
    """Nothing that is written meanwhile is written before the end of this."""
    room = threading.Event()
    held = house.writer.submit(lambda db: room.wait(10))
    try:
        yield
    finally:
        room.set()
        await held


async def in_its_last_step(house: House) -> None:
    house.slow(house.pool)
    await house.asked()
    await house.vote()
    await house.until(State.RUNNING)
    await house.settle()


async def cancelled(house: House) -> asyncio.Task[Answer]:
    """Somebody cancels, and waits for the answer."""
    asking = house.requests.cancel("inc-a1", "U1", "wrong")
    task = house.tasks.start(asking, name="cancel")
    await house.turn()
    return task


async def test_a_cancel_that_is_being_written_when_the_last_step_ends_is_heard(
    house: House,
) -> None:
    await in_its_last_step(house)
    async with slow_disk(house):
        asking = await cancelled(house)
        house.clock.advance(10)
        await house.turn()
    answer = await asking
    await house.until(State.CANCELLED, within=20)

    assert (answer.done, answer.text) == STOPS
    assert house.effects == ["pool=50", "undo pool=20"]


async def test_a_cancel_that_comes_while_the_end_of_the_last_step_is_being_written_is_too_late(
    house: House,
) -> None:
    await in_its_last_step(house)
    async with slow_disk(house):
        house.clock.advance(10)
        await house.turn()
        asking = await cancelled(house)
    answer = await asking
    await house.until(State.HEALED, within=60)

    assert (answer.done, answer.text[:18]) == (False, "Too late to cancel")
    assert house.effects == ["pool=50"]
    assert await house.facts(facts.Cancelling) == []


async def test_a_cancel_that_was_heard_is_not_too_late_when_it_is_given_again(house: House) -> None:
    await in_its_last_step(house)
    async with slow_disk(house):
        first = await cancelled(house)
        house.clock.advance(10)
        await house.turn()
        second = await cancelled(house)
    await house.until(State.CANCELLED, within=20)

    assert (await first).done
    assert (await second).done


async def test_who_was_checked_for_long_is_answered_as_it_stands_by_then(house: House) -> None:
    await in_its_last_step(house)
    house.people.gate = asyncio.Event()
    asking = await cancelled(house)
    house.clock.advance(10)
    await house.until(State.VERIFYING)
    house.people.gate.set()
    answer = await asking

    assert (answer.done, answer.text[:41]) == (False, "Too late to cancel: inc-a1 is verifying; ")
