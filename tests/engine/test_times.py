"""Every stage has its time: what takes longer is stopped at a safe point, and goes back."""

from __future__ import annotations

import asyncio

from bot.core.errors import TemporaryError
from bot.core.facts import StepEnding
from bot.core.lifecycle import State
from bot.core.values import Facts
from bot.engine.world import Limits
from tests import builders
from tests.engine.houses import HEALTHY, SICK, WAITING, House
from tests.engine.libraries import POOL, WEIGHT, steps
from tests.fakes import FakeProbe

METRICS: Facts = {"error_rate": 0.4, "p99": 180, "cpu": 41, "memory": 60}
CALM = "m.error_rate < 5.0 && m.p99 < 250 && m.cpu < 80 && m.memory < 90"


class Silent(FakeProbe):
    """Never answers."""

    async def read(self, params: object) -> Facts:
        await asyncio.Event().wait()
        return {}


def test_the_times_are_those_of_the_documents() -> None:
    limits = Limits()

    assert (limits.diagnose, limits.act, limits.verify, limits.total) == (180, 300, 120, 1800)


async def test_evidence_that_does_not_come_in_time_is_no_evidence(house: House) -> None:
    house.limits = Limits(diagnose=0.05)
    await house.restart()
    house.plugins.probes["fake.health"] = Silent(SICK)
    await house.fire()
    known = await house.slowly(WAITING)

    assert known.evidence is not None
    assert known.evidence.readings[0].error == "no answer in 0.05 s"


async def test_all_steps_together_have_their_time(house: House) -> None:
    house.library = steps(WEIGHT, POOL)
    house.slow(house.weight, 301)
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED, within=400)

    assert known.acted is not None
    assert known.acted.failed == "the steps of the run took longer than 300 s"
    assert (house.effects, house.weight.effects) == ([], ["weight=10", "undo weight=20"])


async def test_a_step_gets_no_more_than_the_time_that_is_left(house: House) -> None:
    house.library = steps(WEIGHT, POOL)
    house.slow(house.weight, 299.5)
    house.pool.hangs = "before"
    await house.asked()
    await house.vote()
    await house.pass_(299.5)
    known = await house.slowly(State.ESCALATED)

    assert known.steps[-1].ending is StepEnding.FAILED
    assert "not done within 1 s" in known.steps[-1].says


async def test_the_criteria_must_hold_at_first_in_their_time(house: House) -> None:
    verify = {
        "probes": [{"probe": "fake.health", "as": "health"}],
        "success": "health.status == 200", "within": "30m", "every": "10s", "hold": "10s",
    }  # fmt: skip
    house.library = builders.a_library(builders.a_runbook(verify=verify))
    house.pool.then = lambda: house.health.says(SICK)
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED, within=200)

    assert known.verified is not None
    assert (known.verified.passed, known.verified.seconds) == (False, 130)


async def test_a_run_that_takes_longer_than_all_of_it_is_stopped_and_goes_back(
    house: House,
) -> None:
    house.limits = Limits(total=400)
    await house.restart()
    verify = {
        "probes": [{"probe": "fake.health", "as": "health"}],
        "success": "health.status == 200", "within": "20m", "hold": "20m",
    }  # fmt: skip
    house.library = builders.a_library(builders.a_runbook(verify=verify))
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED, within=500)

    assert known.verified is not None
    assert (known.verified.passed, known.verified.seconds) == (False, 400)
    assert house.effects == ["pool=50", "undo pool=20"]


async def test_a_try_that_would_come_too_late_is_not_made(house: House) -> None:
    house.pool.errors = [TemporaryError("busy", retry_after=301)] * 3
    book = {**POOL, "timeout": "30m"}
    house.library = steps(book)
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED, within=400)

    assert house.effects == ["undo pool=20"]
    assert known.acted is not None
    assert "took longer than 300 s" in known.acted.failed


async def test_a_question_is_open_as_long_as_its_runbook_says(house: House) -> None:
    safety = {"approval": {"expires": "10m"}}
    house.library = builders.a_library(builders.a_runbook(safety=safety))
    await house.asked()
    await house.pass_(599)
    assert house.incident.state is WAITING

    await house.until(State.EXPIRED, within=2)


async def test_a_recovery_is_watched_for_five_minutes_every_ten_seconds(house: House) -> None:
    verify = {
        "probes": [{"probe": "fake.health", "as": "m"}],
        "success": CALM, "within": "5m", "every": "10s", "hold": "5m",
    }  # fmt: skip
    house.library = builders.a_library(builders.a_runbook(verify=verify))
    house.health.says({**METRICS, "error_rate": 12.0})
    house.pool.then = lambda: house.health.says(METRICS)
    await house.asked()
    await house.vote()
    known = await house.until(State.HEALED, within=400)

    assert known.verified is not None
    assert (known.verified.checks, known.verified.held) == (31, 300)


async def test_one_metric_that_is_not_normal_is_no_recovery(house: House) -> None:
    verify = {
        "probes": [{"probe": "fake.health", "as": "m"}],
        "success": CALM, "within": "1m", "every": "10s", "hold": "10s",
    }  # fmt: skip
    house.library = builders.a_library(builders.a_runbook(verify=verify))
    house.health.says({**METRICS, "error_rate": 12.0})
    house.pool.then = lambda: house.health.says({**METRICS, "p99": 900})
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED, within=400)

    assert known.verified is not None
    assert not known.verified.passed
    assert HEALTHY not in [dict(one.seen) for one in known.verified.readings]
