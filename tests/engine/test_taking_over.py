"""Another replica may be cut off and still at a step: its time runs out before it is taken up."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from bot.core import facts
from bot.core.errors import TemporaryError
from bot.core.facts import StepEnding
from bot.core.lifecycle import State
from bot.core.plan import OnUncertain
from bot.core.transcript import Entry
from bot.durable.others import LATE, Acts
from tests.engine.houses import WAITING, House
from tests.engine.libraries import POOL, steps

TIMEOUT = 30
"""Seconds that the step of POOL may take."""


class Replicas:
    """Others that recorded all that stood when this life began."""

    def __init__(self, upto: int, *, dead: bool = False) -> None:
        self.upto, self.dead = upto, dead
        self.acts = Acts()

    def theirs(self, entry: Entry) -> bool:
        return entry.seq <= self.upto

    def gone(self) -> bool:
        return self.dead

    def acting(self) -> AbstractAsyncContextManager[None]:
        return self.acts.acting()


async def cut_off(house: House, on_uncertain: OnUncertain = OnUncertain.PROBE) -> None:
    """Its step is claimed and has begun, and has had no effect yet."""
    house.library = steps({**POOL, "on_uncertain": on_uncertain})
    house.pool.hangs = "before"
    await house.asked()
    await house.vote()
    await house.pool.begun.wait()
    await house.settle()


async def taken_over(house: House, *, dead: bool = False) -> None:
    house.others = Replicas((await house.ledger.head()).seq, dead=dead)
    await house.restart()
    await house.settle()


def lands(house: House) -> None:
    """The act of the replica that was cut off has its effect only now."""
    house.pool.value = 50
    house.pool.effects.append("pool=50")
    house.get_well()


async def claims(house: House) -> list[bool]:
    return [claim.again for claim in await house.facts(facts.Claimed)]


async def test_an_act_that_lands_after_a_take_over_is_waited_for_and_not_done_twice(
    house: House,
) -> None:
    await cut_off(house)
    await taken_over(house)
    house.clock.advance(TIMEOUT + LATE - 1)
    await house.settle()
    assert house.effects == []
    lands(house)
    await house.until(State.HEALED, within=60)

    assert house.incident.steps[0].ending is StepEnding.FOUND_DONE
    assert house.effects == ["pool=50"]
    assert await claims(house) == [False, True]


async def test_what_may_be_redone_is_redone_only_when_the_time_of_the_other_is_over(
    house: House,
) -> None:
    await cut_off(house, OnUncertain.REDO)
    await taken_over(house)
    house.clock.advance(TIMEOUT + LATE - 1)
    await house.settle()
    assert house.pool.marks == ["inc-a1:1"], "the one that was cut off"
    await house.until(State.HEALED, within=60)

    assert len(house.pool.marks) == 2


async def test_who_is_known_to_be_dead_is_not_waited_for(house: House) -> None:
    await cut_off(house)
    now = house.clock.now()
    await taken_over(house, dead=True)

    assert house.effects == ["pool=50"]
    assert house.clock.now() == now
    assert await claims(house) == [False, True]


async def test_who_is_waited_for_and_dies_is_waited_for_no_more(house: House) -> None:
    await cut_off(house)
    await taken_over(house)
    assert house.effects == []
    assert isinstance(house.others, Replicas)
    house.others.dead = True
    house.clock.advance(1)
    await house.settle()

    assert house.effects == ["pool=50"]


async def test_a_third_replica_waits_for_the_second_as_that_did_for_the_first(
    house: House,
) -> None:
    await cut_off(house)
    await taken_over(house)
    house.pool.hangs = "before"
    house.clock.advance(TIMEOUT + LATE)
    await house.settle()
    assert len(house.pool.marks) == 2, "the second has begun it"
    await taken_over(house)
    house.clock.advance(TIMEOUT + LATE - 1)
    await house.settle()
    assert len(house.pool.marks) == 2
    lands(house)
    await house.until(State.HEALED, within=60)

    assert house.effects == ["pool=50"]
    assert await claims(house) == [False, True, True]


async def test_a_way_back_that_another_has_begun_is_waited_for(house: House) -> None:
    house.library = steps(POOL)
    house.pool.then = lambda: None  # it does not help
    await house.asked()
    house.pool.undo_errors = [TemporaryError("not now", retry_after=1000)]
    await house.vote()
    await house.until(State.ROLLING_BACK, within=200)
    await house.settle()
    begun = len(house.pool.marks)
    await taken_over(house)
    house.clock.advance(60 + LATE - 1)
    await house.settle()
    assert len(house.pool.marks) == begun
    await house.until(State.ESCALATED, within=60)

    assert len(house.pool.marks) == begun + 1


async def test_where_no_step_was_begun_nothing_is_waited_for(house: House) -> None:
    house.library = steps(POOL)
    await house.asked()
    await taken_over(house)
    assert house.incident.state is WAITING
    now = house.clock.now()
    await house.vote()
    await house.settle()

    assert house.effects == ["pool=50"]
    assert house.clock.now() == now


async def test_a_step_whose_claim_was_recorded_too_late_is_not_begun(house: House) -> None:
    """By then another replica may have waited for its end, and be at it."""
    house.library = steps(POOL)
    house.others = Replicas(0)
    await house.close()
    await house.open()

    def late(entry: Entry) -> None:
        if entry.kind == "step.claimed":
            house.clock.advance(TIMEOUT + LATE)

    house.ledger.subscribe(late)
    await house.asked()
    await house.vote()
    await house.until(State.ESCALATED, within=60)

    assert house.effects == []
    assert house.incident.steps[0].ending is StepEnding.SKIPPED
    assert "in the time that it was claimed for" in house.incident.steps[0].says


async def test_an_act_is_broken_off_once_another_replica_may_act(house: House) -> None:
    house.others = Replicas(0)
    await house.close()
    await house.open()
    await cut_off(house)
    assert isinstance(house.others, Replicas)
    house.others.acts.break_off()
    await house.until(State.ESCALATED, within=200)

    step = house.incident.steps[0]
    assert step.ending is StepEnding.UNKNOWN
    assert "another replica may act" in step.says
