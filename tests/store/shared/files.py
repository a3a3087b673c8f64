"""What stands in a file, table by table, for comparing it with another."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.store import reading
from bot.store.shared import cargo

Contents = dict[str, list[tuple[object, ...]]]


def contents(path: Path) -> Contents:
    """All that replicas have in common, and what each reads off it."""
    with closing(reading.read_only(path)) as conn:
        return {name: rows(conn, name) for name in (*names(conn), "entry", "sighting")}


def names(conn: sqlite3.Connection) -> list[str]:
    return [table.name for table in cargo.tables(conn)]


def rows(conn: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return sorted(conn.execute(f"select * from {table}"), key=repr)
