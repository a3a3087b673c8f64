"""A copy of the ledger, or of a part of it, in the format that the new file's ending names."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from bot.core import chain
from bot.core.errors import ConfigurationError
from bot.core.telling.book import book
from bot.core.transcript import Entry
from bot.store import extract, reading, verifying
from bot.store.reading import Choice
from bot.store.verifying import Report

ENDINGS = (".db", ".jsonl", ".md")


def export(ledger: Path, to: Path, choice: Choice, now: datetime) -> int:
    """
    Write a new file and return how many entries it holds; with none, nothing is written.

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
    write = {".db": _db, ".jsonl": _jsonl, ".md": _md}[to.suffix]
    with reading.opened(ledger) as conn:
        where, values = choice.where
        wanted = f"select exists (select 1 from entry where {where})"  # noqa: S608 - where is ours
        if not conn.execute(wanted, values).fetchone()[0]:
            return 0
    return write(ledger, to, choice, report, now)


def _db(ledger: Path, to: Path, choice: Choice, report: Report, now: datetime) -> int:
    end = report.extract.head if report.extract else report.head
    with reading.opened(ledger) as conn:
        rows = (row for row in reading.rows(conn, choice) if row.seq <= report.head.seq)
        return extract.write(to, rows, chain.stamp(now), choice.line, end)


def _jsonl(ledger: Path, to: Path, choice: Choice, report: Report, _: datetime) -> int:
    """One entry a line, each field as it was hashed."""
    with reading.opened(ledger) as conn:
        lines = [
            json.dumps(row._asdict(), ensure_ascii=False)
            for row in reading.rows(conn, choice)
            if row.seq <= report.head.seq
        ]
    _write(to, "".join(f"{line}\n" for line in lines))
    return len(lines)


def _md(ledger: Path, to: Path, choice: Choice, report: Report, _: datetime) -> int:
    """Transcripts are told whole: an incident of which one entry was chosen comes with all."""
    with reading.opened(ledger) as conn:
        entries = [chain.entry(row) for row in reading.rows(conn) if row.seq <= report.head.seq]
    chosen = _chosen(choice)
    names = {one.incident for one in entries if one.incident and chosen(one)}
    told = [one for one in entries if one.incident in names or (not one.incident and chosen(one))]
    _write(to, book(told))
    return len(told)


def _chosen(choice: Choice) -> Callable[[Entry], bool]:
    def within(one: Entry) -> bool:
        named = choice.incident in {"", one.incident}
        begun = choice.since is None or one.at >= choice.since
        return named and begun and (choice.until is None or one.at < choice.until)

    return within


def _write(to: Path, text: str) -> None:
    with ExitStack() as undo:
        try:
            with to.open("x", encoding="utf-8") as file:
                undo.callback(to.unlink)
                to.chmod(0o600)
                file.write(text)
        except FileExistsError:
            raise ConfigurationError(f"{to} is there already: name a new file") from None
        except OSError as error:
            raise ConfigurationError(f"{to} cannot be written: {error.strerror}") from error
        undo.pop_all()
