"""Whatever was done to the file shows, at the first entry that it was done to."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core import merkle
from bot.core.chain import Head
from bot.core.merkle import Tree
from bot.store.file import connect
from bot.store.verifying import Report, verify
from bot.store.view import View
from bot.store.writer import Writer
from tests import builders
from tests.store.drafts import draft

TEXTS = ("at", "incident", "actor", "kind", "key", "body", "prev", "hash")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("written") / "heal.db"
    with closing(connect(path, 0)) as db:
        for number in range(1, 11):
            View(db).append(draft(f"key-{number}{number}", body='{"say":"żółw"}'))
    return path


def tampered(written: Path, path: Path, *statements: str) -> Report:
    """Do to a copy what its owner could do: drop what protects it, then edit."""
    shutil.copy(written, path)
    with closing(sqlite3.connect(path)) as conn:
        for (name,) in conn.execute("select name from sqlite_schema where type = 'trigger'"):
            conn.execute(f"drop trigger {name}")
        for statement in statements:
            conn.execute(statement)
        conn.commit()
    return verify(path)


def test_a_ledger_that_was_not_touched_is_sound(written: Path) -> None:
    report = verify(written)

    assert (report.sound, report.count) == (True, 10)
    assert f"sound: 10 entries, the last is {report.head.hash}" == report.line


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seq=st.integers(1, 10),
    column=st.sampled_from(TEXTS),
    where=st.floats(0, 0.99),
    bit=st.integers(0, 7),
)
def test_one_changed_bit_in_any_column_is_found_at_its_row(
    written: Path, tmp_path: Path, seq: int, column: str, where: float, bit: int
) -> None:
    with closing(sqlite3.connect(written)) as conn:
        sql = f"select cast({column} as blob) from entry where seq = ?"
        octets = bytearray(conn.execute(sql, [seq]).fetchone()[0])
    octets[int(where * len(octets))] ^= 1 << bit
    change = f"update entry set {column} = cast(x'{octets.hex()}' as text) where seq = {seq}"

    report = tampered(written, tmp_path / "heal.db", change)

    assert report.broken is not None
    assert (seq, seq - 1) == (report.broken.seq, report.count)


@pytest.mark.parametrize("seq", range(1, 10))
def test_a_deleted_row_is_found(written: Path, tmp_path: Path, seq: int) -> None:
    report = tampered(written, tmp_path / "heal.db", f"delete from entry where seq = {seq}")

    assert report.broken is not None
    assert report.broken.why == f"entry {seq} is missing: the next one found is {seq + 1}"


@pytest.mark.parametrize("seq", range(1, 10))
def test_a_swapped_pair_is_found(written: Path, tmp_path: Path, seq: int) -> None:
    report = tampered(
        written,
        tmp_path / "heal.db",
        f"update entry set seq = 99 where seq = {seq}",
        f"update entry set seq = {seq} where seq = {seq + 1}",
        f"update entry set seq = {seq + 1} where seq = 99",
    )

    assert report.broken is not None
    assert seq == report.broken.seq


def test_a_row_put_in_at_the_end_without_its_hash_is_found(written: Path, tmp_path: Path) -> None:
    report = tampered(
        written,
        tmp_path / "heal.db",
        "insert into entry select 11, at, incident, actor, kind, 'new', body, hash, prev "
        "from entry where seq = 10",
    )

    assert report.broken is not None
    assert report.broken.seq == 11


def test_a_tail_that_was_cut_off_shows_against_the_remembered_head(
    written: Path, tmp_path: Path
) -> None:
    head = verify(written).head
    cut = tampered(written, tmp_path / "heal.db", "delete from entry where seq > 7")

    assert cut.sound
    assert "ends here, but entry 10 was remembered" in verify(tmp_path / "heal.db", head).line
    assert verify(written, head).sound


def test_another_history_shows_against_the_remembered_head(written: Path) -> None:
    assert "history was rewritten" in verify(written, Head(4, "0" * 64)).line


def test_a_table_that_is_gone_is_said_to_be(written: Path, tmp_path: Path) -> None:
    report = tampered(written, tmp_path / "heal.db", "drop table entry")

    assert report.line == (
        "broken at entry 1: the file cannot be read there: no such table: entry (0 before it hold)"
    )


def test_a_table_that_takes_anything_is_read_all_the_same(written: Path, tmp_path: Path) -> None:
    report = tampered(
        written,
        tmp_path / "heal.db",
        "create table other as select * from entry",
        "drop table entry",
        "alter table other rename to entry",
        "update entry set body = x'7b7d' where seq = 3",
    )

    assert report.broken is not None
    assert report.broken == (3, "a field of it is not text")


@pytest.mark.parametrize("octets", [b"", b"a shopping list" * 100])
def test_a_file_that_is_no_ledger_is_said_to_be(path: Path, octets: bytes) -> None:
    path.write_bytes(octets)

    report = verify(path)

    assert report.broken is not None
    assert "cannot be read" in report.broken.why


def test_a_file_that_is_not_there_is_said_to_be(path: Path) -> None:
    assert f"there is no file {path}" in verify(path).line


def test_a_damaged_page_ends_in_a_report(written: Path, path: Path) -> None:
    octets = bytearray(written.read_bytes())
    for page in range(4096, len(octets), 4096):
        octets[page : page + 100] = b"\xff" * 100
    path.write_bytes(octets)

    assert not verify(path).sound


def test_a_question_mark_in_the_name_is_part_of_the_name(written: Path, tmp_path: Path) -> None:
    odd = tmp_path / "heal?mode=rw#1.db"
    shutil.copy(written, odd)

    assert verify(odd).sound


def test_a_copy_where_no_side_file_can_be_made_is_read_all_the_same(
    written: Path, path: Path
) -> None:
    shutil.copy(written, path)
    path.with_name("heal.db-shm").mkdir()

    assert verify(path).sound


def test_verifying_changes_nothing(written: Path) -> None:
    before = written.read_bytes()
    verify(written)

    assert before == written.read_bytes()


async def test_a_ledger_is_verified_while_it_is_written(path: Path, writer: Writer) -> None:
    await writer.do(lambda db: View(db).append(draft("one")))
    report = verify(path)
    await writer.do(lambda db: View(db).append(draft("two")))

    assert (report.count, verify(path).count) == (1, 2)


@pytest.mark.parametrize(
    "forged",
    ["delete from sighting where seq = 2", "update sighting set trouble = 'else' where seq = 2",
     "insert into sighting values (2 + 1, '', '', '', '')"],
)  # fmt: skip
def test_a_sighting_that_says_something_else_than_its_entry_is_found(
    tmp_path: Path, forged: str
) -> None:
    original = tmp_path / "original.db"
    told = builders.an_opening().body
    with closing(connect(original, 0)) as db:
        for key, kind in (("1", "step.ended"), ("2", "incident.opened"), ("3", "step.ended")):
            View(db).append(draft(key, kind=kind, body=told))
    report = tampered(original, tmp_path / "heal.db", forged)

    assert verify(original).sound
    assert report.broken is not None
    assert "`sighting` does not say" in report.broken.why
    assert report.broken.seq in {2, 3}


def test_the_roots_of_the_tree_are_told_where_they_were_asked_for(written: Path) -> None:
    with closing(sqlite3.connect(written)) as conn:
        found = conn.execute("select hash from entry order by seq").fetchall()
    tree = Tree([merkle.leaf(bytes.fromhex(hash_)) for (hash_,) in found])

    report = verify(written, sizes=[10, 0, 3, 11, 4])

    assert report.roots == {size: tree.root(size) for size in (0, 3, 4, 10)}


def test_an_entry_with_very_long_words_is_sound_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "heal.db"
    with closing(connect(path, 0)) as db:
        for key in ("one", "k" * 5000, "two"):
            View(db).append(draft(key, body="b" * 9000))

    report = verify(path, sizes=[3])

    assert (report.sound, report.count, len(report.roots)) == (True, 3, 1)
    broken = tampered(
        path, tmp_path / "tampered.db", "update entry set body = 'c' || body where seq = 2"
    ).broken
    assert broken == (2, "its hash is not the hash of what it says")
