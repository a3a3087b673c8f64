"""A whole incident of the real engine, kept in step with Jira over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import ports
from bot.clients.rig import Rig
from bot.core import updates
from bot.core.alert import Alert
from bot.core.lifecycle import State
from bot.engine.corresponding import Corresponding
from bot.engine.exhibiting import Exhibiting
from bot.engine.world import Limits
from bot.store.exhibits import Exhibits
from bot.tickets.jira import JiraTickets
from tests.desks import jiras, stands
from tests.desks.faults import Fault
from tests.desks.jiras import JiraDouble
from tests.engine.houses import House
from tests.sources.test_jira import content, parsed
from tests.tickets import incidents

SITE = "https://example.atlassian.net"
LABELS = ["service:shop", "environment:production", "alertname:ServiceDown"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    one = House(tmp_path / "heal.db")
    one.limits = Limits(outside=60)  # other programs run beside it
    await one.open()
    yield one
    await one.close()


@pytest.fixture
async def double() -> AsyncIterator[JiraDouble]:
    async with jiras.opened() as one:
        one.put("OPS-118")
        yield one


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with stands.a_rig() as one:
        yield one


def sent() -> Alert:
    """The alert that Jira's own webhook makes of the issue."""
    [alert] = parsed(content(labels=LABELS))
    return alert


def tracker(double: JiraDouble, rig: Rig) -> JiraTickets:
    made: JiraTickets = stands.made("jira", stands.of_jira(double, projects="OPS", site=SITE), rig)
    return made


def begin(house: House, double: JiraDouble, rig: Rig) -> None:
    """Keep Jira in step from now on."""
    Corresponding(house.world, "jira", tracker(double, rig), str).begin()


async def told(house: House, name: str = "") -> None:
    """Wait until everything was told; what was refused is tried again when time goes by."""
    async with asyncio.timeout(180):
        while True:
            ticket = house.of(name).tickets.get("jira")
            last = [*updates.of(house.of(name))][-1].number
            if ticket is not None and ticket.upto >= last:
                return
            if house.clock.due is not None and house.clock.due <= 60:
                house.clock.advance(house.clock.due)
            await asyncio.sleep(0.002)


async def heal(house: House) -> None:
    await house.fire(sent())
    await house.until(State.AWAITING_APPROVAL)
    await house.vote()
    await house.until(State.HEALED, within=60)


async def test_who_reads_only_the_issue_knows_what_happened_and_who_agreed(
    house: House, double: JiraDouble, rig: Rig
) -> None:
    begin(house, double, rig)
    await heal(house)
    await told(house)
    said = double.said("OPS-118")
    marks = [f"{house.incident.id}.{one.number}" for one in updates.of(house.incident)]

    assert [note.rstrip().rpartition("heal:")[2] for note in said] == marks
    assert [note for note in said if "U1 said yes" in note]
    assert [note for note in said if "health: status\t503\t200\t" in note]
    assert double.issues["OPS-118"]["status"] == "Done"


@pytest.mark.parametrize(("touch", "why"), [("close", "is closed"), ("hold", "is 'On Hold'")])
async def test_an_issue_that_people_closed_or_hold_is_read_first_and_nothing_is_done(
    house: House, double: JiraDouble, rig: Rig, touch: str, why: str
) -> None:
    house.objectors["jira"] = tracker(double, rig)
    getattr(double, touch)("OPS-118")
    await house.fire(sent())
    known = await house.slowly(State.AWAITING_APPROVAL, State.ESCALATED)
    said = [one.reason for one in known.planned.verdicts] if known.planned else []

    assert isinstance(tracker(double, rig), ports.Objector)
    assert house.effects == []
    assert known.state is State.ESCALATED
    assert [one for one in said if f"OPS-118 {why}" in one]


async def test_what_comes_back_opens_the_issue_again(
    house: House, double: JiraDouble, rig: Rig
) -> None:
    begin(house, double, rig)
    await heal(house)
    await told(house)
    done = double.issues["OPS-118"]["status"]
    name = house.incident.id
    await house.resolve(sent())
    await house.until(State.RESOLVED)
    house.health.says({"status": 503})
    await house.fire(sent())
    await house.until(State.AWAITING_APPROVAL)
    await told(house, name)
    await told(house)

    assert house.of(name).state is State.NOT_FIXED
    assert (done, double.issues["OPS-118"]["status"]) == ("Done", "To Do")


async def test_a_house_that_dies_after_a_comment_landed_does_not_write_it_again(
    house: House, double: JiraDouble, rig: Rig
) -> None:
    double.fail(Fault.LOST)
    begin(house, double, rig)
    await heal(house)
    async with asyncio.timeout(180):
        while not double.said("OPS-118"):
            await asyncio.sleep(0.002)
    await house.restart()
    begin(house, double, rig)
    await told(house)
    said = double.said("OPS-118")

    assert len(said) == len([*updates.of(house.incident)])
    assert len(set(said)) == len(said)


async def test_jira_that_is_away_delays_no_run_and_hears_all_of_it_later(
    house: House, double: JiraDouble, rig: Rig
) -> None:
    double.fail(*[Fault.AWAY] * 5)
    begin(house, double, rig)
    await heal(house)
    before = double.said("OPS-118")
    await told(house)

    assert before == []
    assert len(double.said("OPS-118")) == len([*updates.of(house.incident)])


async def test_a_clean_up_that_did_not_help_opens_an_issue_with_the_report_attached(
    house: House, double: JiraDouble, rig: Rig
) -> None:
    house.pool.then = lambda: None
    house.health.says({"status": 503, "tree": incidents.TREE})
    kept = Exhibits(house.path, house.ledger.keep)
    Exhibiting(house.world, kept, None).begin()
    opening = stands.made("jira", stands.of_jira(double, open_in="SHOP"), rig)
    Corresponding(house.world, "jira", opening, str, kept).begin()
    await house.asked()
    await house.vote()
    before = list(double.issues)
    known = await house.until(State.ESCALATED, within=300)
    name = f"{known.run}-health-tree-before.txt"
    async with asyncio.timeout(180):
        while not (held := attached(double, name)):
            await asyncio.sleep(0.002)
    await told(house)
    [opened] = set(double.issues) - {"OPS-118"}

    assert before == ["OPS-118"]
    assert held == [(opened, incidents.TREE.rstrip("\n"))]
    assert double.issues[opened]["status"] == "To Do"
    assert [note for note in double.said(opened) if "NOT verified" in note]


def attached(double: JiraDouble, name: str) -> list[tuple[str, str]]:
    """Which issues have a file of this name, and what is in it."""
    return [
        (key, octets.decode())
        for key, issue in double.issues.items()
        for file, _, octets in issue["attachments"]
        if file == name
    ]
