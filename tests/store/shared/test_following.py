"""A file is brought to what Postgres says, whatever it held, or refused by what is wrong."""

from __future__ import annotations

import tracemalloc
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.clients.postgres import Postgres, Session
from bot.core import chain
from bot.core.chain import GENESIS, Head
from bot.core.errors import ConfigurationError, StoreUnavailable
from bot.store import file, verifying
from bot.store.inbox import Inbox
from bot.store.ledger import Ledger
from bot.store.outbox import Outbox
from bot.store.shared import following, shipping
from bot.store.shared.cargo import Cargo
from bot.store.shared.copy import Copy
from bot.store.shared.following import Reached
from bot.store.tidying import tidy
from bot.store.writer import Writer
from tests.builders import an_opening
from tests.store import sharers
from tests.store.drafts import NOON, draft
from tests.store.shared.files import contents


async def followed(path: Path, url: str) -> Reached:
    """Let a replica that stands by look once."""
    copy = await Copy.open(path, Postgres(url))
    try:
        return await copy.follow()
    finally:
        await copy.close()


async def act(writer: Writer, day: int = 0) -> None:
    """Write all over the file: what is new, what changes, what goes."""
    inbox, outbox = await Inbox.open(writer), Outbox(writer)
    at = NOON + timedelta(days=day)
    for number in range(3):
        keys = [f"day {day}", f"day {day} key {number}"][number > 0 :]
        await inbox.put(keys, "door", b"\x00\xff" * number, {"of": "Ünïcode \x00"}, at)
    [first, *_] = await inbox.pending()
    await inbox.done(first.id)
    await outbox.want(f"card {day}", "C1", None, "card", 1, f"{{{day}}}", at)
    await outbox.want("the same card", "C1", f"card {day}", "card", 1, f"{{{day}}}", at)
    await outbox.sent(f"card {day}", 1, f"17{day}", "C1")
    await Ledger(writer).append(draft(f"day {day}", at=at))
    await tidy(inbox, outbox, at)


