"""The ledger of one process goes to Postgres once, whole, and never over another one."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from bot.clients.postgres import Postgres
from bot.core.errors import ConfigurationError
from bot.store import reading, verifying
from bot.store.exhibits import Exhibits
from bot.store.inbox import Inbox
from bot.store.ledger import Ledger
from bot.store.sealing import Sealing
from bot.store.shared.copy import Copy
from bot.store.writer import Writer
from tests.store import histories, sharers, showcases
from tests.store.drafts import NOON, draft
from tests.store.histories import KEEP, NOW
from tests.store.shared.files import contents


async def alone(path: Path, count: int) -> None:
    """What one process leaves behind."""
    writer = await Writer.open(path)
    inbox = await Inbox.open(writer)
    await Ledger(writer).append_all([draft(f"key-{number}") for number in range(count)])
    for number in range(3):
        await inbox.put([f"kéy-{number}\x01"], "door", b"\xfe", {}, NOON)
    await writer.close()


async def test_an_empty_database_is_filled_from_the_file_and_others_follow(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    await alone(path, 600)
    before = contents(path)
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    inbox = await Inbox.open(writer)
    known = await inbox.put(["kéy-1\x01"], "door", b"", {}, NOON)
    await inbox.done(2)
    await writer.close()
    copy = await Copy.open(tmp_path / "copy.db", Postgres(schema_url))
    reached = await copy.follow()
    await copy.close()

    assert (reached.entries, known.fresh) == (600, False)
    assert contents(tmp_path / "copy.db") == contents(path)
    assert contents(path)["entry"] == before["entry"]
    assert contents(path)["inbox_key"] == before["inbox_key"]


async def test_who_stands_by_with_a_ledger_of_its_own_waits_for_what_the_active_one_says(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    await alone(path, 3)
    await alone(tmp_path / "other.db", 2)
    other = await Copy.open(tmp_path / "other.db", Postgres(schema_url))
    sharers.laid_down(schema_url).close()
    assert (await other.follow()).head.seq == 2
    await (await Writer.open(path, shared=sharers.shared(schema_url))).close()
    reached = await other.follow()  # the same entries, and one more
    await other.close()

    assert reached.head.seq == 3


async def test_a_second_ledger_is_not_brought_where_one_is(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    await alone(path, 2)
    await alone(tmp_path / "longer.db", 3)
    await (await Writer.open(path, shared=sharers.shared(schema_url))).close()

    with pytest.raises(ConfigurationError, match=r"from entry 3 .* moving it away"):
        await Writer.open(tmp_path / "longer.db", shared=sharers.shared(schema_url))


async def test_a_copy_of_one_database_does_not_fill_another_by_mistake(
    path: Path, schema_url: str, database_url: str
) -> None:
    await alone(path, 2)
    await (await Writer.open(path, shared=sharers.shared(schema_url))).close()
    with pytest.raises(ConfigurationError, match="is empty, but this file follows another one"):
        await Writer.open(path, shared=sharers.shared(database_url))
    await (await Writer.open(path)).close()  # the remedy that it names
    await (await Writer.open(path, shared=sharers.shared(database_url))).close()
    session = Postgres(database_url).connect()

    assert session.rows("select count(*) from heal_entry") == [(2,)]
    session.close()


async def test_what_came_in_before_the_first_entry_is_brought_too(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    await alone(path, 0)
    await (await Writer.open(path, shared=sharers.shared(schema_url))).close()
    copy = await Copy.open(tmp_path / "copy.db", Postgres(schema_url))
    await copy.follow()
    await copy.close()

    assert len(contents(tmp_path / "copy.db")["inbox"]) == 3


async def test_a_ledger_that_does_not_hold_is_not_brought(path: Path, schema_url: str) -> None:
    await alone(path, 5)
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("drop trigger entry_is_never_changed")
        conn.execute("update entry set body = '[]' where seq = 4")

    with pytest.raises(ConfigurationError, match="broken at entry 4"):
        await Writer.open(path, shared=sharers.shared(schema_url))
    session = Postgres(schema_url).connect()
    assert session.rows("select lsn from heal_state") == [(0,)]
    session.close()


async def test_what_was_sealed_away_is_brought_from_its_segments_and_others_have_all_of_it(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    writer = await Writer.open(path)
    await Ledger(writer).append_all(histories.past(Random(1), 30))
    assert await Sealing(path, writer, Ledger(writer), many=1).seal(KEEP, NOW)
    await writer.close()
    (segment,) = path.parent.glob("*.sealed")
    away = segment.rename(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match=r"broken at entry .* with its sealed segments"):
        await Writer.open(path, shared=sharers.shared(schema_url))
    away.rename(segment)
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    await Ledger(writer).append(draft("after"))
    await writer.close()
    copy = await Copy.open(tmp_path / "copy.db", Postgres(schema_url))
    reached = await copy.follow()
    await copy.close()
    whole = list(reading.entries(path))
    (tmp_path / "far").mkdir()
    shutil.copy(tmp_path / "copy.db", far := tmp_path / "far" / "copy.db")

    assert list(reading.entries(tmp_path / "copy.db")) == whole
    assert reached.entries == len(contents(tmp_path / "copy.db")["entry"]) == len(whole)
    assert len(contents(path)["entry"]) < len(whole)
    assert verifying.verify(path).sound
    assert verifying.verify(tmp_path / "copy.db").sound  # with the other's segments beside it
    assert verifying.verify(far).sound
    assert verifying.verify(far).missing == ()
    assert list(reading.entries(far)) == whole
    with closing(sqlite3.connect(far)) as conn, conn:
        conn.execute("drop trigger entry_is_never_changed")
        conn.execute("update entry set body = '[]' where seq = 4")
    assert verifying.verify(far).broken == (4, "its hash is not the hash of what it says")


async def test_a_file_that_let_go_of_entries_is_still_compared_with_postgres(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    for name in ("sealed.db", "other.db"):
        writer = await Writer.open(tmp_path / name)
        await Ledger(writer).append_all(histories.past(Random(1), 30))
        if name == "sealed.db":
            await Sealing(tmp_path / name, writer, Ledger(writer), many=1).seal(KEEP, NOW)
        else:
            await Ledger(writer).append(draft("something else"))
        await writer.close()
    await (await Writer.open(tmp_path / "other.db", shared=sharers.shared(schema_url))).close()
    alike = sum(1 for _ in reading.entries(tmp_path / "other.db")) - 1

    with pytest.raises(ConfigurationError, match=f"from entry {alike + 1} on"):
        await Writer.open(tmp_path / "sealed.db", shared=sharers.shared(schema_url))


async def test_exhibits_are_brought_also_from_segments_and_others_have_them(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    writer, _ = await showcases.filled(path, closed=True)
    await Sealing(path, writer, Ledger(writer), many=1).seal(KEEP, NOW)
    await writer.close()
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    ledger = Ledger(writer)
    late = showcases.drafted(showcases.GRAPH, "inc-2")
    await ledger.keep([(late, showcases.GRAPH.octets)])
    await writer.close()
    copy = await Copy.open(tmp_path / "copy.db", Postgres(schema_url))
    await copy.follow()
    await copy.close()
    there = Exhibits(tmp_path / "copy.db", ledger.keep)

    assert await there.evidence("inc-1") == [showcases.GRAPH, showcases.LOG]
    assert await there.evidence("inc-2") == [showcases.GRAPH]
    assert verifying.verify(tmp_path / "copy.db").sound
