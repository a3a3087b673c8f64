"""A CMDB is asked while a plan is built: policy sees what it says, and nothing waits for it."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from bot.core.catalogue import Service
from bot.core.cmdb import Dependant, Entry
from bot.core.errors import TemporaryError
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.policy.verdict import Ruling, Verdict
from bot.engine.world import Limits
from tests.engine import libraries
from tests.engine.houses import WAITING, House

PLAIN = {"name": "shop", "environment": "production", "stateless": True}
LOW = Entry(owner="Shop Team", environment="Production", tier=2)


class Register:
    """A CMDB that says what it is told to."""

    def __init__(self, says: Entry | Exception | None) -> None:
        self.says = says
        self.asked: list[str] = []

    async def entry(self, service: Service) -> Entry:
        self.asked.append(f"{service.name} in {service.environment}")
        if self.says is None:
            await asyncio.Event().wait()
        if not isinstance(self.says, Entry):
            raise self.says or AssertionError
        return self.says


def library(**said: object) -> Library:
    """One whose runbook may run unattended, with as much of the shop as is said."""
    shop = Service.model_validate({**PLAIN, **said})
    return dataclasses.replace(libraries.UNATTENDED, services=(shop,))


def registered(house: House, says: Entry | Exception | None, **said: object) -> Register:
    house.library = library(**said)
    house.cmdbs["servicenow"] = made = Register(says)
    return made


def verdict(house: House, rule: str) -> Verdict:
    planned = house.incident.planned
    assert planned is not None
    return next(one for one in planned.verdicts if one.rule == rule)


async def test_policy_goes_by_the_tier_of_the_cmdb_where_the_catalogue_says_none(
    house: House,
) -> None:
    register = registered(house, LOW)
    await house.fire()
    await house.until(State.HEALED, within=60)

    assert register.asked[0] == "shop in production"
    assert "belongs to Shop Team, tier 2" in verdict(house, "known target").reason
    assert verdict(house, "tier").ruling is Ruling.ALLOW


async def test_a_high_tier_of_the_cmdb_has_a_person_asked(house: House) -> None:
    registered(house, LOW.model_copy(update={"tier": 4}))
    await house.fire()
    await house.until(WAITING, within=60)

    assert verdict(house, "tier").ruling is Ruling.ASK
    assert house.effects == []


async def test_no_word_of_the_cmdb_is_laxer_than_the_catalogues(house: House) -> None:
    registered(house, LOW, owner="team-shop", tier=5)
    await house.fire()
    await house.until(WAITING, within=60)

    assert "belongs to team-shop, tier 5" in verdict(house, "known target").reason
    assert verdict(house, "tier").ruling is Ruling.ASK


async def test_what_depends_on_it_by_the_cmdb_counts_as_well(house: House) -> None:
    needed = LOW.model_copy(update={"dependants": (Dependant(name="Bank", tier=5),)})
    registered(house, needed, owner="team-shop", tier=2)
    await house.fire()
    await house.until(WAITING, within=60)

    assert verdict(house, "dependants").reason.startswith("Bank (tier 5) depends on shop")


@pytest.mark.parametrize("away", [TemporaryError("it is away, password=hunter22"), None])
async def test_one_that_is_away_stops_nothing_and_the_plan_says_so(
    house: House, away: Exception | None
) -> None:
    house.limits = Limits(cmdb=0.01)
    registered(house, away, owner="team-shop", tier=2)
    await house.restart()
    await house.fire()
    await house.slowly(State.APPROVED, State.RUNNING, State.VERIFYING, State.HEALED)
    plan = house.incident.plan
    assert plan is not None
    [entry] = plan.cmdb

    assert entry.system == "servicenow"
    assert entry.unknown == ("no answer within 0.01 s" if away is None
                             else "it is away, password=•••")  # fmt: skip
    assert "servicenow's CMDB is not known" in verdict(house, "known target").reason


async def test_a_tier_that_is_known_nowhere_has_a_person_asked(house: House) -> None:
    registered(house, TemporaryError("it is away"))
    await house.fire()
    await house.until(WAITING, within=60)

    assert "nobody says the tier of shop" in verdict(house, "tier").reason


async def test_a_service_that_is_not_in_the_catalogue_is_neither_looked_up_nor_touched(
    house: House,
) -> None:
    register = registered(house, LOW)
    house.library = dataclasses.replace(house.library, services=())
    await house.fire()
    await house.until(State.ESCALATED, within=60)

    assert (register.asked, house.effects) == ([], [])


async def test_another_life_goes_by_what_was_read_and_asks_nobody_again(house: House) -> None:
    register = registered(house, LOW.model_copy(update={"tier": 4}))
    await house.fire()
    await house.until(WAITING, within=60)
    before, asked = house.incident.plan, len(register.asked)
    register.says = LOW
    await house.restart()
    await house.until(WAITING, within=60)

    assert house.incident.plan == before
    assert len(register.asked) == asked
