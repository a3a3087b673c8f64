"""What must hold after a step holds before the next one begins, or everything goes back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import JsonValue

from bot.core import facts
from bot.core.lifecycle import State
from bot.core.values import Facts
from bot.engine.world import Limits
from bot.store.verifying import verify
from tests.engine import test_surviving
from tests.engine.houses import HEALTHY, SICK, House
from tests.engine.libraries import POOL, WEIGHT, steps

THEN: Facts = {"success": "health.status < 600", "within": "20s", "every": "5s", "hold": "10s"}
HALF: Facts = {**WEIGHT, "then": THEN}
NEVER: Facts = {**WEIGHT, "then": {**THEN, "success": "health.status == 201"}}
WORSE: Facts = {"status": 600}
OWN: Facts = {**THEN, "success": "share.status > 1"}
ENTRIES = 19


async def run(house: House, first: Facts, *ends: State) -> facts.StepVerified:
    """Approve two steps, and return what was seen between them."""
    house.library = steps(first, POOL)
    house.weight.effects = house.pool.effects
    await house.asked()
    await house.vote()
    await house.until(State.HEALED, State.ESCALATED, State.CANCELLED, *ends, within=300)
    (proof,) = house.incident.proofs
    return proof


async def test_the_next_step_begins_when_what_must_hold_has_held(house: House) -> None:
    proof = await run(house, HALF)
    kinds = [entry.kind for entry in await house.entries()]
    between = kinds[kinds.index("step.ended") + 1 :][:2]

    assert (proof.number, proof.passed, proof.held, proof.checks) == (1, True, 10, 3)
    assert proof.why == "health.status < 600 held for 10 s"
    assert between == ["step.verified", "step.claimed"]
    assert house.effects == ["weight=10", "pool=50"]


async def test_what_does_not_hold_is_the_end_and_all_goes_back(house: House) -> None:
    proof = await run(house, NEVER)
    known = house.incident

    assert (known.state, proof.passed) == (State.ESCALATED, False)
    assert house.effects == ["weight=10", "undo weight=20"]
    assert known.escalated is not None
    assert (
        "step 1 was done, but health.status == 201 does not hold: it is false; "
        "rolled back: set weight back to 20"
    ) in known.escalated.why
    assert [one.seen for one in proof.readings] == [SICK]


async def test_what_held_for_a_moment_only_does_not_hold(house: House) -> None:
    house.weight.then = lambda: house.health.says(*[HEALTHY, WORSE] * 9)
    proof = await run(house, HALF)

    assert not proof.passed
    assert house.effects == ["weight=10", "undo weight=20"]


async def test_a_probe_that_sees_nothing_lets_nothing_begin(house: House) -> None:
    house.weight.then = lambda: house.health.says({})
    proof = await run(house, HALF)

    assert (proof.passed, house.effects) == (False, ["weight=10", "undo weight=20"])


@pytest.mark.parametrize("stop", ["cancel", "halt"])
async def test_a_stop_is_heard_while_it_is_looked_at(house: House, stop: str) -> None:
    house.library = steps(HALF, POOL)
    await house.asked()
    await house.vote()
    await house.pass_(2)
    if stop == "cancel":
        await house.requests.cancel(house.incident.id, "U1", "wrong shop")
    else:
        await house.orders.halt("U1", "wrong shop")
    await house.until(State.CANCELLED, within=6)
    (proof,) = house.incident.proofs

    assert (proof.passed, proof.stopped) == (False, True)
    assert (house.weight.effects, house.effects) == (["weight=10", "undo weight=20"], [])


async def test_it_has_no_more_time_than_the_steps_of_the_run(house: House) -> None:
    house.limits = Limits(act=12)
    await house.restart()
    proof = await run(house, NEVER)

    assert (proof.passed, proof.seconds) == (False, 12)


async def test_it_is_part_of_the_plan_that_is_approved(house: House) -> None:
    house.library = steps(HALF, POOL)
    await house.asked()
    plan = house.incident.plan
    assert plan is not None
    first = plan.steps[0]
    assert first.then is not None
    longer = first.model_copy(update={"then": first.then.model_copy(update={"hold": 11})})

    assert (first.then.success, first.then.hold) == ("health.status < 600", 10)
    assert [one.probe for one in first.then.probes] == ["fake.health"]
    assert plan.digest != plan.model_copy(update={"steps": (longer, plan.steps[1])}).digest


async def test_probes_of_its_own_are_read_in_place_of_those_of_verify(house: House) -> None:
    probes: list[JsonValue] = [{"probe": "fake.health", "as": "share"}]
    proof = await run(house, {**WEIGHT, "then": {**OWN, "probes": probes}})

    assert [one.name for one in proof.readings] == ["share"]


async def test_taking_a_run_back_waits_for_nothing_between(house: House) -> None:
    await run(house, HALF)
    await house.resolve()
    await house.requests.undo(house.incident.id, "U1", "", "")
    await house.until(State.AWAITING_APPROVAL)
    undo = house.incident.plan

    assert undo is not None
    assert [(step.back, step.then) for step in undo.steps] == [(True, None)] * 2


def increments(path: Path) -> House:
    """Two steps, and something that must hold between them."""
    return House(path, steps(HALF, POOL))


async def test_the_deaths_below_are_one_for_every_entry_of_two_increments(path: Path) -> None:
    assert await test_surviving.undisturbed(increments(path)) == ENTRIES


@pytest.mark.parametrize("entries", range(ENTRIES + 1))
async def test_increments_survive_a_death_after_any_entry(path: Path, entries: int) -> None:
    house = increments(path)
    await test_surviving.live_and_die(house, entries)
    known, seen = house.incident, await house.facts(facts.StepVerified)
    await house.close()

    assert known.state is State.RESOLVED
    assert test_surviving.done(house) == ["weight=10", "pool=50"]
    assert [one.passed for one in seen] == [True]
    assert verify(house.path).sound


async def test_a_death_while_it_is_looked_at_begins_the_look_anew(house: House) -> None:
    house.library = steps(HALF, POOL)
    await house.asked()
    await house.vote()
    await house.pass_(7)
    assert not house.incident.proofs
    await house.restart()
    await asyncio.sleep(0)
    await house.pass_(8)

    assert not house.incident.proofs

    await house.until(State.HEALED, within=60)

    assert [one.seconds for one in house.incident.proofs] == [10]
    assert (house.weight.effects, house.effects) == (["weight=10"], ["pool=50"])
