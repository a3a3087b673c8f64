"""A standard change of ServiceNow goes with a run: opened before it, closed by what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.clients.rig import Rig
from bot.clients.servicenow_settings import ServicenowSettings
from bot.core import facts, updates
from bot.core.errors import ActionError
from bot.core.lifecycle import State
from bot.core.updates import Update
from bot.engine.corresponding import Corresponding
from bot.tickets._change import Change
from bot.tickets._servicenow import CHANGE
from bot.tickets.servicenow import PLUGIN
from tests import builders
from tests.desks import servicenow, stands
from tests.desks.faults import Fault
from tests.desks.servicenow import ServiceNowDesk
from tests.engine.houses import House
from tests.slack.cards import stories


class Here(NamedTuple):
    desk: ServiceNowDesk
    url: str
    rig: Rig

    def made(self, templates: str = "") -> Change:
        told = servicenow.told(self.url, change_templates=templates or f"*={self.desk.template}")
        return PLUGIN(ServicenowSettings.model_validate(told), self.rig).branches["change"]

    @property
    def change(self) -> dict[str, str]:
        [row] = self.desk.tables["change_request"]
        return row

    @property
    def states(self) -> list[str]:
        """What was sent, as far as it moves or opens something."""
        return [one for one in self.desk.asked if not one.startswith("GET")]


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    async with servicenow.running() as (desk, url), stands.a_rig() as rig:
        yield Here(desk, url, rig)


def every(story: str) -> list[Update]:
    return [*updates.of(stories.incident(story))]


async def told(change: Change, story: list[Update]) -> str:
    """Tell all of it, each as often as it takes."""
    reference = ""
    for update in story:
        for tried in range(5):
            try:
                reference = await change.tell(update, reference, uncertain=tried > 0)
                break
            except ActionError:
                continue
    return reference


@pytest.mark.parametrize(
    ("story", "state", "code"),
    [
        ("running", "-1", ""),
        ("healed", "3", "successful"),
        ("resolved", "3", "successful"),
        ("rolled_back", "3", "unsuccessful"),
        ("rejected", "4", ""),
    ],
)
async def test_a_change_is_where_its_run_is(here: Here, story: str, state: str, code: str) -> None:
    reference = await told(here.made(), every(story))
    found = here.change

    assert (found["number"], found["state"], found.get("close_code", "")) == (
        reference,
        state,
        code,
    )
    assert found["std_change_producer_version"] == here.desk.template
    assert found["correlation_id"] == builders.INCIDENT
    marks = [note.rpartition("[")[2].rstrip("]") for note in here.desk.notes(reference)]
    assert marks == [one.mark for one in every(story)]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("often", [1, 3])
async def test_whatever_goes_wrong_it_is_one_change_with_each_note_once_in_order(
    here: Here, fault: Fault, often: int
) -> None:
    here.desk.fail(*[fault] * often)
    reference = await told(here.made(), every("resolved"))
    here_marks = [note.rpartition("[")[2].rstrip("]") for note in here.desk.notes(reference)]

    assert here.change["state"] == "3"
    assert here_marks == [one.mark for one in every("resolved")]


async def test_every_single_write_may_be_lost_on_its_way(here: Here) -> None:
    story = every("resolved")
    reference = ""
    for update in story:
        for tried in range(8):
            here.desk.fail(Fault.LOST)
            try:
                reference = await here.made().tell(update, reference, uncertain=tried > 0)
            except ActionError:
                continue
            break
        here.desk.fail()
    marks = [note.rpartition("[")[2].rstrip("]") for note in here.desk.notes(reference)]

    assert (here.change["state"], marks) == ("3", [one.mark for one in story])


@pytest.mark.parametrize("state", ["3", "4"])
async def test_what_people_closed_or_canceled_is_only_noted(here: Here, state: str) -> None:
    story = every("resolved")
    reference = await told(here.made(), story[:1])
    here.change["state"] = state
    await told_to(here.made(), story[1:], reference)

    assert (here.change["state"], here.change.get("close_code")) == (state, None)
    assert len(here.desk.notes(reference)) == len(story)


async def told_to(change: Change, story: list[Update], reference: str) -> None:
    for update in story:
        await change.tell(update, reference, uncertain=False)


@pytest.mark.parametrize(
    ("templates", "story", "wanted"),
    [
        ("", "approved", ""),
        ("", "running", ""),
        ("", "awaiting", None),
        ("", "looking", None),
        ("", "dry_run", None),
        ("scale-*=x", "approved", None),
        ("restart-*=x,*=y", "approved", ""),
    ],
)
async def test_one_is_opened_once_a_plan_of_its_runbooks_is_agreed_to(
    here: Here, templates: str, story: str, wanted: str | None
) -> None:
    assert here.made(templates).concerns(stories.incident(story)) == wanted


async def test_without_a_template_there_is_none_and_the_doctor_names_one_that_is_not_there(
    here: Here,
) -> None:
    config = ServicenowSettings.model_validate(servicenow.told(here.url))

    assert not PLUGIN(config, here.rig).branches["change"].wanted
    assert await here.made().why_not() == ""
    assert "no template nowhere" in await here.made("*=nowhere").why_not()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    one = House(tmp_path / "heal.db")
    await one.open()
    yield one
    await one.close()


async def until(house: House, done: Callable[[], bool], most: float = 0) -> None:
    """Wait until something is so, and let time go by whenever somebody wakes that soon."""
    async with asyncio.timeout(180):
        while not done():
            if house.clock.due is not None and house.clock.due <= most:
                house.clock.advance(house.clock.due)
            await asyncio.sleep(0.002)


async def test_nothing_is_done_before_its_change_is_open_and_the_incident_names_it(
    house: House, here: Here
) -> None:
    change = here.made()
    house.preceding[CHANGE] = change
    seen: list[str] = []

    def restarted() -> None:
        seen.extend((here.change["number"], house.incident.tickets[CHANGE].reference))
        house.get_well()

    house.pool.then = restarted
    Corresponding(house.world, CHANGE, change, str).begin()
    plain = PLUGIN(ServicenowSettings.model_validate(
        servicenow.told(here.url, open_for="critical,warning,info")), here.rig)  # fmt: skip
    Corresponding(house.world, "servicenow", plain, str).begin()
    await house.asked()
    assert here.desk.tables["change_request"] == []
    await house.vote()
    await until(house, lambda: house.incident.state is State.HEALED, most=60)
    last = [*updates.of(house.incident)][-1].number
    await until(house, lambda: all(one.upto >= last for one in house.incident.tickets.values()))
    number = here.change["number"]

    assert seen == [number, number]
    assert here.change["state"] == "3"
    assert "503" in here.change["close_notes"]
    opened = house.incident.tickets["servicenow"].reference
    assert [one for one in here.desk.notes(opened) if f"\nchange: {number}\n" in one]
    transcript = [facts.read(one.body) for one in await house.entries()]
    assert [
        one for one in transcript if isinstance(one, facts.TicketTold) and one.reference == number
    ]


@pytest.mark.parametrize(("rule", "acts"), [("tell", 1), ("require", 0)])
async def test_without_its_change_a_run_begins_only_where_policy_lets_it(
    house: House, here: Here, rule: str, acts: int
) -> None:
    here.desk.lock()
    house.library = builders.a_library(rulebook=builders.a_rulebook(ticket={"change": rule}))
    change = here.made()
    house.preceding[CHANGE] = change
    Corresponding(house.world, CHANGE, change, str).begin()
    await house.asked()
    await house.vote()
    known = await house.until(State.HEALED, State.ESCALATED, within=120)
    said = known.started.refused if known.started else ()

    assert len(house.effects) == acts
    assert any("policy wants it open first" in one for one in said) is not bool(acts)
    assert (known.state is State.HEALED) is bool(acts)
