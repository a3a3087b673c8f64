"""Healed is what held for the hold time on fresh evidence, and nothing else."""

from __future__ import annotations

import asyncio

from bot.core import facts
from bot.core.errors import TemporaryError
from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import HEALTHY, SICK, House


async def run(house: House) -> facts.Verified:
    """Approve, and return what the verification found."""
    await house.asked()
    await house.vote()
    await house.until(State.HEALED, State.ESCALATED, within=300)
    found = house.incident.verified
    assert found is not None
    return found


async def test_it_is_healed_when_it_held_for_the_hold_time(house: House) -> None:
    found = await run(house)

    assert (found.passed, found.checks, found.held) == (True, 3, 10)
    assert found.why == "health.status == 200 held for 10 s"


async def test_a_flapping_probe_is_not_healed(house: House) -> None:
    house.pool.then = lambda: house.health.says(*[HEALTHY, HEALTHY, SICK] * 30)
    found = await run(house)

    assert (found.passed, house.effects) == (False, ["pool=50", "undo pool=20"])


async def test_what_gets_well_late_is_healed_still(house: House) -> None:
    house.pool.then = lambda: house.health.says(*[SICK] * 10, HEALTHY)
    found = await run(house)

    assert (found.passed, found.seconds) == (True, 60)


async def test_a_verification_that_sees_nothing_is_not_healed(house: House) -> None:
    house.pool.then = lambda: house.health.says(TemporaryError("no answer"))
    found = await run(house)

    assert not found.passed
    assert "(health: no answer)" in found.why


async def test_evidence_that_is_not_what_was_expected_is_not_healed(house: House) -> None:
    house.pool.then = lambda: house.health.says({"status": "yes"})

    assert not (await run(house)).passed


async def test_a_hold_time_longer_than_the_houses_limit_can_still_be_reached(
    house: House,
) -> None:
    verify = {
        "probes": [{"probe": "fake.health", "as": "health"}],
        "success": "health.status == 200",
        "within": "10m",
        "hold": "5m",
    }
    house.library = builders.a_library(builders.a_runbook(verify=verify))
    await house.asked()
    await house.vote()
    await house.until(State.HEALED, within=400)

    assert house.incident.verified is not None
    assert house.incident.verified.held >= 300


async def test_what_holds_too_short_says_so(house: House) -> None:
    house.pool.then = lambda: house.health.says(*[SICK] * 13, HEALTHY)
    found = await run(house)

    assert found.why == "health.status == 200 held for 5 s only, not for 10 s"


async def test_a_stop_does_not_wait_for_the_proof_which_the_next_life_finds_anew(
    house: House,
) -> None:
    await house.asked()
    await house.vote()
    await house.until(State.VERIFYING)
    async with asyncio.timeout(180):
        await house.journal.close(60)
    await house.restart()

    assert house.incident.state is State.VERIFYING
    await house.until(State.HEALED, within=60)
    assert [found.passed for found in await house.facts(facts.Verified)] == [True]
    assert house.effects == ["pool=50"]
