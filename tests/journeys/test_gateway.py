"""Breaker, rate limit and failover by the shipped runbooks: they take effect, and go back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.lifecycle import State
from tests.engine.houses import WAITING
from tests.journeys import gateways
from tests.journeys.gateways import Scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with gateways.a_scene(tmp_path, gateway=True) as made:
        yield made


async def test_a_breaker_spares_a_failing_upstream_and_closes_when_it_has_recovered(
    scene: Scene,
) -> None:
    await scene.town.break_("shop", "upstream")
    failing = await scene.buy(5)
    alert = scene.an_alert("CIRCUIT_BREAKER_CANDIDATE", error_rate="72.5")
    await scene.house.fire(alert)
    known = await scene.until(State.HEALED, State.ESCALATED, *(WAITING,))
    opened, spared = await scene.told("breaker"), await scene.buy(5)
    await scene.house.resolve(alert)
    await scene.town.mend("shop")
    back = await scene.until(State.REVERTED, State.ESCALATED)

    assert known.state is State.HEALED
    assert (failing, spared) == ([503] * 5, [200] * 5)
    assert opened == {"state": "open", "open_for_s": 60, "half_open_requests": 3}
    assert back.reverting is not None
    assert back.reverting.why == "upstream.status == 200 holds"
    assert (await scene.told("breaker"))["state"] == "closed"
    assert await scene.buy() == [200]


async def test_a_breaker_closes_after_five_minutes_whatever_the_upstream_does(
    scene: Scene,
) -> None:
    await scene.town.break_("shop", "upstream")
    await scene.buy(5)
    alert = scene.an_alert("CIRCUIT_BREAKER_CANDIDATE")
    await scene.house.fire(alert)
    healed = await scene.until(State.HEALED, State.ESCALATED)
    await scene.house.resolve(alert)
    back = await scene.until(State.REVERTED, State.ESCALATED)

    assert (healed.healed_at, back.state) != (None, State.ESCALATED)
    assert healed.healed_at is not None
    assert 300 <= (scene.house.clock.now() - healed.healed_at).total_seconds() < 320
    assert (await scene.told("breaker"))["state"] == "closed"


async def test_an_abusive_client_is_held_to_a_hundred_and_let_go_after_half_an_hour(
    scene: Scene,
) -> None:
    assert await scene.buy(101, "bob") == [200] * 101
    alert = scene.an_alert("RATE_LIMIT_BREACH", "warning", category="ABUSE", client="bob")
    await scene.house.fire(alert)
    known = await scene.until(State.HEALED, State.ESCALATED, WAITING)
    limit, held = await scene.told("limit"), await scene.buy(102, "bob")
    others = await scene.buy(3, "ann")
    await scene.house.resolve(alert)
    back = await scene.until(State.REVERTED, State.ESCALATED, stride=60)

    assert known.state is State.HEALED
    assert limit == {"client": "bob", "limit": 100, "window_s": 60, "for_s": 1800}
    assert (held, others) == ([200] * 100 + [429] * 2, [200] * 3)
    assert back.state is State.REVERTED
    assert known.healed_at is not None
    assert 1800 <= (scene.house.clock.now() - known.healed_at).total_seconds() < 1820
    assert (await scene.told("limit"))["limit"] == 0
    assert await scene.buy(1, "bob") == [200]


async def test_traffic_goes_to_the_backup_after_a_yes_and_back_when_the_primary_is_well(
    scene: Scene,
) -> None:
    await scene.town.break_("shop", "upstream")
    alert = scene.an_alert("UPSTREAM_DEGRADATION")
    await scene.house.fire(alert)
    await scene.until(WAITING, State.ESCALATED)
    before, failing = await scene.told("upstream"), await scene.buy()
    await scene.house.vote()
    await scene.until(State.HEALED, State.ESCALATED)
    moved, served = await scene.told("upstream"), await scene.buy(3)
    await scene.house.resolve(alert)
    await scene.town.mend("shop")
    back = await scene.until(State.REVERTED, State.ESCALATED)

    assert (before["active"], failing) == ("shop", [503])
    assert (moved, served) == ({"active": "spare", "health_interval_s": 10}, [200] * 3)
    assert back.reverting is not None
    assert back.reverting.why == "primary.status == 200 holds"
    assert (await scene.told("upstream"))["active"] == "shop"


async def test_a_backup_that_does_not_serve_is_left_again_and_a_person_is_called(
    scene: Scene,
) -> None:
    await scene.town.break_("shop", "upstream")
    await scene.house.fire(scene.an_alert("UPSTREAM_DEGRADATION"))
    await scene.until(WAITING, State.ESCALATED)
    await scene.house.vote()
    await scene.until(State.VERIFYING, State.HEALED, State.ESCALATED)
    await scene.town.crash("spare")
    known = await scene.until(State.HEALED, State.ESCALATED)

    assert known.rolled_back is not None
    assert known.rolled_back.clean
    assert known.escalated is not None
    assert known.escalated.say.startswith("The backup did not serve customers either")
    assert (await scene.told("upstream"))["active"] == "shop"


async def test_nothing_is_sent_to_a_backup_that_is_down(scene: Scene) -> None:
    await scene.town.break_("shop", "upstream")
    await scene.town.crash("spare")
    await scene.house.fire(scene.an_alert("UPSTREAM_DEGRADATION"))
    known = await scene.until(WAITING, State.ESCALATED)

    assert (known.state, known.ran) == (State.ESCALATED, False)
    assert (await scene.told("upstream"))["active"] == "shop"
