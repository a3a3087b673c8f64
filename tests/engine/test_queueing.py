"""What only the limit of runs at once holds up waits its turn; nothing is lost in the queue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core import facts
from bot.core.lifecycle import State
from bot.engine.world import Limits
from tests import builders
from tests.engine.towns import Town, a_town, alert_of

NAMES = ("a", "b", "c", "d", "e", "f")
ENDED = (State.ESCALATED, State.CANCELLED, State.WITHDRAWN)


@pytest.fixture
async def town(path: Path) -> AsyncIterator[Town]:
    built = Town(path, a_town(*NAMES, concurrency=2, queue={"places": 3, "longest": "10m"}))
    await built.open()
    yield built
    await built.close()


def said(town: Town, name: str) -> str:
    closed = town.of(name).closed
    assert closed is not None
    return closed.says


async def test_the_third_of_two_waits_and_runs_when_one_is_over(town: Town) -> None:
    _, _, third = await town.breaks("a", "b", "c")
    waits = town.of(third)
    town.mend("a", "c")
    await town.until(State.HEALED, within=60, name=third)

    assert waits.queued is not None
    assert (waits.state, waits.queued.place, waits.queued.of) == (State.QUEUED, 1, 1)
    assert waits.queued.why == "2 of 2 runs under way (inc-a1, inc-a2)"
    assert town.mending.most["all"] == 2


async def test_who_came_first_goes_first_and_is_told_where_it_stands(town: Town) -> None:
    *_, last = await town.breaks("a", "b", "c", "d", "e")
    before = town.waiting
    town.mend("a")
    await town.until(State.RUNNING, within=60, name="inc-a3")
    await town.pass_(1)
    then = town.waiting
    town.mend("b", "c", "d")
    await town.until(State.RUNNING, within=120, name=last)

    assert (before, then) == (["c", "d", "e"], ["d", "e"])
    assert town.mending.begun == ["a", "b", "c", "d", "e"]
    moved = [one.place for one in await town.facts(facts.Queued) if one.advanced]
    assert moved == [1, 2, 1][: len(moved)]
    assert len(moved) >= 2


async def test_one_more_than_the_queue_holds_is_refused_and_a_person_called(town: Town) -> None:
    *_, last = await town.breaks(*NAMES)

    assert town.of(last).state is State.ESCALATED
    assert said(town, last) == (
        "policy says no: overflow: 2 of 2 runs under way (inc-a1, inc-a2), and the queue of "
        "3 places is full"
    )
    assert town.waiting == ["c", "d", "e"]


async def test_a_queue_is_the_same_after_a_restart(town: Town) -> None:
    await town.breaks("a", "b", "c", "d")
    await town.restart(away=30)
    await town.settle()
    line = town.cases.queue.line
    town.mend("a", "b", "c", "d")
    for name in ("inc-a3", "inc-a4"):
        await town.until(State.HEALED, within=180, name=name)

    assert line == ("inc-a3", "inc-a4")
    assert town.mending.begun.index("c") < town.mending.begun.index("d")


async def test_its_deadline_is_the_same_after_a_restart(town: Town) -> None:
    _, _, third = await town.breaks("a", "b", "c")
    await town.restart(away=590)
    await town.settle()
    early = town.of(third).state
    ended = await town.until(State.ESCALATED, within=11, name=third)

    assert early is State.QUEUED
    assert ended.started is None
    assert said(town, third) == (
        "its turn did not come within 10 min: 2 of 2 runs under way (inc-a1, inc-a2)"
    )


@pytest.mark.parametrize(("entries", "ends"), [(17, "mail.turn"), (18, "plan.rebuilt")])
async def test_a_turn_that_came_holds_through_a_restart(
    path: Path, entries: int, ends: str
) -> None:
    town = Town(path, a_town(*NAMES, concurrency=1))
    await town.open(entries=entries)
    await town.breaks("a", "b")
    town.mend("a")
    await town.pass_(20)
    last = [entry.kind for entry in await town.entries()][-1]
    await town.restart()
    town.mend("b")
    await town.until(State.HEALED, within=60, name="inc-a2")
    await town.close()

    assert last == ends
    assert town.mending.begun == ["a", "b"]


async def test_what_waits_can_be_cancelled(town: Town) -> None:
    _, _, third, fourth = await town.breaks("a", "b", "c", "d")
    answer = await town.requests.cancel(third, "U1", "by hand")
    await town.settle()
    await town.pass_(2)

    assert answer.text == "Cancelled: nothing was executed."
    assert (town.of(third).state, said(town, third)) == (
        State.CANCELLED, "cancelled: nothing was executed (by hand)",
    )  # fmt: skip
    assert (queued := town.of(fourth).queued) is not None
    assert (queued.place, town.cases.queue.line) == (1, (fourth,))


async def test_a_stop_empties_the_queue(town: Town) -> None:
    _, _, third, fourth = await town.breaks("a", "b", "c", "d")
    await town.orders.halt("U1", "the network moves")
    await town.settle()

    assert [town.of(name).state for name in (third, fourth)] == [State.CANCELLED] * 2
    assert town.cases.queue.line == ()


async def test_what_clears_by_itself_while_it_waits_is_withdrawn(town: Town) -> None:
    _, _, third = await town.breaks("a", "b", "c")
    await town.resolve(alert_of("c"))
    await town.settle()

    assert town.of(third).state is State.WITHDRAWN
    assert town.mending.begun == ["a", "b"]


async def test_what_got_well_while_it_waited_is_not_touched(town: Town) -> None:
    _, _, third = await town.breaks("a", "b", "c")
    town.sick.discard("c")
    town.mend("a")
    await town.until(State.ALREADY_HEALTHY, within=60, name=third)

    assert town.mending.begun == ["a", "b"]


async def test_what_policy_asks_for_by_then_is_asked_for_and_waits_no_second_time(
    town: Town,
) -> None:
    _, _, third = await town.breaks("a", "b", "c")
    strict = {"never_unattended": ("town.mend",)}
    rulebook = town.library.rulebook.model_copy(update=strict)
    town.library = builders.a_library(
        *town.library.runbooks, services=town.library.services, rulebook=rulebook
    )
    town.mend("a", "c")
    asked = await town.until(State.AWAITING_APPROVAL, within=60, name=third)
    assert asked.planned is not None
    await town.requests.vote(third, asked.planned.round, "U1", yes=True, why="")
    await town.until(State.HEALED, within=60, name=third)

    assert asked.planned.moved == ("step 1, town.mend, never runs without a person's yes",)


async def test_a_yes_that_had_to_wait_its_turn_still_holds(path: Path) -> None:
    town = Town(path, a_town(*NAMES, safety={"unattended": False}, concurrency=1))
    await town.open()
    for name in await town.breaks("a", "b"):
        await town.requests.vote(name, 0, "U1", yes=True, why="")
        await town.settle()
    await town.pass_(200)
    before = town.of("inc-a2")
    town.mend("a", "b")
    healed = await town.until(State.HEALED, within=60, name="inc-a2")
    await town.close()

    assert before.state is State.QUEUED
    assert len([told for told in healed.story if isinstance(told.fact, facts.Asked)]) == 1


async def test_the_wait_is_no_part_of_the_time_of_a_run(path: Path) -> None:
    town = Town(path, a_town(*NAMES, concurrency=2))
    town.limits = Limits(act=300)
    await town.open()
    _, _, third = await town.breaks("a", "b", "c")
    await town.pass_(290)
    town.mend("a")
    started = await town.until(State.RUNNING, within=60, name=third)
    await town.pass_(290)
    town.mend("c")
    await town.until(State.HEALED, within=60, name=third)
    await town.close()

    assert started.started_at is not None
    assert (started.started_at - started.opened_at).total_seconds() > 290
