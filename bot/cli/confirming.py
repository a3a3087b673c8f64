"""Confirming: what an extract shows, compared with the ledger that it says it is of."""

from __future__ import annotations

from pathlib import Path

from bot.core import blacking
from bot.core.blacking import Blacking
from bot.core.chain import Break
from bot.core.errors import ConfigurationError
from bot.core.extracts import Extract
from bot.store import extract, pages, reading, verifying


def confirm(path: Path, ledger: Path) -> Break | None:
    """
    Say where an extract, which is sound in itself, is not what the ledger says.

    What is black in it is made black once more, so a copy of a withheld entry is compared as well.
    Raises ConfigurationError when the ledger is not sound.
    """
    report = verifying.verify(ledger)
    if not report.sound:
        raise ConfigurationError(f"{ledger} is {report.line}: it confirms nothing")
    held = read(path)
    end, places = held.stated.head, {part.seq for part in held.parts}
    with reading.opened(ledger) as conn:
        rows = {
            row.seq: row for row in reading.rows(conn) if row.seq in places or row.seq == end.seq
        }
    if end.seq not in rows or rows[end.seq].hash != end.hash:
        return Break(end.seq, "the ledger did not end with the entry that the extract names")
    if missing := sorted(places - rows.keys()):
        return Break(missing[0], "the ledger has no such entry")
    mine = [rows[seq] for seq in sorted(places)]
    again = Blacking(blacking.read(held.stated.black), mine).parts(mine)
    differs = (part.seq for part, other in zip(held.parts, again, strict=True) if part != other)
    seq = next(differs, None)
    return Break(seq, "the ledger says something else there") if seq is not None else None


def read(path: Path) -> Extract:
    """Read an extract of any format, which was verified; a ledger is a ConfigurationError."""
    if not verifying.is_database(path):
        return pages.read(path)
    with reading.opened(path) as conn:
        stated = extract.stated(conn)
        if stated is None:
            raise ConfigurationError(f"{path} is a ledger, and no extract of one")
        return Extract(stated, tuple(extract.parts(conn)))
