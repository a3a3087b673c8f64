"""Ways to falsify a ledger behind its back, and where each of them has to be found."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bot.core import chain, merkle
from bot.core.chain import GENESIS, Head, Row
from bot.core.merkle import Tree
from bot.core.transcript import Draft
from bot.store import reading
from bot.store.view import COLUMNS, HOLES


class Done(NamedTuple):
    """What was done, and the entries among which the first wrong one has to be named."""

    what: str
    first: int
    last: int


Forgery = Callable[[list[Row], random.Random], tuple[list[Row], Done]]


def edit(rows: list[Row], dice: random.Random) -> tuple[list[Row], Done]:
    """One sign of one text is another one."""
    place = dice.randrange(len(rows))
    column = dice.choice(("at", "incident", "actor", "kind", "key", "body"))
    text = getattr(rows[place], column)
    at = dice.randrange(len(text)) if text else 0
    other = "~"
    forged = rows[place]._replace(**{column: text[:at] + other + text[at + 1 :]})
    seq = rows[place].seq
    return [*rows[:place], forged, *rows[place + 1 :]], Done("edit", seq, seq)


def delete(rows: list[Row], dice: random.Random) -> tuple[list[Row], Done]:
    """One entry is gone, and those behind it may have moved up; not the last, which is a cut."""
    place = dice.randrange(len(rows) - 1)
    seq, rest = rows[place].seq, rows[place + 1 :]
    if dice.random() < 0.5:
        rest = [row._replace(seq=row.seq - 1) for row in rest]
    return [*rows[:place], *rest], Done("delete", seq, seq)


def reorder(rows: list[Row], dice: random.Random) -> tuple[list[Row], Done]:
    """Two entries have changed places."""
    one, two = sorted(dice.sample(range(len(rows)), 2))
    seq = rows[one].seq
    forged = list(rows)
    forged[one] = rows[two]._replace(seq=seq)
    forged[two] = rows[one]._replace(seq=rows[two].seq)
    return forged, Done("reorder", seq, seq)


def cut(rows: list[Row], dice: random.Random) -> tuple[list[Row], Done]:
    """The end is gone: the chain alone cannot show that."""
    left = dice.randrange(len(rows))
    return rows[:left], Done("cut", left + 1, left + 1)


def rewrite(rows: list[Row], dice: random.Random) -> tuple[list[Row], Done]:
    """From one entry on all of it is another story, chained anew without a flaw."""
    place = dice.randrange(len(rows))
    first, last = rows[place].seq, Head(rows[place].seq - 1, rows[place].prev)
    forged = rows[:place]
    for row in rows[place:]:
        body = row.body.replace("}", ' ,"x":1}') if row.seq == first else row.body
        told = Draft(
            at=chain.entry(row).at, incident=row.incident, actor=row.actor, kind=row.kind,
            key=row.key, body=body,
        )  # fmt: skip
        forged.append(chain.chained(last, told))
        last = Head(forged[-1].seq, forged[-1].hash)
    return forged, Done("rewrite", first, first)


FORGERIES: tuple[Forgery, ...] = (edit, delete, reorder, cut, rewrite)


def forge(path: Path, copy: Path, way: Forgery, dice: random.Random) -> Done:
    """Falsify a copy, with what protects it taken off as its owner could."""
    shutil.copy(path, copy)
    with closing(sqlite3.connect(copy)) as conn, conn:
        for (name,) in conn.execute("select name from sqlite_schema where type = 'trigger'"):
            conn.execute(f'drop trigger "{name}"')
        forged, done = way(list(reading.rows(conn)), dice)
        conn.execute("delete from entry")
        conn.execute("delete from sighting")
        conn.executemany(f"insert into entry ({COLUMNS}) values ({HOLES})", forged)
    return done


def tree(path: Path) -> Tree:
    """The tree over all entries of a file, made the long way."""
    with closing(sqlite3.connect(path)) as conn:
        hashes = [row.hash for row in reading.rows(conn)]
    assert not hashes or hashes[0] != GENESIS
    return Tree([merkle.leaf(bytes.fromhex(each)) for each in hashes])
