"""Somebody sets the wall clock by an hour or a day, at any time: nothing unsafe comes of it."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

import pytest

from bot.core import facts
from bot.core.lifecycle import ENDS, State
from bot.store.verifying import verify
from tests import builders
from tests.engine.houses import SICK, House
from tests.engine.libraries import reverting

HOUR, DAY = 3600, 86_400
STEPS = (-DAY, -HOUR, HOUR, DAY)
OPEN = 300
"""Seconds that a question of these runbooks is open."""


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("asked_for", [1, 299, 301])
async def test_e08_a_yes_counts_only_while_both_clocks_say_that_the_question_is_open(
    house: House, step: int, asked_for: int
) -> None:
    await house.asked()
    began = house.clock.monotonic()
    house.clock.set(step)
    await house.pass_(asked_for)
    answer = await house.vote()
    await house.until(State.HEALED, *ENDS, within=400)
    request = (await house.facts(facts.Asked))[0].request
    both = step + asked_for < OPEN and asked_for < OPEN

    assert house.clock.monotonic() - began >= asked_for
    assert (answer.done, bool(house.effects)) == (both, both)
    if both:
        decided = (await house.facts(facts.Decided))[0]
        assert decided.at < request.expires_at


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_of_the_clock_while_it_holds_neither_heals_sooner_nor_later(
    house: House, step: int
) -> None:
    await house.asked()
    await house.vote()
    await house.until(State.VERIFYING)
    await house.pass_(5)
    house.clock.set(step)
    await house.pass_(4)

    assert house.incident.state is State.VERIFYING

    proof = (await house.until(State.HEALED, within=6)).verified
    assert proof is not None
    assert (proof.held, proof.seconds) == (10, 10)


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_of_the_clock_while_it_is_verified_makes_nothing_healed(
    house: House, step: int
) -> None:
    house.pool.then = lambda: house.health.says(SICK)
    await house.asked()
    await house.vote()
    await house.until(State.VERIFYING)
    house.clock.set(step)
    proof = (await house.until(State.ESCALATED, within=80)).verified

    assert proof is not None
    assert (proof.passed, proof.seconds) == (False, 70)


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_of_the_clock_never_keeps_what_is_to_go_back(house: House, step: int) -> None:
    house.library = reverting(after="5m")
    await house.healed()
    await house.resolve()
    house.clock.set(step)
    await house.until(State.REVERTED, within=301)

    assert house.effects == ["pool=50", "undo pool=20"]


@pytest.mark.parametrize("back", [HOUR, DAY])
async def test_a_clock_set_back_while_the_bot_is_down_leaves_a_question_no_more_than_its_time(
    house: House, back: int
) -> None:
    await house.asked()
    await house.pass_(100)
    await house.fire(builders.an_alert(fingerprint="another"))
    house.clock.set(-back)
    await house.restart(away=50)
    await house.pass_(OPEN - 100 - 1)
    await house.until(State.AWAITING_APPROVAL)

    await house.pass_(2)
    answer = await house.vote()
    assert (answer.done, house.incident.state) == (False, State.EXPIRED)
    assert house.effects == []


async def test_a_clock_set_back_while_the_bot_is_down_keeps_nothing_that_is_to_go_back(
    house: House,
) -> None:
    house.library = reverting(after="5m")
    await house.healed()
    await house.resolve()
    house.clock.set(-HOUR)
    await house.restart()
    await house.until(State.REVERTED, within=301)

    assert house.effects == ["pool=50", "undo pool=20"]


async def test_what_is_asked_after_the_clock_was_set_back_has_all_of_its_time(
    house: House,
) -> None:
    house.pool.gate = asyncio.Event()
    await house.fire()
    await house.settle()
    house.clock.set(-HOUR)
    await house.restart()
    house.pool.gate.set()
    await house.until(State.AWAITING_APPROVAL)
    await house.pass_(OPEN - 1)
    await house.until(State.AWAITING_APPROVAL)

    await house.pass_(2)
    assert house.incident.state is State.EXPIRED


async def test_the_record_keeps_its_order_whatever_the_clock_says(house: House) -> None:
    for number, step in enumerate(STEPS):
        house.clock.set(step)
        await house.fire(builders.an_alert(fingerprint=f"f{number}",
                                           labels={"service": f"s{number}"}))  # fmt: skip
        await house.settle()
    entries = await house.entries()
    steps = [late.at - early.at for early, late in itertools.pairwise(entries)]

    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert min(steps) < timedelta() < max(steps)
    assert verify(house.path).sound
