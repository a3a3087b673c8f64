"""Steps are claimed, done once and recorded; a run stops where it is safe to stop."""

from __future__ import annotations

import asyncio

from bot.core import facts
from bot.core.errors import PermanentError, TemporaryError
from bot.core.facts import StepEnding
from bot.core.lifecycle import State
from bot.engine.world import Limits
from tests import builders
from tests.engine.houses import WAITING, House
from tests.engine.libraries import POOL, SHORT, UNATTENDED, WEIGHT, steps


async def test_steps_are_done_in_their_order(house: House) -> None:
    house.library = steps(WEIGHT, POOL)
    house.weight.effects = house.pool.effects
    await house.healed()

    assert house.effects == ["weight=10", "pool=50"]


async def test_a_temporary_error_is_tried_again_when_it_says(house: House) -> None:
    house.pool.errors = [TemporaryError("busy", retry_after=7)]
    await house.asked()
    await house.vote()
    await house.pass_(6)

    assert house.effects == []

    await house.pass_(1)

    assert house.effects == ["pool=50"]


async def test_a_permanent_error_fails_the_step_at_once(house: House) -> None:
    house.pool.errors = [PermanentError("refused: token=abcdefgh")]
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED)

    assert (known.steps[0].ending, known.steps[0].says) == (
        StepEnding.FAILED, "refused: token=•••",
    )  # fmt: skip


async def test_an_error_that_goes_on_fails_the_step_when_its_time_is_up(house: House) -> None:
    house.library = steps(SHORT)
    house.pool.errors = [TemporaryError("busy", retry_after=60)]
    await house.asked()
    await house.vote()
    await house.slowly(State.ESCALATED)

    assert house.incident.steps[0].says == "not done within 0.1 s: busy"


async def test_a_step_that_hangs_fails_when_its_time_is_up(house: House) -> None:
    house.library = steps(SHORT)
    house.pool.hangs = "before"
    await house.asked()
    await house.vote()
    await house.slowly(State.ESCALATED)

    assert house.incident.steps[0].says == "not done within 0.1 s: no answer"


async def test_after_a_step_that_failed_no_other_begins(house: House) -> None:
    house.library = steps(POOL, WEIGHT)
    house.pool.errors = [PermanentError("no")]
    await house.asked()
    await house.vote()
    await house.until(State.ESCALATED)

    assert house.weight.effects == []


async def test_a_run_that_is_cancelled_stops_before_its_next_step_and_goes_back(
    house: House,
) -> None:
    house.library = steps(WEIGHT, POOL)
    house.slow(house.weight)
    await house.asked()
    await house.vote()
    await house.until(State.RUNNING)
    answer = await house.requests.cancel(house.incident.id, "U1", "wrong shop, token=abcdefgh")
    await house.until(State.CANCELLED, within=20)

    assert (answer.text, house.effects) == ("inc-a1 stops at its next safe point.", [])
    assert house.weight.effects == ["weight=10", "undo weight=20"]
    assert house.incident.closed is not None
    assert house.incident.closed.says == (
        "cancelled by U1: wrong shop, token=•••; rolled back: set weight back to 20"
    )


async def test_a_run_that_is_cancelled_in_its_last_step_goes_back_after_it(house: House) -> None:
    house.slow(house.pool)
    await house.asked()
    await house.vote()
    await house.until(State.RUNNING)
    await house.requests.cancel(house.incident.id, "U1", "wrong shop")
    await house.until(State.CANCELLED, within=20)

    assert house.effects == ["pool=50", "undo pool=20"]


async def test_a_run_that_is_being_verified_is_too_late_to_cancel(house: House) -> None:
    await house.asked()
    await house.vote()
    await house.until(State.VERIFYING)
    answer = await house.requests.cancel(house.incident.id, "U1", "wrong shop")

    assert (answer.done, answer.text.startswith("Too late to cancel")) == (False, True)


async def test_a_run_that_is_cancelled_before_its_first_step_does_nothing(house: House) -> None:
    house.library, house.pool.gate = UNATTENDED, asyncio.Event()
    name = await house.fire()
    await house.requests.cancel(name, "U1", "false alarm")
    house.pool.gate.set()
    known = await house.until(State.CANCELLED)

    assert known.closed is not None
    assert known.closed.says == (
        "cancelled by U1: false alarm; nothing to roll back: nothing was done"
    )
    assert house.effects == []


async def test_no_step_takes_longer_than_the_house_allows(house: House) -> None:
    house.limits = Limits(act=5)
    await house.restart()
    await house.asked()

    assert house.incident.plan is not None
    assert house.incident.plan.steps[0].timeout == 5


async def test_a_second_incident_on_the_same_target_does_not_begin(house: House) -> None:
    other = builders.a_service(name="cart")
    shop = builders.a_service()
    house.library = builders.a_library(services=(shop, other))
    await house.asked()
    first = house.incident.id
    labels = {"service": "cart", "environment": "production"}
    second = await house.fire(builders.an_alert(fingerprint="f2", labels=labels))
    await house.until(WAITING, name=second)
    house.pool.hangs = "before"
    await house.requests.vote(first, 0, "U1", yes=True, why="")
    await house.until(State.RUNNING, name=first)
    await house.requests.vote(second, 0, "U1", yes=True, why="")
    known = await house.until(State.ESCALATED, name=second)

    assert known.closed is not None
    assert f"{first} is working on pool of shop" in known.closed.says
    assert known.started is None


async def test_of_two_runs_that_begin_at_once_the_later_one_is_refused_its_target(
    house: House,
) -> None:
    services = (builders.a_service(), builders.a_service(name="cart"))
    house.library = builders.a_library(services=services)
    house.pool.hangs = "before"
    labels = {"service": "cart", "environment": "production"}
    first = await house.fire()
    second = await house.fire(builders.an_alert(fingerprint="f2", labels=labels))
    for name in (first, second):
        await house.until(WAITING, name=name)
    yes = facts.Decided(at=house.clock.now(), ending="approved", by=("U1",))
    await asyncio.gather(
        *(
            house.journal.signal(name, "decision:1", yes.body, "U1", kind=yes.kind)
            for name in (first, second)
        )
    )
    await house.settle()
    states = sorted(one.state for one in house.cases.recent(2))

    assert states == [State.ESCALATED, State.RUNNING]
    assert [bool(one.refused) for one in await house.facts(facts.Started)] == [False, True]


async def test_a_rate_window_counts_attempts_that_failed_too(house: House) -> None:
    safety = {"cool_down": "1s", "attempts": [{"limit": 1, "within": "1h"}]}
    house.library = builders.a_library(builders.a_runbook(safety=safety))
    house.pool.errors = [PermanentError("no")]
    await house.asked()
    await house.vote()
    await house.until(State.ESCALATED)
    await house.resolve()
    house.clock.advance(60)
    await house.fire(builders.an_alert(fingerprint="f2"))
    known = await house.until(State.ESCALATED)

    assert known.id == "inc-a2"
    assert known.closed is not None
    assert "used up: runbook raise-pool: 1 of 1 in 1 h" in known.closed.says


async def test_every_effect_was_claimed_before_it(house: House) -> None:
    house.library = steps(WEIGHT, POOL)
    await house.healed()
    claimed = [claim.number for claim in await house.facts(facts.Claimed)]

    assert claimed == [1, 2]
