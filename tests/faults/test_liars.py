"""A verifier that lies, hangs, flaps or sees nothing never makes anything healthy."""

from __future__ import annotations

import asyncio
import math

import pytest

from bot.core.errors import PermanentError, TemporaryError
from bot.core.library import Library
from bot.core.lifecycle import ENDS, State
from bot.core.values import Facts
from bot.probes.prometheus.query import PLUGIN, PrometheusSettings
from tests import builders
from tests.clients import rigs
from tests.engine.houses import HEALTHY, SICK, House, later
from tests.fakes import FakeProbe

NOTHING: dict[str, Facts | Exception] = {
    "no data": TemporaryError("no data: the query found no series"),
    "stale": TemporaryError("no data: the last sample is 3 min old"),
    "away": TemporaryError("cannot be reached"),
    "refused": PermanentError("answered 403"),
    "not a number": {"status": math.nan},
    "infinite": {"status": math.inf},
    "absent": {},
    "null": {"status": None},
    "a word": {"status": "200"},
    "a list": {"status": [200]},
    "true": {"status": True},
}
CONDITIONS = ("health.status == 200", "!(health.status >= 300)", "health.status < 300")
BLIND = {
    "absent": "nobody_exports_this",
    "stale": "old",
    "not a number": "0 / sum(up - up)",
    "infinite": "1 / sum(up - up)",
    "two series": "pool",
    "no query": "sum(",
}


@pytest.mark.parametrize("seen", NOTHING)
@pytest.mark.parametrize("success", CONDITIONS)
async def test_f03_what_says_nothing_is_neither_healthy_before_nor_after(
    house: House,
    seen: str,
    success: str,
) -> None:
    house.library = verified_by(success)
    house.health.says(NOTHING[seen])
    house.pool.then = lambda: None
    await house.asked()
    await house.vote()
    ended = await house.until(State.HEALED, *ENDS, within=120)

    assert ended.state is State.ESCALATED
    assert ended.verified is not None
    assert not ended.verified.passed
    assert house.effects == ["pool=50", "undo pool=20"]


async def test_a_verifier_that_hangs_has_verified_nothing(house: House) -> None:
    house.library = verified_by("health.status == 200", within="100ms", every="50ms", hold="0s")
    house.plugins.probes["fake.health"] = (hanging := Hanging())
    house.pool.then = hanging.hang
    await house.asked()
    await house.vote()
    ended = await slowly(house, State.HEALED, *ENDS)

    assert ended is State.ESCALATED
    assert house.incident.verified is not None
    assert "no answer in 0.1 s" in house.incident.verified.why


@pytest.mark.parametrize("pattern", [(HEALTHY, SICK), (HEALTHY, HEALTHY, SICK), (SICK, HEALTHY)])
async def test_a_verifier_that_flaps_has_verified_nothing(
    house: House,
    pattern: tuple[Facts, ...],
) -> None:
    house.pool.then = lambda: house.health.says(*pattern * 40)
    await house.asked()
    await house.vote()
    ended = await house.until(State.HEALED, *ENDS, within=120)

    assert ended.state is State.ESCALATED
    assert house.effects == ["pool=50", "undo pool=20"]


async def test_a_verifier_that_lied_is_found_out_by_the_alert_that_comes_back(
    house: House,
) -> None:
    name = await house.healed()
    await house.resolve()
    await house.until(State.RESOLVED)
    house.health.says(SICK)
    await house.pass_(60)
    again = await house.fire(later(60))

    assert house.of(name).state is State.NOT_FIXED
    assert house.of(again).opened.relapse_of == name


@pytest.mark.real
@pytest.mark.parametrize("blind", BLIND)
@pytest.mark.parametrize("success", ["errors.value < 0.05", "!(errors.value >= 0.05)"])
async def test_a_real_prometheus_that_sees_nothing_makes_nothing_healthy(
    house: House,
    prometheus: str,
    blind: str,
    success: str,
) -> None:
    async with rigs.rig() as rig:
        house.plugins.probes["prometheus.query"] = PLUGIN(
            PrometheusSettings(url=(prometheus,)), rig
        )
        probe: Facts = {
            "probe": "prometheus.query",
            "as": "errors",
            "with": {"query": BLIND[blind]},
        }
        house.library = verified_by(success, probe=probe, within="1s", every="500ms", hold="0s")
        await house.fire()
        await slowly(house, State.AWAITING_APPROVAL, *ENDS)
        await house.vote()
        ended = await slowly(house, State.HEALED, *ENDS)

    assert ended is State.ESCALATED
    assert house.effects == ["pool=50", "undo pool=20"]


@pytest.mark.real
async def test_a_real_prometheus_that_sees_it_well_is_believed(
    house: House,
    prometheus: str,
) -> None:
    async with rigs.rig() as rig:
        house.plugins.probes["prometheus.query"] = PLUGIN(
            PrometheusSettings(url=(prometheus,)), rig
        )
        probe: Facts = {"probe": "prometheus.query", "as": "errors", "with": {"query": "up - 1"}}
        house.library = verified_by("errors.value < 0.05", probe=probe)
        await house.fire()

        assert await slowly(house, *ENDS) is State.ALREADY_HEALTHY


class Hanging(FakeProbe):
    """Answers like any other until it does not any more."""

    hangs = False

    def __init__(self) -> None:
        super().__init__(SICK)

    def hang(self) -> None:
        self.hangs = True

    async def read(self, params: object) -> Facts:
        if self.hangs:
            await asyncio.Event().wait()
        return await super().read(params)


def verified_by(success: str, probe: Facts | None = None, **times: str) -> Library:
    """A library of one runbook with this condition, and nothing that it asks for before."""
    read: Facts = probe or {"probe": "fake.health", "as": "health"}
    given = {"within": "20s", "every": "2s", "hold": "4s", "relapse": "20m", **times}
    verify = {"probes": [read], "success": success, **given}
    return builders.a_library(builders.a_runbook(verify=verify))


async def slowly(house: House, *states: State) -> State:
    """Let time go by while a real system is asked, until it is in one of these states."""
    async with asyncio.timeout(180):
        while not house.cases.recent(1) or house.incident.state not in states:
            await asyncio.sleep(0.01)
            house.clock.advance(0.1)
    return house.incident.state
