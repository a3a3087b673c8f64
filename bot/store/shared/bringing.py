"""Bringing: the ledger of one process becomes the ledger of replicas, at their first start."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from itertools import chain, islice

from bot.clients.postgres import Session
from bot.core.chain import Row, Walk
from bot.core.errors import ConfigurationError, Superseded
from bot.store import exhibits, reading
from bot.store.shared import cargo, following, shipping
from bot.store.shared.cargo import Cargo, Carried

PAGE = 250
log = logging.getLogger(__name__)


def bring(conn: sqlite3.Connection, session: Session, epoch: int) -> bool:
    """
    Fill an empty database with what the file holds; False when it holds nothing either.

    All of it is one transaction of Postgres. Raises ConfigurationError for a file that is itself
    the copy of another database: then it is rather the wrong one that is empty.
    """
    held = ("entry", *(table.name for table in cargo.tables(conn)))
    if not any(conn.execute(f"select 1 from {table} limit 1").fetchone() for table in held):  # noqa: S608 - ours
        return False
    if followed := following.place(conn).ledger:
        raise ConfigurationError(
            "the database of HEAL_DATABASE_URL is empty, but this file follows another one "
            f"(ledger {followed}): name that one, or restore its dump here. If it is lost for "
            "good, start once without HEAL_DATABASE_URL, stop, and start with it again: then "
            "this file is taken as the truth"
        )
    log.warning("Postgres holds no ledger yet: what this file holds is brought there, once")
    with session.together():
        if not shipping.begin(session, epoch):
            raise Superseded("another replica acts, or began to fill the database")
        count = 0
        for page in _pages(conn):
            shipping.add(session, page)
            count += len(page.entries)
    log.warning("Postgres holds the ledger from here on: %d entries were brought there", count)
    return True


def _pages(conn: sqlite3.Connection) -> Iterator[Cargo]:
    entries: list[Row] = []
    walk = Walk()
    for row in reading.rows(conn):
        if broken := walk.fault(row):
            raise ConfigurationError(
                f"the ledger is broken at entry {broken.seq}, so it is not brought to Postgres: "
                f"{broken.why}; put back a sound copy, with its sealed segments if it has any"
            )
        entries.append(row)
        if len(entries) == PAGE:
            yield Cargo(entries)
            entries = []
    yield Cargo(entries)
    for table in cargo.tables(conn):
        sealed = exhibits.sealed(conn) if table.name == exhibits.TABLE else ()
        found = chain(conn.execute(f"select * from {table.name}"), sealed)  # noqa: S608 - a name of our schema
        while page := list(islice(found, following.ROWS)):
            yield Cargo(rows=[_carried(table, values) for values in page])


def _carried(table: cargo.Table, values: tuple[object, ...]) -> Carried:
    said = dict(zip(table.columns, values, strict=True))
    key = cargo.key([said[part] for part in table.key])
    return Carried(table.name, key, cargo.packed(table.columns, values))
