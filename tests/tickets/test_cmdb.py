"""ServiceNow's CMDB fills in what services.yaml leaves out, and holds nothing up when away."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
from pydantic import ValidationError

from bot.clients.rig import Rig
from bot.clients.servicenow import Api
from bot.clients.servicenow_settings import ServicenowSettings
from bot.core.cmdb import Dependant, Entry
from bot.core.errors import TemporaryError
from bot.tickets import _cmdb
from bot.tickets._cmdb import Cmdb
from bot.tickets.servicenow import PLUGIN
from tests import builders
from tests.clients import rigs
from tests.desks import servicenow
from tests.desks.servicenow import Row, ServiceNowDesk
from tests.fakes import FakeClock

DEPENDS = "Depends on::Used by"


class Here(NamedTuple):
    """The instance, its address, and what Heal works with."""

    desk: ServiceNowDesk
    url: str
    rig: Rig
    clock: FakeClock

    def made(self, **more: str) -> Cmdb:
        told = servicenow.told(self.url, cmdb="true", **more)
        found = PLUGIN(ServicenowSettings.model_validate(told), self.rig).cmdb
        assert found is not None
        return found

    def bounded(self, *, within: float = 60, keeps: int = _cmdb.KEPT) -> Cmdb:
        settings = ServicenowSettings.model_validate(servicenow.told(self.url))
        api = Api(settings, self.rig.http)
        return Cmdb(settings, api, self.clock, within=within, keeps=keeps)

    def service(self, name: str, **more: str) -> Row:
        columns = {"used_for": "Production", "busines_criticality": "2 - somewhat critical"}
        return self.desk.put("cmdb_ci_service", **{"name": name, **columns, **more})

    def relates(self, parent: Row, child: Row, kind: str = DEPENDS) -> None:
        self.desk.put(
            "cmdb_rel_ci", parent=parent["sys_id"], child=child["sys_id"], **{"type.name": kind}
        )


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    clock = FakeClock()
    async with servicenow.running() as (desk, url), rigs.rig() as rig:
        yield Here(desk, url, dataclasses.replace(rig, clock=clock), clock)


SHOP = builders.a_service()


async def test_owner_environment_tier_and_dependants_are_the_records(here: Here) -> None:
    shop = here.service("shop", **{"support_group.name": "Shop Team", "owned_by.name": "Ann"})
    here.relates(here.service("Cart", busines_criticality="1 - most critical"), shop)
    here.relates(here.service("Ads", busines_criticality="nobody filled it in"), shop)
    here.relates(here.service("Other"), here.service("elsewhere"))
    here.relates(here.service("Contained"), shop, "Contains::Contained by")
    here.relates(shop, here.service("Database"))

    assert await here.made().entry(SHOP) == Entry(
        owner="Shop Team",
        environment="Production",
        tier=4,
        dependants=(Dependant(name="Ads", tier=5), Dependant(name="Cart", tier=5)),
    )


async def test_what_has_no_support_group_belongs_to_whom_it_is_owned_by(here: Here) -> None:
    here.service("shop", **{"owned_by.name": "Ann"})

    assert (await here.made().entry(SHOP)).owner == "Ann"


@pytest.mark.parametrize(
    ("said", "tier"),
    [("1 - most critical", 5), ("3 - LESS critical", 3), ("4", 2), ("high", None), ("", None)],
)
async def test_a_criticality_is_a_tier_only_as_the_settings_say(
    here: Here, said: str, tier: int | None
) -> None:
    here.service("shop", busines_criticality=said)

    assert (await here.made().entry(SHOP)).tier == tier


async def test_words_of_the_house_stand_for_criticalities_environments_and_names(
    here: Here,
) -> None:
    here.service("Web Shop", used_for="Live", busines_criticality="gold")
    made = here.made(cmdb_environments="production=Live", cmdb_tiers="gold=5, silver=3")
    entry = await made.entry(builders.a_service(facts={"cmdb_name": "Web Shop"}))

    assert (entry.tier, entry.environment) == (5, "Live")


@pytest.mark.parametrize("tiers", ["gold=6", "gold", "=5", "gold=x"])
def test_a_tier_that_is_none_is_refused(tiers: str) -> None:
    with pytest.raises(ValidationError, match="is not like 1=5"):
        ServicenowSettings.model_validate({"cmdb_tiers": tiers})


@pytest.mark.parametrize(
    ("used_for", "says"),
    [(("Test",), "no service shop"), (("Production", "Production"), "more than one service shop")],
)
async def test_no_service_is_guessed(here: Here, used_for: tuple[str, ...], says: str) -> None:
    for one in used_for:
        here.service("shop", used_for=one)

    entry = await here.made().entry(SHOP)

    assert entry == Entry(unknown=f"it has {says} that is used for production")


@pytest.mark.parametrize(
    ("hidden", "names"),
    [("used_for", "used_for"), ("name", "name"), ("child", "child"), ("type.name", "cmdb_rel_ci")],
)
async def test_what_servicenow_leaves_out_of_a_question_is_no_answer(
    here: Here, hidden: str, names: str
) -> None:
    shop = here.service("shop")
    here.relates(here.service("Cart", used_for="Test"), shop)
    here.desk.unread = {hidden}

    with pytest.raises(TemporaryError, match=names):
        await here.made().entry(SHOP)


async def test_dependants_that_were_not_asked_for_are_no_answer(here: Here) -> None:
    shop = here.service("shop")
    here.relates(here.service("Cart"), shop)
    here.service("Bank")
    here.desk.ignored = {"sys_id"}

    with pytest.raises(TemporaryError, match="did not look for sys_id"):
        await here.made().entry(SHOP)


async def test_more_dependants_than_are_read_are_said_as_of_the_highest_tier(here: Here) -> None:
    shop = here.service("shop")
    for number in range(_cmdb.MOST + 1):
        here.relates(here.service(f"user {number}", busines_criticality="4 - not critical"), shop)

    entry = await here.made().entry(SHOP)

    assert len(entry.dependants) == _cmdb.MOST + 1
    assert entry.dependants[-1] == _cmdb.OTHERS
    assert _cmdb.OTHERS.tier == 5


@pytest.mark.parametrize("name", ["LIKEly", "a^b"])
async def test_a_name_never_becomes_more_of_the_question(here: Here, name: str) -> None:
    entry = await here.made().entry(builders.a_service(facts={"cmdb_name": name}))

    assert "ServiceNow" in entry.unknown
    assert here.desk.asked == []


async def test_an_answer_counts_for_five_minutes_and_no_longer(here: Here) -> None:
    row, made = here.service("shop"), here.made()
    first = await made.entry(SHOP)
    row["busines_criticality"] = "1 - most critical"
    here.clock.advance(_cmdb.FRESH - 1)
    second = await made.entry(SHOP)
    reads = len(here.desk.asked)
    here.clock.advance(2)

    assert (first.tier, second.tier, reads) == (4, 4, 2)
    assert (await made.entry(SHOP)).tier == 5


async def test_no_more_services_are_kept_than_it_says(here: Here) -> None:
    made, reads = here.bounded(keeps=2), list[int]()
    for name in ("first", "second", "third", "third", "second", "first"):
        await made.entry(builders.a_service(name=name))
        reads.append(len(here.desk.asked))

    assert reads == [1, 2, 3, 3, 3, 4]


@pytest.mark.parametrize("shut", ["cmdb_ci_service", "cmdb_rel_ci"])
async def test_a_table_that_may_not_be_read_is_said_and_left_alone_for_a_minute(
    here: Here, shut: str
) -> None:
    here.service("shop")
    made = here.made()
    here.desk.shut = {shut}
    with pytest.raises(TemporaryError, match="give its user the right"):
        await made.entry(SHOP)
    here.desk.shut, here.desk.asked = set(), []
    with pytest.raises(TemporaryError, match="asked again in a minute at most"):
        await made.entry(SHOP)
    reads = len(here.desk.asked)
    here.clock.advance(_cmdb.REST + 1)

    assert reads == 0
    assert (await made.entry(SHOP)).tier == 4


async def test_one_that_does_not_answer_is_not_waited_for_again(here: Here) -> None:
    made = here.bounded(within=0.01)
    here.service("shop")
    here.desk.answers.clear()
    with pytest.raises(TemporaryError, match="no answer within"):
        await made.entry(SHOP)
    here.desk.answers.set()

    with pytest.raises(TemporaryError, match="asked again in a minute at most"):
        await made.entry(SHOP)


async def test_the_doctor_is_told_what_cannot_be_read(here: Here) -> None:
    made = here.made()
    empty = await made.why_not()
    here.relates(here.service("Cart"), here.service("shop"))
    fine = await made.why_not()
    here.desk.unread = {"busines_criticality"}
    hidden = await made.why_not()
    here.desk.shut = {"cmdb_rel_ci"}
    here.desk.unread = set()

    assert "no name, used_for, busines_criticality in cmdb_ci_service" in empty
    assert fine == ""
    assert "no busines_criticality in cmdb_ci_service: give its user" in hidden
    assert "cmdb_rel_ci (403)" in await made.why_not()
