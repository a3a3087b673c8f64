"""
Searching: the ledger by words, through a full-text index that is made for one search.

The index lies in a private temporary database that SQLite deletes by itself. The evidence is only
read, its writes stay as quick as they are, and no second copy of it can go stale.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue

from bot.core import chain, visible
from bot.core.chain import Row
from bot.core.errors import ConfigurationError
from bot.core.transcript import Entry
from bot.core.values import Frozen
from bot.store import reading

BEGIN, END = "«", "»"
EXCERPT = 14
"""Words around a hit that stands in the details and not in the sentence."""

Sentence = Callable[[Entry], str]


class Hit(Frozen):
    """An entry that holds every word; the words are marked in `says`, or else in `excerpt`."""

    seq: int
    at: datetime
    incident: str
    actor: str
    kind: str
    says: str
    excerpt: str = ""


class Found(Frozen):
    """The newest hits in the order of the ledger, and how many there are in all."""

    hits: tuple[Hit, ...]
    total: int


def search(path: Path, words: Sequence[str], sentence: Sentence, limit: int) -> Found:
    """
    Find the entries that hold all words: in their sentence, their details, who did it or where.

    Case and accents do not count, a word of several is a phrase, and `word*` stands for all that
    begin so. Raises ConfigurationError for words without a letter, and when it is no ledger.
    """
    asked = " ".join(map(_term, words))
    with reading.opened(path) as conn, closing(sqlite3.connect("")) as index:
        _fill(index, reading.rows(conn), sentence)
        (total,) = index.execute("select count(*) from told where told match ?", [asked]).fetchone()
        found = index.execute(
            "select rowid, at, incident, actor, kind, says, highlight(told, 0, ?, ?), "
            "snippet(told, 1, ?, ?, '…', ?) from told where told match ? "
            "order by rowid desc limit ?",
            [BEGIN, END, BEGIN, END, EXCERPT, asked, limit],
        ).fetchall()
    return Found(hits=tuple(_hit(*row) for row in reversed(found)), total=total)


def matching(path: Path, words: Sequence[str], sentence: Sentence) -> tuple[set[str], set[int]]:
    """Find the incidents of which an entry holds all words, and such entries of the house."""
    asked = " ".join(map(_term, words))
    with reading.opened(path) as conn, closing(sqlite3.connect("")) as index:
        _fill(index, reading.rows(conn), sentence)
        held = "select rowid, incident from told where told match ?"
        found = index.execute(held, [asked]).fetchall()
    return {name for _, name in found if name}, {seq for seq, name in found if not name}


def _term(word: str) -> str:
    """One word as FTS5 takes it: quoted, so that nothing in it is an operator."""
    if not any(map(str.isalnum, word)):
        raise ConfigurationError(f"{word!r} cannot be searched for: give a word or a number")
    bare = word.removesuffix("*")
    quoted = '"' + bare.replace('"', '""').replace("\0", " ") + '"'
    return quoted + ("*" if word != bare else "")


def _fill(index: sqlite3.Connection, rows: Iterator[Row], sentence: Sentence) -> None:
    index.execute(
        "create virtual table told using fts5 (says, details, incident, actor, kind, at unindexed)"
    )
    index.executemany(
        "insert into told (rowid, says, details, incident, actor, kind, at) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        (_told(row, sentence) for row in rows),
    )


def _told(row: Row, sentence: Sentence) -> tuple[int, str, str, str, str, str, str]:
    details = " · ".join(_texts(json.loads(row.body)))
    says = sentence(chain.entry(row))
    return row.seq, says, details, row.incident, row.actor, row.kind, row.at


def _texts(value: JsonValue) -> Iterator[str]:
    """Every value of a fact; the names of its fields are the same in all of them."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif value not in (None, "", True, False):
        yield str(value)


def _hit(
    seq: int, at: str, incident: str, actor: str, kind: str, says: str, marked: str, excerpt: str
) -> Hit:
    inside = marked != says
    return Hit(
        seq=seq,
        at=datetime.fromisoformat(at),
        incident=incident,
        actor=actor,
        kind=kind,
        says=marked,
        excerpt="" if inside or BEGIN not in excerpt else visible.line(excerpt),
    )
