"""In Postgres too the ledger only grows, entry by entry, whoever asks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.clients.postgres import Postgres as Server
from bot.clients.postgres import Refused, Session
from bot.core import chain
from bot.core.chain import GENESIS, Head
from bot.store.ledger import Ledger
from bot.store.shared import shipping, tables
from bot.store.shared.cargo import Cargo
from bot.store.shared.copy import Copy
from bot.store.writer import Writer
from tests.clients.postgreses import Postgres
from tests.store import sharers
from tests.store.drafts import draft

PAGE = Path(__file__).parents[3] / "docs" / "postgres.md"
FIRST = chain.chained(Head(0, GENESIS), draft("first"))
SECOND = chain.chained(Head(1, FIRST.hash), draft("second"))


@pytest.fixture
def session(schema_url: str) -> Iterator[Session]:
    """With one entry in the ledger."""
    opened = sharers.laid_down(schema_url)
    shipping.add(opened, Cargo([FIRST]))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "sql",
    [
        "update heal_entry set body = '[]'",
        "update heal_entry set body = '[]' where seq = 99",
        "delete from heal_entry",
        "truncate heal_entry",
        "truncate heal_state, heal_entry cascade",
    ],
)
def test_no_entry_is_ever_changed_or_deleted(session: Session, sql: str) -> None:
    with pytest.raises(Refused, match="append-only"):
        session.rows(sql)
    assert session.rows("select body from heal_entry") == [("{}",)]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (SECOND._replace(seq=3), "no gaps"),
        (SECOND._replace(seq=1), "no gaps"),
        (SECOND._replace(prev=GENESIS), "is a chain"),
        (SECOND._replace(key="first"), "duplicate key"),
    ],
)
def test_only_the_next_link_is_taken(session: Session, row: chain.Row, why: str) -> None:
    with pytest.raises(Refused, match=why):
        shipping.add(session, Cargo([row]))


def test_several_links_are_taken_at_once_in_their_order(session: Session) -> None:
    third = chain.chained(Head(2, SECOND.hash), draft("third"))
    shipping.add(session, Cargo([third, SECOND]))

    assert session.rows("select max(seq) from heal_entry") == [(3,)]


async def test_replicas_that_start_together_lay_the_tables_down_once(schema_url: str) -> None:
    sessions = [Server(schema_url).connect() for _ in range(4)]
    laying = (asyncio.to_thread(tables.lay_down, each, {"0001"}) for each in sessions)
    await asyncio.gather(*laying)

    assert sessions[0].rows("select count(*) from heal_state") == [(1,)]
    for each in sessions:
        each.close()


async def test_heal_works_with_the_rights_of_the_page_and_can_take_nothing_back(
    path: Path, tmp_path: Path, postgres: Postgres, database_url: str
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(database_url))
    await Ledger(writer).append(draft("before"))
    await writer.close()
    [sql] = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    with postgres.admin(database_url.rpartition("/")[2]) as admin:
        admin.execute(sql)
    writer = await Writer.open(path, shared=sharers.shared(database_url))
    await Ledger(writer).append(draft("after"))
    copy = await Copy.open(tmp_path / "copy.db", Server(database_url))
    reached = await copy.follow()
    session = Server(database_url).connect()

    assert reached.entries == 2
    for sql in (
        "update heal_entry set body = '[]'",
        "alter table heal_entry disable trigger all",
        "drop trigger heal_entry_is_kept on heal_entry",
        "drop table heal_entry",
        "truncate heal_entry",
        "create or replace function heal_entry_is_kept() returns trigger language sql as ''",
    ):
        with pytest.raises(Refused, match=r"permission denied|must be owner"):
            session.rows(sql)
    session.close()
    await copy.close()
    await writer.close()
