"""A copy of the ledger, or of a part of it, in the format that the new file's ending names."""

from __future__ import annotations

import itertools
import sqlite3
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from bot.core import chain, exhibit, showcase
from bot.core.blacking import Blacking, Wish
from bot.core.chain import Head, Row
from bot.core.checkpoint import Signed
from bot.core.errors import ConfigurationError
from bot.core.extracts import Extract, Stated, Withheld
from bot.core.showcase import Contents
from bot.core.telling.book import said
from bot.store import choosing, exhibits, extract, pages, proving, reading, verifying
from bot.store.reading import Choice
from bot.store.verifying import Report
from bot.store.view import ENDS, JOINED

ENDINGS = (".db", *pages.FORMATS)
FOR_PEOPLE = (".md", ".html")


def export(
    ledger: Path, to: Path, choice: Choice, now: datetime, wish: Wish = Wish()
) -> Stated | None:
    """
    Write a new file and say what it holds; with no entry chosen nothing is written.

    The ledger is verified before: a copy of a broken one would look like evidence. Raises
    ConfigurationError, also when the file is there already.
    """
    if to.suffix not in ENDINGS:
        raise ConfigurationError(f"{to}: end its name in {', '.join(ENDINGS)} to say the format")
    if to.exists():
        raise ConfigurationError(f"{to} is there already: name a new file")
    signed = proving.newest(ledger) if choice.incident else None
    report = verifying.verify(ledger, sizes=[signed.checkpoint.size] if signed else ())
    if not report.sound:
        raise ConfigurationError(f"{ledger} is {report.line}: nothing was exported")
    if report.withheld:
        raise ConfigurationError(f"{ledger} withholds entries: export from the ledger itself")
    head = report.extract.head if report.extract else report.head
    away = "".join(f"; not here: {one.names}, sealed in {one.file}" for one in report.missing)
    stated = Stated(chain.stamp(now), f"{choice.line}{away}", 0, head, by=version("heal-bot"))
    choice = choosing.settled(ledger, choice, said, whole=to.suffix in FOR_PEOPLE)
    with reading.opened(ledger) as conn:
        found = (row for row in reading.rows(conn, choice) if row.seq <= report.head.seq)
        if (first := next(found, None)) is None:
            return None
        rows = itertools.chain((first,), found)
        look = partial(_look, conn)
        if to.suffix == ".db" and not wish.words and signed is None:
            return extract.write(to, rows, stated, look)
        kept = list(rows)
        contents = {row.seq: octets for row in kept if (octets := look(row)) is not None}
    if signed is not None and not report.missing:
        stated = _proven(ledger, stated, [row.seq for row in kept], signed, report.roots)
    if wish.words and contents:
        left = f"; the contents of {len(contents)} exhibits are left out"
        stated, contents = stated._replace(chosen=stated.chosen + left), {}
    return _chosen(to, stated, kept, wish, contents)


def _look(conn: sqlite3.Connection, row: Row) -> bytes | None:
    """The contents of the exhibit that an entry tells of, as long as they are what it says."""
    said = showcase.said(row)
    octets = exhibits.contents(conn, row.key) if said is not None else None
    return octets if said and octets and exhibit.fits(said, octets) else None


def _proven(
    ledger: Path, stated: Stated, places: list[int], signed: Signed, roots: Mapping[int, bytes]
) -> Stated:
    """Add the newest checkpoint, and for each entry the proof that it was signed with it."""
    size, root = signed.checkpoint.size, signed.checkpoint.root
    if roots.get(size) != root:
        why = f"is not what its own checkpoint of {size} entries signed: nothing was exported"
        raise ConfigurationError(f"{ledger} {why}")
    paths = proving.paths(ledger, places, size)
    return stated._replace(checkpoint=signed.text, paths=paths)


def _chosen(to: Path, stated: Stated, rows: list[Row], wish: Wish, contents: Contents) -> Stated:
    """Write what all of it has to be known for: what is black, and what people can read."""
    if to.suffix in FOR_PEOPLE:
        rows, left = _brief(rows)
        proven = {row.seq: stated.paths[row.seq] for row in rows if row.seq in stated.paths}
        stated = stated._replace(left_out=left, paths=proven)
    black = Blacking(wish, rows)
    parts = tuple(black.parts(rows))
    withheld = sum(isinstance(part, Withheld) for part in parts)
    stated = stated._replace(
        chosen=black.text(stated.chosen),
        black=wish.words,
        entries=len(parts) - withheld,
        withheld=withheld,
    )
    if to.suffix == ".db":
        return extract.write(to, parts, stated, lambda row: contents.get(row.seq))
    pages.write(to, Extract(stated, parts, contents=contents))
    return stated


def verify(path: Path, head: Head | None = None) -> Report:
    """Verify a ledger, or what was exported from one, in whatever format; it says which it is."""
    known = verifying.verify if verifying.is_database(path) else pages.verify
    return known(path, head)


def _brief(rows: list[Row]) -> tuple[list[Row], dict[str, int]]:
    """Leave out the middle of the alerts that joined one incident, as its transcript does."""
    joined = Counter[str]()
    many = Counter(row.incident for row in rows if row.kind == JOINED)
    kept = list[Row]()
    for row in rows:
        joined[row.incident] += row.kind == JOINED
        edge = not ENDS < joined[row.incident] <= many[row.incident] - ENDS
        if row.kind != JOINED or edge:
            kept.append(row)
    return kept, {name: count - 2 * ENDS for name, count in many.items() if count > 2 * ENDS}
