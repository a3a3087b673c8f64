"""What earlier versions wrote is read by this one, and what was open then goes on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.core import chain
from bot.core.chain import Head, Row
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.transcript import Draft
from bot.engine.healing import WORKFLOW
from bot.store import verifying
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from bot.store.writer import Writer
from tests.engine.houses import WAITING, House
from tests.fakes import FakeClock
from tests.store import ledgers

MANY = 100
JOINED = "alert.joined"


@pytest.fixture(params=ledgers.KEPT, ids=lambda kept: kept.name.partition(".")[0])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    to = tmp_path / "heal.db"
    ledgers.load(request.param, to)
    return to


def rows(path: Path) -> list[Row]:
    with closing(sqlite3.connect(path)) as conn:
        found = conn.execute("select seq, at, incident, actor, kind, key, body, prev, hash "
                             "from entry order by seq")  # fmt: skip
        return list(map(Row._make, found))


def count(path: Path, table: str, where: str) -> int:
    with closing(sqlite3.connect(path)) as conn:
        return int(conn.execute(f"select count(*) from {table} where {where}").fetchone()[0])


@pytest.fixture
async def house(path: Path) -> AsyncIterator[House]:
    """A house that begins a second after the last entry of an earlier version."""
    made = House(path)
    made.clock = FakeClock(datetime.fromisoformat(rows(path)[-1].at) + timedelta(seconds=1))
    await made.open()
    yield made
    await made.close()


async def test_it_is_migrated_and_not_an_entry_is_another(path: Path) -> None:
    before, report = rows(path), verifying.verify(path)
    new = count(path, "inbox", "state = 'new'")
    due = count(path, "outbox", "wanted_hash is not sent_hash")
    writer = await Writer.open(path)
    inbox, outbox = await Inbox.open(writer), Outbox(writer)
    pending, wanted = await inbox.pending(), await outbox.pending()
    await writer.close()
    again = await Writer.open(path)
    await again.close()

    assert rows(path) == before
    assert (report.sound, verifying.verify(path).sound) == (True, True)
    assert verifying.verify(path).head == report.head
    assert (len(pending), wanted) == (new, due)


async def test_every_reader_reads_it(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    writer = await Writer.open(path)
    await writer.close()
    ledger = ["--ledger", str(path)]
    names = sorted({row.incident for row in rows(path) if row.incident})
    asked = [["verify"], ["show"], ["search", "ServiceDown"]]
    asked += [[verb, name] for verb in ("show", "why", "record") for name in names]
    asked += [["export", "--to", str(tmp_path / f"all{end}")] for end in (".db", ".jsonl", ".md")]

    assert len(names) == 2
    assert {" ".join(one): main(["audit", *one, *ledger]) for one in asked} == {
        " ".join(one): 0 for one in asked
    }
    assert "another version" not in capsys.readouterr().out
    assert main(["backup", str(tmp_path / "kept"), *ledger]) == 0


async def test_what_ended_is_known_and_what_was_open_goes_on_to_its_own_deadline(
    house: House,
) -> None:
    ended, asked = (one for one in sorted(house.cases.recent(9), key=lambda one: one.opened_at))
    deadline = deadline_of(asked)

    assert (ended.state, asked.state) == (State.RESOLVED, WAITING)
    assert house.cases.standing().halted is None

    await house.pass_((deadline - house.clock.now()).total_seconds() - 1)
    assert house.of(asked.id).state is WAITING
    await house.pass_(2)
    assert house.of(asked.id).state is State.EXPIRED
    assert verifying.verify(house.path).sound


async def test_a_person_can_still_say_no_to_what_an_earlier_version_asked(house: House) -> None:
    (asked,) = house.cases.open()
    house.people.groups["approvers"] = frozenset({"U1"})
    answer = await house.requests.vote(asked.id, 0, "U1", yes=False, why="not now")
    await house.settle()

    assert answer.done
    assert house.of(asked.id).state is State.REJECTED


def deadline_of(one: Incident) -> datetime:
    assert one.asked is not None
    return one.asked.request.expires_at


def copied(path: Path, times: int) -> None:
    """Chain so many copies of the story that waits to the file, as that version would have."""
    story = rows(path)
    waits = next(row.incident for row in story if row.kind == "approval.asked"
                 and not any(one.kind == "approval.decided" for one in story
                             if one.incident == row.incident))  # fmt: skip
    head = Head(story[-1].seq, story[-1].hash)
    with closing(sqlite3.connect(path)) as conn, conn:
        for number in range(times):
            name = f"inc-copy{number:02}"
            for old in (row for row in story if row.incident == waits and row.kind != JOINED):
                at, key = datetime.fromisoformat(old.at), old.key.replace(waits, name)
                body = old.body.replace(waits, name)
                row = chain.chained(head, Draft(at=at, incident=name, actor=old.actor,
                                                kind=old.kind, key=key, body=body))  # fmt: skip
                conn.execute("insert into entry values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
                head = Head(row.seq, row.hash)


async def test_an_upgrade_with_a_hundred_pending_approvals_loses_none_and_moves_no_deadline(
    tmp_path: Path,
) -> None:
    path = tmp_path / "heal.db"
    ledgers.load(ledgers.KEPT[0], path)
    copied(path, MANY)
    asked = {row.incident: json.loads(row.body)["request"]["expires_at"]
             for row in rows(path) if row.kind == "approval.asked"}  # fmt: skip
    house = House(path)
    house.clock = FakeClock(datetime.fromisoformat(rows(path)[-1].at) + timedelta(seconds=1))
    await house.open()
    waiting = {one.id: deadline_of(one) for one in house.cases.open() if one.state is WAITING}
    await house.settle()
    still = [one for one in house.cases.open() if one.state is WAITING]
    await house.close()

    assert len(waiting) == MANY + 1
    assert len(still) == MANY + 1
    assert waiting == {name: datetime.fromisoformat(asked[name]) for name in waiting}
    assert verifying.verify(path).sound


async def test_runs_of_a_version_that_must_not_be_replayed_are_handed_over_and_askable(
    path: Path,
) -> None:
    house = House(path)
    house.clock = FakeClock(datetime.fromisoformat(rows(path)[-1].at) + timedelta(seconds=1))
    house.versions = frozenset({"heal-9"})
    await house.open()
    (left,) = [one for one in house.cases.recent(9) if one.state is State.ESCALATED]
    open_ = house.cases.open()
    house.versions = frozenset({WORKFLOW})
    await house.restart()
    again = await house.requests.again(left.id, "U1", "click-1")
    await house.settle()
    await house.close()

    assert open_ == []
    assert left.escalated is not None
    assert "was begun by workflow heal-1, which this version of Heal must not replay" in (
        left.escalated.why
    )
    assert (left.askable, again.done) == (True, True)
    assert house.of(again.incident).opened.again_for == left.id
