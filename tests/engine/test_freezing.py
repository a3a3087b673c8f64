"""A freeze that people order: recorded, shown, kept over a restart, over by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core import facts
from bot.core.facts import Froze, Thawed
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.ports import Answer, Freezing
from tests import builders
from tests.engine.houses import House

HOUR = timedelta(hours=1)


async def freeze(
    house: House,
    service: str = "shop",
    environment: str = "*",
    lasts: timedelta = 2 * HOUR,
    who: str = "U1",
    why: str = "release",
) -> Answer:
    return await house.orders.freeze(Freezing(service, environment, lasts, why), who)


async def refused(house: House) -> str:
    """Fire, and say why nothing was done."""
    await house.fire()
    known = await house.until(State.ESCALATED)
    assert house.effects == []
    assert known.closed is not None
    return known.closed.says


def a_library(**policy: object) -> Library:
    """The library of the tests, with a policy that has this too."""
    return builders.a_library(rulebook=builders.a_rulebook(**policy))


async def test_what_is_frozen_by_an_order_is_refused_until_its_end(house: House) -> None:
    answer = await freeze(house, why="release, token=abcdefgh")
    said = await refused(house)

    assert answer.done
    assert answer.text.startswith("Frozen: shop until 2026-03-14 05:00:00 UTC.")
    assert "U1 froze shop until 2026-03-14 05:00:00 UTC (release, token=•••)" in said


async def test_a_freeze_is_over_at_its_last_instant_by_itself(house: House) -> None:
    await freeze(house, lasts=HOUR)
    house.clock.advance(HOUR.total_seconds())

    assert await house.asked()


async def test_a_freeze_holds_until_its_last_instant(house: House) -> None:
    await freeze(house, lasts=HOUR)
    house.clock.advance(HOUR.total_seconds() - 1)

    assert "U1 froze shop" in await refused(house)


async def test_a_freeze_survives_a_restart(house: House) -> None:
    await freeze(house)
    await house.restart()

    assert "U1 froze shop" in await refused(house)


async def test_a_clock_that_is_set_back_an_hour_does_not_open_a_freeze(house: House) -> None:
    await freeze(house)
    house.clock.set(-HOUR.total_seconds())

    assert "U1 froze shop" in await refused(house)


async def test_a_freeze_that_was_lifted_is_over_and_stays_so(house: House) -> None:
    await freeze(house)
    answer = await house.orders.thaw("shop", "*", "U2", "done")
    await house.restart()

    assert answer == Answer(done=True, text="Lifted: shop until 2026-03-14 05:00:00 UTC.")
    assert await house.asked()
    assert [one.by for one in await house.facts(Thawed)] == ["U2"]


async def test_lifting_one_freeze_leaves_the_others_and_says_so(house: House) -> None:
    year_end = {"name": "year end", "starts": "2026-01-01T00:00Z", "ends": "2027-01-01T00:00Z"}
    house.library = a_library(freezes=[year_end])
    await freeze(house)
    await freeze(house, "*", lasts=HOUR, who="U2")
    answer = await house.orders.thaw("shop", "*", "U1", "")

    assert answer.text == (
        "Lifted: shop until 2026-03-14 05:00:00 UTC. Still on: everything until 2026-03-14 "
        "04:00:00 UTC (`unfreeze *`); year end until 2027-01-01 00:00:00 UTC (of the policy)."
    )
    said = await refused(house)
    assert "U2 froze everything" in said
    assert "year end freezes shop" in said


async def test_what_is_not_frozen_cannot_be_lifted(house: House) -> None:
    await freeze(house, "*")
    answer = await house.orders.thaw("shop", "*", "U1", "")

    assert not answer.done
    assert answer.text.startswith("No order froze shop. Still on: everything until")
    assert await house.facts(Thawed) == []


@pytest.mark.parametrize(
    ("environment", "lifted"), [("*", True), ("production", True), ("staging", False)]
)
async def test_a_freeze_is_lifted_by_its_environment_or_by_all(
    house: House, environment: str, lifted: bool
) -> None:
    await freeze(house, environment="production")
    answer = await house.orders.thaw("shop", environment, "U1", "")

    assert answer.done is lifted


async def test_a_second_freeze_shortens_no_earlier_one(house: House) -> None:
    await freeze(house, lasts=3 * HOUR)
    await freeze(house, lasts=HOUR / 60)
    house.clock.advance(2 * HOUR.total_seconds())

    assert "U1 froze shop" in await refused(house)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"service": "shpo"}, "did you mean 'shop'"),
        ({"environment": "prodution"}, "did you mean 'production'"),
        ({"lasts": timedelta()}, "more than 0 s"),
        ({"lasts": timedelta(days=8)}, "at most 7 days"),
        ({"why": " "}, "Say why"),
        ({"who": "U77"}, "Only"),
    ],
)
async def test_a_freeze_that_cannot_be_is_refused_and_nothing_is_recorded(
    house: House, given: dict[str, str], says: str
) -> None:
    answer = await freeze(house, **given)  # type: ignore[arg-type]

    assert not answer.done
    assert says in answer.text
    assert await house.facts(Froze) == []


async def test_only_operators_lift_a_freeze(house: House) -> None:
    await freeze(house)
    answer = await house.orders.thaw("shop", "*", "U77", "")

    assert not answer.done
    assert "Only" in answer.text
    assert house.cases.standing().frozen_at(house.clock.now())


async def test_a_plan_that_waits_when_its_service_is_frozen_is_refused_at_the_click(
    house: House,
) -> None:
    await house.asked()
    await freeze(house)
    await house.vote()
    known = await house.until(State.ESCALATED)

    assert house.effects == []
    assert known.closed is not None
    assert "U1 froze shop" in known.closed.says
    assert [rebuilt.changes for rebuilt in await house.facts(facts.Rebuilt)] != [()]


async def test_a_run_that_began_before_the_freeze_finishes(house: House) -> None:
    house.slow(house.pool)
    await house.asked()
    await house.vote()
    await house.until(State.RUNNING)
    await freeze(house)
    await house.until(State.HEALED, within=60)

    assert house.effects == ["pool=50"]


async def test_a_run_that_fails_in_a_freeze_is_still_taken_back(house: House) -> None:
    house.slow(house.pool)
    house.pool.then = lambda: None
    await house.asked()
    await house.vote()
    await house.until(State.RUNNING)
    await freeze(house)
    await house.until(State.ESCALATED, within=600)

    assert house.effects == ["pool=50", "undo pool=20"]


async def test_while_people_work_on_a_service_its_plan_is_refused(house: House) -> None:
    weekly = {"name": "patch night", "starts": "2026-01-03T02:00", "rrule": "FREQ=WEEKLY",
              "timezone": "UTC", "lasts": "2h"}  # fmt: skip
    house.library = a_library(maintenance=[weekly])

    given = {"service": "shop", "environment": "production"}
    await house.requests.wish(facts.Wish(by="U1", runbook="raise-pool", given=given), "", "")
    known = await house.until(State.ESCALATED)
    assert known.escalated is not None

    assert "patch night until 2026-03-14 04:00:00 UTC" in known.escalated.why


async def test_expired_freezes_are_forgotten_when_another_is_ordered(house: House) -> None:
    await freeze(house, lasts=HOUR)
    house.clock.advance(2 * HOUR.total_seconds())
    await freeze(house, lasts=HOUR)

    assert len(house.cases.standing().frozen) == 1
