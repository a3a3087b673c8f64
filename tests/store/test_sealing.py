"""Old entries are sealed away: nothing is lost, whenever it breaks off, and a forger is found."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.cli import main
from bot.core import witnessed
from bot.core.chain import Head, Row, stamp
from bot.core.checkpoint import Checkpoint, Signed
from bot.core.errors import StoreUnavailable
from bot.core.facts import LedgerSealed
from bot.core.merkle import Frontier
from bot.core.note import Note
from bot.store import copying, putting_back, reading, segments, verifying
from bot.store.checkpoints import Checkpoints
from bot.store.cutting import cut
from bot.store.file import connect
from bot.store.inbox import Inbox
from bot.store.ledger import Ledger
from bot.store.past import Past
from bot.store.sealing import Sealing
from bot.store.view import View
from bot.store.writer import Writer
from tests import tampering
from tests.clients import disks
from tests.store import histories
from tests.store.drafts import NOON, draft
from tests.store.histories import KEEP, NOW

HALF = NOON + timedelta(days=200)


class Mortal(Writer):
    """Dies before its n-th job: that one, and all after it, never happen."""

    left: float = float("inf")

    def submit(self, job: Any, told: Any = None) -> Any:
        if self.left <= 0:
            raise StoreUnavailable("dead")
        self.left -= 1
        return super().submit(job, told)


async def filled(path: Path, seed: int = 1, incidents: int = 40) -> list[Row]:
    """A ledger with a past, whose rows are returned."""
    writer = await Writer.open(path)
    await Ledger(writer).append_all(histories.past(Random(seed), incidents))
    await writer.close()
    return rows(path)


async def sealed(path: Path, *moments: datetime) -> list[LedgerSealed]:
    """Seal it once at each of these moments."""
    writer = await Writer.open(path)
    sealing = Sealing(path, writer, Ledger(writer), many=1)
    made = [await sealing.seal(KEEP, at) for at in moments]
    await writer.close()
    return [one for one in made if one is not None]


def rows(path: Path) -> list[Row]:
    """Everything, read across the segments that are there."""
    with reading.opened(path) as conn:
        return list(reading.rows(conn))


def left(path: Path) -> set[int]:
    """The places of what lies in the ledger itself."""
    with closing(sqlite3.connect(path)) as conn:
        return {seq for (seq,) in conn.execute("select seq from entry")}


async def test_what_is_sealed_is_read_and_verified_as_if_it_were_not(path: Path) -> None:
    before = await filled(path)
    first, second = await sealed(path, HALF, NOW)
    report = verifying.verify(path)
    after = rows(path)

    assert (report.sound, report.missing, report.count) == (True, (), len(after))
    assert after[: len(before)] == before
    assert [row.kind for row in after[len(before) :]] == ["ledger.sealed"] * 2
    assert (first.first, second.first) == (1, first.upto + 1)
    assert second.upto == max(row.seq for row in before if row.at < stamp(NOW - KEEP))
    assert len(left(path)) < 0.75 * len(after)
    assert path.with_name(second.file).stat().st_mode & 0o777 == 0o400


async def test_without_its_segments_a_ledger_is_sound_as_far_as_it_goes(path: Path) -> None:
    before = await filled(path)
    first, second = await sealed(path, HALF, NOW)
    path.with_name(first.file).unlink()
    report = verifying.verify(path, sizes=[first.upto, second.upto])

    assert (report.sound, report.missing) == (True, (first,))
    assert f"entries 1 to {first.upto} are sealed in {first.file}, which is not here" in report.line
    assert report.roots == {one.upto: Frontier.read(one.frontier).root for one in (first, second)}
    here = [row for row in rows(path) if first.upto < row.seq <= len(before)]
    assert here == before[first.upto :]


async def test_a_remembered_entry_is_compared_wherever_it_lies(path: Path) -> None:
    before = await filled(path)
    (one,) = await sealed(path, HALF)
    inside, end = before[one.upto // 2], before[one.upto - 1]

    assert verifying.verify(path, Head(inside.seq, inside.hash)).sound
    assert not verifying.verify(path, Head(inside.seq, end.hash)).sound

    path.with_name(one.file).unlink()
    away = verifying.verify(path, Head(inside.seq, inside.hash))
    assert verifying.verify(path, Head(end.seq, end.hash)).sound
    assert not away.sound
    assert "which is not here, so it cannot be compared" in away.line


async def test_a_segment_is_verified_by_itself(path: Path) -> None:
    await filled(path)
    (one,) = await sealed(path, HALF)
    report = verifying.verify(path.with_name(one.file))

    assert (report.sound, report.count) == (True, one.upto)
    assert f"sealed entries 1 to {one.upto}" in report.line


async def test_what_heal_decides_by_stays(path: Path) -> None:
    before = await filled(path, incidents=80)
    (one,) = await sealed(path, NOW)
    stays, gone = left(path), [row for row in before if row.seq <= one.upto]
    by_name: dict[str, list[Row]] = {}
    for row in gone:
        by_name.setdefault(row.incident, []).append(row)
    away = {row.kind for row in gone if row.seq not in stays}

    assert {row.seq for row in by_name.pop("") if row.kind.startswith("house.")} <= stays
    for name, story in by_name.items():
        kinds = {row.kind for row in story}
        whole = {row.seq for row in story} <= stays
        if "incident.closed" not in kinds or "incident.came_back" in kinds:
            assert whole, name
        elif "run.started" in kinds:
            kept = {"incident.opened", "run.started", "incident.closed"}
            assert kept <= {row.kind for row in story if row.seq in stays}, name
        else:
            assert not {row.seq for row in story} & stays, name
    assert away >= {"door.refused", "evidence.read", "step.ended", "incident.opened"}


async def test_what_an_incident_that_ended_said_is_still_known(path: Path) -> None:
    before = await filled(path)
    (one,) = await sealed(path, HALF)
    gone = next(row for row in before if row.seq not in left(path) and row.incident)
    story = [row.seq for row in before if row.incident == gone.incident]
    with closing(Past(path)) as past:
        told = [entry.seq for entry in past.of(gone.incident, past.head())]
        path.with_name(one.file).unlink()
        without = list(past.of(gone.incident, past.head()))
    writer = await Writer.open(path)
    found = await Ledger(writer).find(gone.key)
    await writer.close()

    assert (told, without, found) == (story, [], None)


async def test_a_name_that_was_sealed_away_is_not_given_again(path: Path) -> None:
    before = await filled(path)
    await sealed(path, HALF)
    gone = next(row for row in before if row.seq not in left(path) and row.incident)
    writer = await Writer.open(path)
    found = await Ledger(writer).find(gone.key)
    await writer.close()

    assert found is not None
    assert (found.seq, found.hash) == (gone.seq, gone.hash)


async def test_young_or_few_entries_are_not_worth_a_file(path: Path) -> None:
    await filled(path)
    writer = await Writer.open(path)
    sealing = Sealing(path, writer, Ledger(writer))
    young = await sealing.seal(KEEP, NOON + KEEP + timedelta(days=29))
    old = await sealing.seal(KEEP, NOON + KEEP + timedelta(days=31))
    again = await sealing.seal(KEEP, NOON + KEEP + timedelta(days=32))
    await writer.close()

    assert (young, again) == (None, None)
    assert old is not None
    assert [one.name for one in path.parent.glob("*sealed")] == [old.file]


@pytest.mark.parametrize("after", range(14))
async def test_broken_off_at_any_moment_nothing_is_lost_and_it_comes_to_the_same_end(
    path: Path, after: int
) -> None:
    before = await filled(path)
    writer = await Mortal.open(path)
    sealing = Sealing(path, writer, Ledger(writer), many=1)
    writer.left = after
    died = False
    try:
        await sealing.seal(KEEP, NOW)
    except StoreUnavailable:
        died = True
    writer.left = float("inf")
    await writer.close()

    assert verifying.verify(path).sound
    assert rows(path)[: len(before)] == before
    assert died or after >= 8

    await sealed(path, NOW)
    assert verifying.verify(path).sound
    assert rows(path)[: len(before)] == before
    assert len(rows(path)) == len(before) + 1
    with reading.opened(path) as conn:
        assert conn.execute("select count(*) from leaving").fetchone() == (0,)
    assert [one.name for one in path.parent.glob("*.sealing")] == []


async def test_a_copy_that_got_no_name_yet_gets_it_before_anything_is_removed(path: Path) -> None:
    before = await filled(path)
    writer = await Mortal.open(path)
    made = await recorded(path, writer)
    writer.left = 3  # what was sealed last, what is listed without a seal, whether any is listed
    with pytest.raises(StoreUnavailable):
        await Sealing(path, writer, Ledger(writer)).finish()
    writer.left = float("inf")
    named = path.with_name(made.file).exists()
    untouched = left(path) > {row.seq for row in before}
    finished = await Sealing(path, writer, Ledger(writer)).finish()
    await writer.close()

    assert (named, untouched, finished) == (True, True, True)
    assert verifying.verify(path).missing == ()
    assert rows(path)[: len(before)] == before


async def recorded(path: Path, writer: Writer) -> LedgerSealed:
    """Seal, and lose the process between the record of it and what follows from that."""
    made = cut(path, path.with_name("heal.db.sealing"), NOW - KEEP, 1, NOW)
    assert made is not None
    assert await Sealing(path, writer, Ledger(writer))._record(made, NOW)
    return made.seal


async def test_nothing_is_removed_of_what_lies_in_no_file(path: Path) -> None:
    before = await filled(path)
    writer = await Writer.open(path)
    await recorded(path, writer)
    path.with_name("heal.db.sealing").unlink()
    finished = await Sealing(path, writer, Ledger(writer)).finish()
    await writer.close()

    assert not finished
    assert left(path) >= {row.seq for row in before}


async def test_an_incident_that_goes_on_meanwhile_is_not_sealed(path: Path) -> None:
    await filled(path)
    part = path.with_name("heal.db.sealing")
    made = cut(path, part, NOW - KEEP, 1, NOW)
    assert made is not None
    writer = await Writer.open(path)
    ledger = Ledger(writer)
    sealing = Sealing(path, writer, ledger, many=1)
    name = min(made.incidents)
    await ledger.append(draft("again", kind="incident.news", incident=name, at=NOW))

    assert not await sealing._record(made, NOW)
    await sealing.finish()
    assert await sealing.seal(KEEP, NOW)
    await writer.close()

    kept = [row for row in rows(path) if row.incident == name]
    assert {row.seq for row in kept} <= left(path)
    assert verifying.verify(path).sound


async def test_what_comes_in_meanwhile_is_kept(path: Path) -> None:
    before = await filled(path)
    writer = await Writer.open(path)
    ledger, inbox = Ledger(writer), await Inbox.open(writer)
    sealing = Sealing(path, writer, ledger, many=1)
    waiting: list[Any] = []

    def also(_: object) -> None:
        number = len(waiting)
        late = draft(f"late-{number}", incident="inc-late", at=NOW)
        waiting.append(writer.submit(lambda db: None))
        if number < 20:
            waiting.append(ledger.append(late))

    ledger.subscribe(also)
    await ledger.append(draft("first", incident="inc-late", at=NOW))
    made = await sealing.seal(KEEP, NOW)
    for one in waiting:
        await one
    await inbox.put(["key"], "alerts", b"{}", {}, NOW)
    await writer.close()

    assert made is not None
    assert rows(path)[: len(before)] == before
    assert verifying.verify(path).sound


async def test_a_full_disk_leaves_all_as_it_was_until_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with disks.tmpfs(disk, 3 << 20):
        path = disk / "heal.db"
        before = await filled(path, incidents=300)
        writer = await Writer.open(path)
        ballast = disks.fill(disk)
        assert await Sealing(path, writer, Ledger(writer), many=1).seal(KEEP, NOW) is None
        await writer.close()
        assert left(path) == {row.seq for row in before}
        assert [one.name for one in disk.iterdir() if "seal" in one.name] == []

        ballast.unlink()
        (made,) = await sealed(path, NOW)
        assert verifying.verify(path).sound
        assert rows(path)[: len(before)] == before
        assert len(left(path)) < made.upto


Forgery = Callable[[sqlite3.Connection, int], None]


def kind(conn: sqlite3.Connection, seq: int) -> None:
    """An entry says another kind."""
    conn.execute("update entry set kind = kind || 'x' where seq = ?", [seq])


def gone(conn: sqlite3.Connection, seq: int) -> None:
    """An entry is gone, and the gap stays."""
    conn.execute("delete from entry where seq = ?", [seq])


WAYS: tuple[Forgery, ...] = (tampering.byte, kind, gone)


@pytest.mark.parametrize("seed", range(6))
async def test_sealed_anywhere_and_changed_anywhere_it_shows(path: Path, seed: int) -> None:
    dice = Random(seed)
    await filled(path, seed, incidents=dice.randrange(5, 40))
    moments = sorted(
        NOON + timedelta(days=dice.randrange(100, 490)) for _ in range(dice.choice([1, 2, 3]))
    )
    made = await sealed(path, *moments)
    where = [path, *(path.with_name(one.file) for one in made)]
    assert verifying.verify(path).sound

    for _ in range(12):
        target, way = dice.choice(where), dice.choice(WAYS)
        target.chmod(0o600)
        was = target.read_bytes()
        with closing(sqlite3.connect(target)) as conn:
            triggers = "select name from sqlite_schema where type = 'trigger'"
            for (name,) in conn.execute(triggers).fetchall():
                conn.execute(f'drop trigger "{name}"')
            seqs = [seq for (seq,) in conn.execute("select seq from entry").fetchall()]
            seq = dice.choice(seqs[:-1])
            way(conn, seq)
            conn.commit()
            conn.execute("pragma wal_checkpoint(truncate)")
        report = verifying.verify(path)
        target.write_bytes(was)

        assert not report.sound, f"{way.__name__} of {seq} in {target.name}"
    assert verifying.verify(path).sound


async def test_a_backup_takes_the_segments_along_and_a_restore_brings_them_back(
    path: Path, tmp_path: Path
) -> None:
    before = await filled(path)
    (one,) = await sealed(path, NOW)
    copying.back_up(path, tmp_path / "kept", NOW)
    for file in path.parent.glob("heal.db*"):
        file.unlink()
    putting_back.put_back(tmp_path / "kept", path, NOW, None)
    report = verifying.verify(path)

    assert (report.sound, report.missing) == (True, ())
    assert rows(path)[: len(before)] == before
    assert sorted(copying.read(tmp_path / "kept").files) == ["heal.db", one.file]


async def test_every_reader_reads_what_is_sealed_and_says_when_it_cannot(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await filled(path)
    (one,) = await sealed(path, HALF)
    gone = next(row for row in before if row.seq not in left(path) and row.incident)
    story = [row for row in before if row.incident == gone.incident]
    ledger = ["--ledger", str(path)]
    to = tmp_path / "part.db"
    shown = main(["audit", "show", gone.incident, *ledger])
    found = main(["audit", "search", gone.incident, *ledger])
    exported = main(["audit", "export", "--incident", gone.incident, "--to", str(to), *ledger])
    capsys.readouterr()

    assert (shown, found, exported) == (0, 0, 0)
    assert [row for row in rows(to) if row.incident] == story
    assert verifying.verify(to).sound

    path.with_name(one.file).unlink()
    assert main(["audit", "show", gone.incident, *ledger]) == 1
    assert main(["audit", "verify", *ledger]) == 0
    assert main(["audit", "verify", "--whole", *ledger]) == 1
    assert main(["audit", "verify", "--json", *ledger]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["missing"] == [one.file]


async def test_a_reader_that_wants_all_of_it_finds_every_entry_once_and_in_order(
    path: Path,
) -> None:
    before = await filled(path)
    first, _ = await sealed(path, HALF, NOW)
    with reading.whole(path) as conn:
        asked = f"select {segments.COLUMNS} from entry order by seq"
        seen = list(map(Row._make, conn.execute(asked)))
        assert list(reading.rows(conn)) == seen
    path.with_name(first.file).unlink()
    with reading.whole(path) as conn:
        kept = [seq for (seq,) in conn.execute("select seq from entry order by seq")]

    assert seen[: len(before)] == before
    assert kept == [row.seq for row in rows(path)]


async def test_the_first_checkpoint_after_a_seal_is_of_the_whole_tree(path: Path) -> None:
    before = await filled(path)
    (one,) = await sealed(path, HALF)
    writer = await Writer.open(path)
    checkpoints = Checkpoints(writer)
    frontier = await checkpoints.frontier()
    begun = frontier.size
    while hashes := await checkpoints.hashes(frontier.size):
        frontier.extend(hashes)
    await writer.close()

    assert begun == one.upto
    assert frontier.size == len(before) + 1
    assert verifying.verify(path, sizes=[frontier.size]).roots[frontier.size] == frontier.root


async def test_what_is_sealed_at_once_takes_little_memory_however_much_it_is(path: Path) -> None:
    def taken(incidents: int) -> tuple[int, int]:
        """How many octets a cut takes at most, and of how many entries."""
        ledger = path.with_name(f"{incidents}.db")
        drafts = histories.past(Random(1), incidents)
        with closing(connect(ledger, 0)) as db:
            db.execute("begin")
            view = View(db)
            for one in drafts:
                view.append(one)
            db.execute("commit")
        tracemalloc.start()
        made = cut(ledger, ledger.with_suffix(".part"), NOW - KEEP, 1, NOW)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert made is not None
        return most, made.seal.upto

    few, many = taken(100), taken(1000)

    assert (many[0] - few[0]) / (many[1] - few[1]) < 150


async def test_a_checkpoint_inside_of_what_is_not_here_accuses_nobody(path: Path) -> None:
    before = await filled(path)
    size = len(before) // 8
    root = verifying.verify(path, sizes=[size]).roots[size]
    (one,) = await sealed(path, HALF)
    assert verifying.verify(path, sizes=[size]).roots == {size: root}

    path.with_name(one.file).unlink()
    report = verifying.verify(path, sizes=[size])
    signed = Signed(Checkpoint("heal", size, root), Note("", ()))
    found = witnessed._against(signed, report.count, None, {}, [])

    assert (size <= one.upto, report.roots) == (True, {})
    assert found == "cannot be compared, for what it covers is sealed in a file that is not here"
