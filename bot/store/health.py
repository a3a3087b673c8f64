"""Health: what a ledger's file tells, read only: damage, growth, what nobody dealt with."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bot.core import chain
from bot.store import reading

LATELY = timedelta(days=7)
"""How far back its growth is looked at."""


class Letters(NamedTuple):
    """What lies in inbox and outbox and is not as it should be, with the newest reason of each."""

    refused: int
    refused_why: str
    unsent: int
    unsent_why: str


class Growth(NamedTuple):
    """Bytes of the file, and how many more each day makes of it; 0 = not known yet."""

    size: int
    a_day: float


class Shown(NamedTuple):
    """A message that stands in Slack, as far as is known."""

    slot: str
    channel: str
    ts: str
    thread: str


def damage(path: Path) -> str:
    """What SQLite finds wrong with its pages; empty when nothing is."""
    with reading.opened(path) as conn:
        found = [str(row[0]) for row in conn.execute("pragma quick_check(5)")]
    return "" if found == ["ok"] else "; ".join(found)


def letters(path: Path, now: datetime, late: timedelta) -> Letters:
    """Count items that never will be dealt with, and messages that are late or were refused."""
    with reading.opened(path) as conn:
        refused = _two(conn, "select count(*), max(note) from inbox where state = 'refused'")
        unsent = _two(
            conn,
            "select count(*), max(last_error) from outbox where wanted_hash is not sent_hash "
            "and (last_error <> '' or waiting_since < ?)",
            chain.stamp(now - late),
        )
    return Letters(*refused, *unsent)


def growth(path: Path, now: datetime) -> Growth:
    """How large it is, and how fast it grew: by its entries, for the file itself has no past."""
    with reading.opened(path) as conn:
        size = sum(one.stat().st_size for one in (path, _wal(path)) if one.exists())
        count = int(conn.execute("select count(*) from entry").fetchone()[0])
        late = chain.stamp(now - LATELY)
        new = int(conn.execute("select count(*) from entry where at >= ?", [late]).fetchone()[0])
        first = conn.execute("select min(at) from entry where at >= ?", [late]).fetchone()[0]
    if not new or not first:
        return Growth(size, 0.0)
    days = max((now - datetime.fromisoformat(first)) / timedelta(days=1), 1.0)
    return Growth(size, size * new / count / days)


def shown(path: Path, count: int) -> Sequence[Shown]:
    """The newest messages that Slack took, at most so many."""
    sql = (
        "select it.slot, it.sent_channel, it.ts, coalesce(root.ts, '') from outbox as it "
        "left join outbox as root on root.slot = it.thread_slot "
        "where it.ts is not null and it.payload <> '' order by it.updated_at desc limit ?"
    )
    with reading.opened(path) as conn:
        return [Shown(*map(str, row)) for row in conn.execute(sql, [count])]


def still(path: Path, before: datetime) -> Sequence[str]:
    """Incidents that are open, and of which nothing was recorded since then."""
    sql = (
        "select incident from entry where incident <> '' group by incident "
        "having max(at) < ? and sum(kind = 'incident.closed') = 0 order by min(seq)"
    )
    with reading.opened(path) as conn:
        return [str(row[0]) for row in conn.execute(sql, [chain.stamp(before)])]


def _two(conn: sqlite3.Connection, sql: str, *values: str) -> tuple[int, str]:
    count, why = conn.execute(sql, values).fetchone()
    return int(count), str(why or "")


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")
