"""What an incident has to show is kept beside the ledger, and proved by it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core import exhibit
from bot.core.errors import ConfigurationError
from bot.core.exhibit import PNG, TEXT
from bot.store import copying, verifying
from bot.store.exhibits import Exhibits
from bot.store.ledger import Ledger
from bot.store.sealing import Sealing
from bot.store.writer import Writer
from tests.showcase import FakeExhibits
from tests.store import ledgers
from tests.store.drafts import NOON
from tests.store.showcases import GRAPH, LOG, drafted, filled

KEEP = timedelta(days=90)


def write(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute(sql)


async def test_exhibits_are_read_in_the_order_in_which_they_were_kept(path: Path) -> None:
    writer, exhibits = await filled(path)
    found = await exhibits.evidence("inc-1")
    await writer.close()

    assert found == [GRAPH, LOG]
    assert await exhibits.evidence("inc-2") == []
    assert verifying.verify(path).sound


async def test_a_stand_in_keeps_and_refuses_as_the_real_one_does() -> None:
    fake = FakeExhibits()
    [(first, fresh)] = await fake.keep([(drafted(GRAPH), GRAPH.octets)])
    [(again, anew)] = await fake.keep([(drafted(GRAPH), GRAPH.octets)])
    with pytest.raises(ValueError, match="does not say what its contents are"):
        await fake.keep([(drafted(GRAPH, "inc-2"), LOG.octets)])

    assert (again, fresh, anew) == (first, True, False)
    assert await fake.evidence("inc-1") == [GRAPH]
    assert await fake.evidence("inc-2") == []


async def test_what_is_kept_under_a_name_stays(path: Path) -> None:
    writer, exhibits = await filled(path)
    other = exhibit.exhibited(
        GRAPH.said.name, b"another", media=PNG, title="Errors", says="they rise"
    )
    [(standing, fresh)] = await exhibits.keep([(drafted(other), other.octets)])
    found = await exhibits.evidence("inc-1")
    await writer.close()

    assert (fresh, standing.body, found) == (False, GRAPH.said.body, [GRAPH, LOG])


async def test_a_fact_that_tells_of_other_contents_is_not_recorded(path: Path) -> None:
    writer, exhibits = await filled(path)
    with pytest.raises(ValueError, match="does not say what its contents are"):
        await exhibits.keep([(drafted(LOG, "inc-2"), LOG.octets),
                             (drafted(GRAPH, "inc-2"), LOG.octets)])  # fmt: skip
    found = await exhibits.evidence("inc-2")
    await writer.close()

    assert found == []


@pytest.mark.parametrize(
    ("forged", "why"),
    [
        ("update exhibit set octets = x'00' where key like '%png'", "is not what was recorded"),
        ("delete from exhibit where key like '%png'", "are not here"),
    ],
)
async def test_contents_that_were_changed_or_taken_away_are_found_and_never_shown(
    path: Path, forged: str, why: str
) -> None:
    writer, exhibits = await filled(path)
    await writer.close()
    write(path, forged)
    report = verifying.verify(path)

    assert not report.sound
    assert "broken at entry 2: " in report.line
    assert why in report.line
    assert await exhibits.evidence("inc-1") == [LOG]


async def test_exhibits_leave_the_ledger_with_their_entries_and_are_read_from_the_segment(
    path: Path,
) -> None:
    writer, exhibits = await filled(path, closed=True)
    sealing = Sealing(path, writer, Ledger(writer), many=1)
    sealed = await sealing.seal(KEEP, NOON + timedelta(days=200))
    found = await exhibits.evidence("inc-1")
    await writer.close()
    with closing(sqlite3.connect(path)) as conn:
        left = conn.execute("select key from exhibit").fetchall()

    assert sealed is not None
    assert (left, found) == ([], [GRAPH, LOG])
    assert verifying.verify(path).sound
    path.with_name(sealed.file).unlink()
    assert await exhibits.evidence("inc-1") == []


async def test_a_backup_holds_them_and_is_refused_when_they_do_not_fit(
    path: Path, tmp_path: Path
) -> None:
    writer, _ = await filled(path)
    await writer.close()
    copying.back_up(path, tmp_path / "one", NOON)
    copied = Exhibits(tmp_path / "one" / path.name, Ledger(writer).keep)
    assert await copied.evidence("inc-1") == [GRAPH, LOG]

    write(path, "update exhibit set octets = x'00'")
    with pytest.raises(ConfigurationError, match="not backed up"):
        copying.back_up(path, tmp_path / "two", NOON)


@pytest.mark.parametrize("kept", ledgers.KEPT, ids=lambda kept: kept.name.partition(".")[0])
async def test_a_ledger_of_an_earlier_version_takes_exhibits(path: Path, kept: Path) -> None:
    ledgers.load(kept, path)
    writer = await Writer.open(path)
    exhibits = Exhibits(path, Ledger(writer).keep)
    await exhibits.keep([(drafted(GRAPH, "inc-new"), GRAPH.octets)])
    found = await exhibits.evidence("inc-new")
    await writer.close()

    assert found == [GRAPH]
    assert verifying.verify(path).sound


@pytest.mark.parametrize("octets", [b"", bytes(exhibit.LARGEST + 1)])
def test_what_is_empty_or_too_large_is_no_exhibit(octets: bytes) -> None:
    with pytest.raises(ValueError, match=f"has {len(octets)} octets"):
        exhibit.exhibited("a.txt", octets, media=TEXT, title="A", says="it")
