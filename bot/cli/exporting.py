"""A copy of the ledger, or of a part of it, in the format that the new file's ending names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from bot.core import chain
from bot.core.chain import Head, Row
from bot.core.errors import ConfigurationError
from bot.core.extracts import Extract, Part, Stated, Withheld
from bot.core.telling.book import said
from bot.store import choosing, extract, pages, reading, verifying
from bot.store.reading import Choice
from bot.store.verifying import Report
from bot.store.view import ENDS, JOINED

ENDINGS = (".db", *pages.FORMATS)
FOR_PEOPLE = (".md", ".html")
SQLITE = b"SQLite format 3\0"


def export(ledger: Path, to: Path, choice: Choice, now: datetime) -> Stated | None:
    """
    Write a new file and say what it holds; with no entry chosen nothing is written.

    The ledger is verified before: a copy of a broken one would look like evidence. Raises
    ConfigurationError, also when the file is there already.
    """
    if to.suffix not in ENDINGS:
        raise ConfigurationError(f"{to}: end its name in {', '.join(ENDINGS)} to say the format")
    if to.exists():
        raise ConfigurationError(f"{to} is there already: name a new file")
    report = verifying.verify(ledger)
    if not report.sound:
        raise ConfigurationError(f"{ledger} is {report.line}: nothing was exported")
    head = report.extract.head if report.extract else report.head
    stated = Stated(chain.stamp(now), choice.line, 0, head, by=version("heal"))
    choice = choosing.settled(ledger, choice, said, whole=to.suffix in FOR_PEOPLE)
    with reading.whole(ledger) as conn:
        where, values = choice.where
        wanted = f"select exists (select 1 from entry where {where})"  # noqa: S608 - where is ours
        if not conn.execute(wanted, values).fetchone()[0]:
            return None
        parts = (row for row in reading.rows(conn, choice) if row.seq <= report.head.seq)
        if to.suffix == ".db":
            return extract.write(to, parts, stated)
        return _page(to, stated, parts)


def verify(path: Path, head: Head | None = None) -> Report:
    """Verify a ledger, or what was exported from one, in whatever format; it says which it is."""
    try:
        with path.open("rb") as file:
            begins = file.read(len(SQLITE))
    except OSError:
        begins = SQLITE
    known = verifying.verify if begins in {SQLITE, b""} else pages.verify
    return known(path, head)


def _page(to: Path, stated: Stated, rows: Iterator[Row]) -> Stated:
    """Write a page; where people read it, the middle of the alerts that joined is left out."""
    parts: list[Part] = list(rows)
    if to.suffix in FOR_PEOPLE:
        parts, left = _brief(parts)
        stated = stated._replace(left_out=left)
    withheld = sum(isinstance(part, Withheld) for part in parts)
    stated = stated._replace(entries=len(parts) - withheld, withheld=withheld)
    pages.write(to, Extract(stated, tuple(parts)))
    return stated


def _brief(parts: list[Part]) -> tuple[list[Part], dict[str, int]]:
    """Leave out the middle of the alerts that joined one incident, as its transcript does."""
    joined = Counter[str]()
    many = Counter(row.incident for row in map(_row, parts) if row and row.kind == JOINED)
    kept = list[Part]()
    for part in parts:
        row = _row(part)
        if row is None or row.kind != JOINED:
            kept.append(part)
            continue
        joined[row.incident] += 1
        if not ENDS < joined[row.incident] <= many[row.incident] - ENDS:
            kept.append(part)
    return kept, {name: count - 2 * ENDS for name, count in many.items() if count > 2 * ENDS}


def _row(part: Part) -> Row | None:
    return part if isinstance(part, Row) else part.shown
