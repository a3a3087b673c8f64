"""What `heal doctor --deep` looks at besides: each fault is sown into a sound house, and found."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.clock import Clock
from bot.core.facts import Opened
from bot.core.transcript import Draft
from bot.doctor import certificates, deep
from bot.doctor.finding import Finding, State
from bot.rehearsal.workspace import Workspace
from bot.settings import Lenient
from bot.slack.examining import Examiner
from bot.slack.letters import Kind, Priority
from bot.store.health import Growth
from bot.store.inbox import Inbox
from bot.store.ledger import Ledger
from bot.store.outbox import Outbox
from bot.store.writer import Writer
from tests import builders
from tests.doctor.bodies import Body, examined, healthy, listening

OK, WARNING, FAILED = State
NAMES = {"ledger disk", "ledger pages", "ledger size", "inbox and outbox", "open incidents",
         "cards"}  # fmt: skip
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class Fault(NamedTuple):
    """What is hurt, and the finding that must name it."""

    hurt: Callable[[Body], None]
    check: str
    state: State
    found: str
    remedy: str


def lived(body: Body, *, days: float = 0) -> None:
    """A ledger with one open incident, so many days old."""
    fact = Opened(alert=builders.an_alert(), workflow="heal-1", title="shop is down",
                  service="shop", environment="demo")  # fmt: skip
    at = Clock().now() - timedelta(days=days)

    async def write() -> None:
        writer = await Writer.open(body.ledger)
        await Ledger(writer).append(
            Draft(at=at, incident="inc-1", actor="heal", kind=fact.kind, key="1", body=fact.body)
        )
        await Inbox.open(writer)
        Outbox(writer)
        await writer.close()

    asyncio.run(write())


def stands_still(body: Body) -> None:
    lived(body, days=8)


def refused_an_item(body: Body) -> None:
    lived(body)

    async def write() -> None:
        writer = await Writer.open(body.ledger)
        inbox = await Inbox.open(writer)
        kept = await inbox.put([], "alerts/zabbix", b"{}", {}, Clock().now())
        await inbox.refused(kept.id, "KeyError: host")
        await writer.close()

    asyncio.run(write())


def wanted(body: Body, *, ago: timedelta) -> None:
    lived(body)

    async def write() -> None:
        writer = await Writer.open(body.ledger)
        await Outbox(writer).want("inc-1/card", "C0ALERTS", None, Kind.MESSAGE, Priority.NEWS,
                                  '{"text": "shop"}', Clock().now() - ago)  # fmt: skip
        await writer.close()

    asyncio.run(write())


def unsent_for_an_hour(body: Body) -> None:
    wanted(body, ago=timedelta(hours=1))


def gone_from_slack(body: Body) -> None:
    wanted(body, ago=timedelta(seconds=1))
    with closing(sqlite3.connect(body.ledger)) as conn, conn:
        conn.execute("update outbox set sent_hash = wanted_hash, sent_channel = 'C0ALERTS', "
                     "ts = '1700000000.000100'")  # fmt: skip


def torn(body: Body) -> None:
    """A page of an index that a disk gave back as noise: no chain of entries can see it."""
    lived(body)
    with closing(sqlite3.connect(body.ledger)) as conn:
        sql = "select rootpage from sqlite_schema where name = 'inbox_new'"
        (root,) = conn.execute(sql).fetchone()
        (size,) = conn.execute("pragma page_size").fetchone()
    with body.ledger.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\x0d" * 64)


def no_tls_there(body: Body) -> None:
    body.environment["HEAL_JIRA_URL"] = "https://127.0.0.1:1/jira"


FAULTS = {
    "an incident in which nothing happens": Fault(
        stands_still, "open incidents", WARNING, "inc-1", "/heal why"
    ),
    "an item that cannot be dealt with": Fault(
        refused_an_item, "inbox", WARNING, "KeyError: host", "send them again"
    ),
    "a message that Slack does not take": Fault(
        unsent_for_an_hour, "outbox", WARNING, "1 messages wait longer than 10 min", "/readyz"
    ),
    "a card that somebody deleted": Fault(
        gone_from_slack, "cards", WARNING, "inc-1/card", "deleted"
    ),
    "a page that is torn": Fault(torn, "ledger pages", FAILED, "", "put back the last good"),
    "a system without TLS": Fault(
        no_tls_there, "certificate of 127.0.0.1:1", WARNING, "TLS does not come about", "address"
    ),
}  # fmt: skip


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with listening() as answering:
        yield answering


def by_name(found: list[Finding]) -> dict[str, Finding]:
    return {one.name: one for one in found}


async def test_in_a_sound_house_all_of_it_is_in_order(tmp_path: Path, port: int) -> None:
    body = healthy(tmp_path, port)
    await asyncio.to_thread(lived, body)
    found = by_name(await examined(body, deeply=True))

    assert found.keys() >= NAMES
    assert {name: found[name].found for name in NAMES - {"ledger disk"}
            if found[name].state is not OK} == {}  # fmt: skip


async def test_none_of_it_is_looked_at_unless_somebody_asks(tmp_path: Path, port: int) -> None:
    body = healthy(tmp_path, port)
    await asyncio.to_thread(lived, body)

    assert not by_name(await examined(body)).keys() & NAMES


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_a_fault_is_found_with_its_remedy(fault: Fault, tmp_path: Path, port: int) -> None:
    body = healthy(tmp_path, port)
    await asyncio.to_thread(fault.hurt, body)
    named = by_name(await examined(body, deeply=True))[fault.check]

    assert (named.state, fault.found in named.found) == (fault.state, True), named
    assert fault.remedy in named.remedy


@pytest.mark.parametrize(("days", "state"), [(60, OK), (20, WARNING), (2, FAILED), (-1, FAILED)])
def test_a_certificate_is_judged_by_the_days_that_are_left(days: int, state: State) -> None:
    until = NOW + timedelta(days=days, hours=1)

    assert certificates.judged("x", until, NOW).state is state


@pytest.mark.parametrize(("days", "state"), [(300, OK), (20, WARNING), (2, FAILED)])
def test_a_ledger_is_judged_by_when_its_disk_is_full(days: int, state: State) -> None:
    assert deep.grown(Growth(1 << 30, 1 << 20), days << 20).state is state


@pytest.mark.parametrize(("middle", "state"), [(0.003, OK), (0.08, WARNING), (0.9, FAILED)])
def test_a_disk_is_judged_by_how_long_its_writes_take(middle: float, state: State) -> None:
    assert deep.safe_after([0.001, middle, 2.0]).state is state


async def test_a_message_is_looked_for_where_it_stands_and_in_its_thread() -> None:
    async with Workspace.open() as workspace:
        room = workspace.world.channel("alerts").id
        root = (await workspace.post("andre", "alerts", "the shop is down"))["ts"]
        reply = (await workspace.post("andre", "alerts", "again", thread_ts=root))["ts"]
        settings = Lenient(SLACK_BOT_TOKEN="xoxb-local", SLACK_API_URL=workspace.api_url)
        async with Examiner.open(settings, Clock()) as examiner:
            there = [await examiner.shows(room, root), await examiner.shows(room, reply, root)]
            workspace.letters.delete(room, reply)
            gone = [await examiner.shows(room, reply, root), await examiner.shows(room, root, root)]

    assert (there, gone) == ([True, True], [False, True])
