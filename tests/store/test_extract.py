"""A part of the ledger proves itself: what was changed in it or taken out of it shows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.chain import Head
from bot.core.errors import ConfigurationError
from bot.core.extracts import Stated
from bot.store import extract, reading
from bot.store.file import connect
from bot.store.reading import Choice
from bot.store.verifying import Report, verify
from bot.store.view import View
from tests.store.drafts import draft


@pytest.fixture
def ledger(path: Path) -> Path:
    """Nine entries: those of inc-1 are 1, 2, 4, 5, 7, 8; every third is of inc-2."""
    with closing(connect(path, 0)) as db:
        for number in range(1, 10):
            incident = "inc-2" if number % 3 == 0 else "inc-1"
            View(db).append(draft(f"key-{number}", incident=incident, body='{"a":1}'))
    return path


@pytest.fixture
def part(ledger: Path, tmp_path: Path) -> Path:
    return taken(ledger, tmp_path / "part.db", Choice("inc-1"))


def taken(ledger: Path, to: Path, choice: Choice) -> Path:
    with reading.opened(ledger) as conn:
        extract.write(to, reading.rows(conn, choice), stated(choice.line, verify(ledger).head))
    return to


def stated(chosen: str, head: Head) -> Stated:
    return Stated("now", chosen, 0, head)


def hurt(part: Path, *statements: str) -> Report:
    with closing(sqlite3.connect(part)) as conn, conn:
        for statement in statements:
            conn.execute(statement)
    return verify(part)


def test_a_part_is_verified_alone_and_says_that_it_is_one(part: Path, ledger: Path) -> None:
    report = verify(part)

    assert (report.sound, report.count, report.gaps) == (True, 6, 3)
    assert report.line.startswith("an extract (incident inc-1), sound: 6 entries")
    assert verify(ledger).head.hash in report.line


def test_the_whole_in_another_file_has_no_gap(ledger: Path, tmp_path: Path) -> None:
    report = verify(taken(ledger, tmp_path / "all.db", Choice()))

    assert (report.sound, report.count, report.gaps) == (True, 9, 0)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("update entry set actor = 'nobody' where seq = 4", 4),
        ("update entry set body = '{}', hash = prev where seq = 8", 8),
        ("update entry set prev = hash where seq = 4", 4),
        ("update entry set prev = 'no hash' where seq = 4", 4),
        ("update entry set prev = (select hash from entry where seq = 1) where seq = 5", 5),
        ("update entry set seq = 6 where seq = 5", 6),
        ("delete from entry where seq = 2", 9),
        ("delete from entry where seq = 8", 8),
        ("update extract set entries = 7", 9),
        ("update extract set head_seq = 7", 8),
        ("delete from extract", 9),
    ],
)
def test_what_was_done_to_a_part_shows(part: Path, statement: str, broken_at: int) -> None:
    report = hurt(part, statement)

    assert report.broken is not None
    assert broken_at == report.broken.seq


def test_an_entry_behind_the_end_of_the_ledger_shows(ledger: Path, tmp_path: Path) -> None:
    part = taken(ledger, tmp_path / "all.db", Choice())
    report = hurt(part, f"update extract set head_hash = '{'0' * 64}'")

    assert report.broken is not None
    assert "where the extract says that the ledger ended" in report.broken.why


def test_a_head_that_was_kept_is_compared_where_it_can_be(part: Path, ledger: Path) -> None:
    end = verify(ledger).head
    inside = next(one for one in reading.entries(part) if one.seq == 4)

    assert verify(part, end).sound
    assert verify(part, Head(4, inside.hash)).sound
    for head in (Head(9, "0" * 64), Head(4, "0" * 64), Head(6, "0" * 64), Head(40, "0" * 64)):
        assert not verify(part, head).sound


def test_nothing_is_written_over(part: Path, ledger: Path) -> None:
    before = part.read_bytes()
    with pytest.raises(ConfigurationError, match="is there already: name a new file"):
        taken(ledger, part, Choice())

    assert before == part.read_bytes()


def test_a_part_that_could_not_be_written_leaves_nothing(ledger: Path, tmp_path: Path) -> None:
    to = tmp_path / "part.db"
    rows = iter(list(reading.rows(reading.read_only(ledger)))[:1] * 2)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        extract.write(to, rows, stated("all", Head(0, "")))

    assert not to.exists()