async def test_an_empty_disk_is_filled_and_a_second_look_changes_nothing(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    await act(writer)
    filled = await followed(tmp_path / "empty.db", schema_url)
    again = await followed(tmp_path / "empty.db", schema_url)

    assert contents(tmp_path / "empty.db") == contents(path)
    assert (filled.entries, again.entries, again.rows) == (1, 0, 0)
    assert filled.head == again.head == await Ledger(writer).head()
    await writer.close()


async def test_who_follows_takes_only_what_is_new_and_hears_of_what_is_gone(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    copy = await Copy.open(tmp_path / "copy.db", Postgres(schema_url))
    for day in range(0, 40, 4):
        await act(writer, day)
        reached = await copy.follow()

        assert contents(tmp_path / "copy.db") == contents(path)
        assert reached.entries == 1
        assert reached.rows < 20
    assert len(contents(path)["inbox"]) < 30  # so some did go
    await copy.close()
    await writer.close()


async def test_a_copy_finds_incidents_by_their_alerts_as_the_file_it_follows_does(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    await Ledger(writer).append(
        draft("opened", kind="incident.opened", body=an_opening().model_dump_json())
    )
    await writer.close()
    await followed(tmp_path / "copy.db", schema_url)

    assert contents(tmp_path / "copy.db")["sighting"] == contents(path)["sighting"] != []
    assert verifying.verify(tmp_path / "copy.db").sound


async def test_whoever_stood_by_acts_and_who_acted_stands_by(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    other = tmp_path / "other.db"
    for turn, (acting, standing) in enumerate([(path, other), (other, path), (path, other)]):
        writer = await Writer.open(acting, shared=sharers.shared(schema_url))
        await act(writer, turn)
        await writer.close()
        await followed(standing, schema_url)

        assert contents(standing) == contents(acting)
    assert len(contents(path)["entry"]) == 3


async def test_nothing_is_followed_before_there_is_anything(path: Path, schema_url: str) -> None:
    before = await followed(path, schema_url)
    sharers.laid_down(schema_url).close()
    after = await followed(path, schema_url)

    assert before.head == after.head == Head(0, GENESIS)


async def test_a_file_with_an_entry_more_is_refused_by_its_number(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    await Ledger(writer).append_all([draft(f"key-{number}") for number in range(5)])
    await followed(tmp_path / "copy.db", schema_url)
    alone = await Writer.open(tmp_path / "copy.db")
    await Ledger(alone).append(draft("written alone"))
    await alone.close()

    with pytest.raises(ConfigurationError, match=r"from entry 6 .* does not have it: .* moving it"):
        await followed(tmp_path / "copy.db", schema_url)
    with pytest.raises(ConfigurationError, match="from entry 6"):
        await Writer.open(tmp_path / "copy.db", shared=sharers.shared(schema_url))
    await writer.close()


@pytest.mark.parametrize("alike", [0, 1, 7])
async def test_a_file_that_says_something_else_is_refused_by_the_first_such_entry(
    path: Path, tmp_path: Path, schema_url: str, alike: int
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    other = await Writer.open(tmp_path / "other.db")
    for number in range(10):
        await Ledger(writer).append(draft(f"key-{number}"))
        await Ledger(other).append(draft(f"key-{number}", body="{}" if number < alike else "[]"))
    await writer.close()
    await other.close()
    before = contents(tmp_path / "other.db")

    with pytest.raises(ConfigurationError, match=f"from entry {alike + 1} .* says something else"):
        await followed(tmp_path / "other.db", schema_url)
    assert contents(tmp_path / "other.db") == before


async def test_a_file_that_was_written_alone_without_an_entry_is_laid_down_anew(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    await act(writer)
    await followed(tmp_path / "copy.db", schema_url)
    alone = await Writer.open(tmp_path / "copy.db")
    await Outbox(alone).want("theirs", "C1", None, "card", 1, "{}", NOON)
    await alone.close()
    await followed(tmp_path / "copy.db", schema_url)

    assert contents(tmp_path / "copy.db") == contents(path)
    await writer.close()


async def test_who_was_away_until_what_went_was_forgotten_is_laid_down_anew(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    await act(writer)
    await followed(tmp_path / "copy.db", schema_url)
    await act(writer, day=20)
    await writer.close()
    session = Postgres(schema_url).connect()
    ((lsn,),) = session.rows("select lsn from heal_state")
    shipping.forget_gone(session, lsn)
    gone = session.rows("select from heal_row where row is null")
    session.close()
    await followed(tmp_path / "copy.db", schema_url)

    assert gone == []
    assert contents(tmp_path / "copy.db") == contents(path)


async def test_an_entry_that_was_changed_in_postgres_is_not_believed(
    path: Path, tmp_path: Path, schema_url: str
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    await Ledger(writer).append_all([draft(f"key-{number}") for number in range(5)])
    await writer.close()
    session = Postgres(schema_url).connect()
    session.rows("alter table heal_entry disable trigger heal_entry_is_kept")
    session.rows("update heal_entry set body = '[]' where seq = 3")
    session.close()

    with pytest.raises(ConfigurationError, match="Postgres is broken at entry 3: its hash"):
        await followed(tmp_path / "copy.db", schema_url)
    assert contents(tmp_path / "copy.db")["entry"] == []


async def test_a_database_of_a_newer_version_is_neither_followed_nor_written(
    path: Path, schema_url: str
) -> None:
    session = sharers.laid_down(schema_url)
    session.rows("insert into heal_step values ('0099_from_the_future')")
    session.close()

    with pytest.raises(ConfigurationError, match=r"newer version of Heal .0099_from_the_future"):
        await followed(path, schema_url)
    with pytest.raises(ConfigurationError, match="newer version"):
        await Writer.open(path, shared=sharers.shared(schema_url))


async def test_a_copy_stays_as_it_is_while_postgres_is_away(path: Path, schema_url: str) -> None:
    copy = await Copy.open(path, Postgres(schema_url.replace("127.0.0.1:", "127.0.0.1:1")))
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        await copy.follow()
    await copy.close()

    assert contents(path)["entry"] == []


def fill(session: Session, count: int, body: str) -> None:
    """A ledger of so many entries, laid down without its triggers, which would take a minute."""
    session.rows("alter table heal_entry disable trigger heal_entry_follows")
    head, at = Head(0, GENESIS), datetime.fromisoformat("2026-11-20T12:00:00+00:00")
    for start in range(0, count, 500):
        page = []
        for number in range(start, min(start + 500, count)):
            page.append(chain.chained(head, draft(f"key-{number}", body=body, at=at)))
            head = Head(page[-1].seq, page[-1].hash)
        shipping.add(session, Cargo(page))
    session.rows("alter table heal_entry enable always trigger heal_entry_follows")
    session.rows("update heal_state set lsn = 1")


async def test_a_long_ledger_is_followed_in_little_memory(path: Path, schema_url: str) -> None:
    session = sharers.laid_down(schema_url)
    fill(session, 6000, f'"{"x" * 4000}"')  # 24 MB
    copy = await Copy.open(path, Postgres(schema_url))
    tracemalloc.start()
    reached = await copy.follow()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    session.close()
    await copy.close()

    assert reached.entries == reached.head.seq == 6000
    assert most < 8 << 20
    with closing(file.connect(path, 1).conn) as conn:
        assert following.standing(conn).place.lsn == 1
