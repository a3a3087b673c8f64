"""A backup is a whole ledger at one moment, and a restore never passes for the present."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core import facts
from bot.core.chain import Head
from bot.core.checkpoint import Checkpoint, Signed
from bot.core.errors import ConfigurationError
from bot.core.note import Note
from bot.store import copying, lock, putting_back, reading, verifying
from bot.store.file import connect
from bot.store.inbox import Inbox
from bot.store.ledger import Ledger
from bot.store.writer import Writer
from tests.store.drafts import NOON, draft

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "monday"


async def filled(path: Path, backup: Path) -> Head:
    """A ledger that is backed up while it is open, and goes on then; where it ended."""
    backup.parent.mkdir()
    writer = await Writer.open(path)
    ledger, inbox = Ledger(writer), await Inbox.open(writer)
    await ledger.append_all([draft(f"key-{number}") for number in range(3)])
    await inbox.put(["one"], "alerts/alertmanager", b"{}", {}, NOON)
    copying.back_up(path, backup, NOON)
    await ledger.append_all([draft(f"later-{number}") for number in range(2)])
    head = await ledger.head()
    await writer.close()
    return head


def lose(path: Path) -> None:
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()


async def test_a_backup_is_proved_private_and_says_where_it_ends(path: Path, backup: Path) -> None:
    await filled(path, backup)
    made = copying.read(backup)
    report = verifying.verify(backup / "heal.db")

    assert (report.sound, report.head) == (True, Head(made.seq, made.hash))
    assert (made.entries, made.made_at, sorted(made.files)) == (3, NOON, ["heal.db"])
    assert {one.stat().st_mode & 0o777 for one in backup.iterdir()} == {0o600}
    assert sorted(one.name for one in backup.iterdir()) == ["backup.json", "heal.db"]


async def test_a_backup_takes_the_place_of_nothing(path: Path, backup: Path) -> None:
    await filled(path, backup)

    with pytest.raises(ConfigurationError, match="is there already: name a new folder"):
        copying.back_up(path, backup, LATER)
    assert copying.read(backup).made_at == NOON


async def test_what_is_not_sound_is_not_backed_up(path: Path, backup: Path) -> None:
    await filled(path, backup)
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("drop trigger entry_is_never_changed")
        conn.execute("update entry set body = '[]' where seq = 2")

    with pytest.raises(ConfigurationError, match=r"broken at entry 2.*it was not backed up"):
        copying.back_up(path, backup.with_name("tuesday"), LATER)
    assert [one.name for one in backup.parent.iterdir()] == ["monday"]


async def test_a_restored_ledger_says_so_and_halts_all_healing(path: Path, backup: Path) -> None:
    head = await filled(path, backup)
    lose(path)
    fact = putting_back.put_back(backup, path, LATER, head)
    entries = list(reading.entries(path))
    restored, halted = (facts.read(entry.body) for entry in entries[3:])

    assert restored == fact == facts.LedgerRestored(made_at=NOON, lost=2, unheard=1)
    assert isinstance(halted, facts.Halted)
    assert "what Heal did and was told after that (2 entries at least) is not known" in halted.why
    assert verifying.verify(path, Head(3, copying.read(backup).hash)).sound
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in path.parent.glob("heal.db*")) == ["heal.db", "heal.db.lock"]


async def test_what_waited_in_the_inbox_is_left_undone_and_kept(path: Path, backup: Path) -> None:
    await filled(path, backup)
    lose(path)
    putting_back.put_back(backup, path, LATER, None)
    writer = await Writer.open(path)
    inbox = await Inbox.open(writer)
    pending = await inbox.pending()
    await writer.close()

    with closing(connect(path, 0)) as db:
        [row] = db.execute("select state, note, body from inbox").fetchall()
    assert (pending, row) == ([], ("refused", putting_back.LEFT, b"{}"))


async def test_a_ledger_that_is_there_is_never_put_over(path: Path, backup: Path) -> None:
    head = await filled(path, backup)

    with pytest.raises(ConfigurationError, match=r"heal\.db is there: move it away"):
        putting_back.put_back(backup, path, LATER, None)
    assert verifying.verify(path).head == head


async def test_what_is_left_of_a_lost_ledger_is_never_mixed_with_its_backup(
    path: Path, backup: Path
) -> None:
    await filled(path, backup)
    lose(path)
    path.with_name("heal.db-wal").write_bytes(b"left by a crash")

    with pytest.raises(ConfigurationError, match=r"heal\.db-wal is there"):
        putting_back.put_back(backup, path, LATER, None)


async def test_nothing_is_put_back_while_heal_runs(path: Path, backup: Path) -> None:
    await filled(path, backup)
    lose(path)
    held = lock.Lock(path)

    with pytest.raises(ConfigurationError, match="in use by another process"):
        putting_back.put_back(backup, path, LATER, None)
    held.release()
    assert not path.exists()


async def test_a_backup_that_was_changed_is_refused(path: Path, backup: Path) -> None:
    await filled(path, backup)
    lose(path)
    with (backup / "heal.db").open("ab") as file:
        file.write(b"\0")

    with pytest.raises(ConfigurationError, match="is not what was backed up"):
        putting_back.put_back(backup, path, LATER, None)


@pytest.mark.parametrize("name", ["../heal.db", "/etc/passwd"])
async def test_a_backup_names_no_file_outside_of_itself(
    path: Path, backup: Path, name: str
) -> None:
    await filled(path, backup)
    lose(path)
    said = json.loads((backup / copying.NAME).read_text())
    said |= {"ledger": name, "files": {name: said["files"]["heal.db"]}}
    (backup / copying.NAME).write_text(json.dumps(said))

    with pytest.raises(ConfigurationError, match="is not what was backed up"):
        putting_back.put_back(backup, path, LATER, None)


async def test_a_backup_of_another_history_than_was_remembered_is_refused(
    path: Path, backup: Path
) -> None:
    await filled(path, backup)
    lose(path)

    with pytest.raises(ConfigurationError, match=r"history was rewritten.*nothing was put back"):
        putting_back.put_back(backup, path, LATER, Head(2, "f" * 64))
    assert not path.exists()


async def test_a_restore_that_broke_off_is_begun_anew(path: Path, backup: Path) -> None:
    await filled(path, backup)
    lose(path)
    path.with_name("heal.db.restoring").write_bytes(b"half of it")
    path.with_name("heal.db.restoring-wal").write_bytes(b"and more")
    putting_back.put_back(backup, path, LATER, None)

    assert verifying.verify(path).count == 5


def checkpoint_of(size: int, root: bytes) -> Signed:
    return Signed(Checkpoint("heal", size, root), Note("", ()))


async def test_checkpoints_that_were_kept_elsewhere_tell_how_much_is_lost(
    path: Path, backup: Path
) -> None:
    await filled(path, backup)
    roots = verifying.verify(path, sizes=[2, 5]).roots
    lose(path)
    other = checkpoint_of(2, bytes(32))
    with pytest.raises(ConfigurationError, match="another history than the checkpoint of 2"):
        putting_back.put_back(backup, path, LATER, signed=[other])
    kept = [checkpoint_of(size, root) for size, root in roots.items()]
    fact = putting_back.put_back(backup, path, LATER, signed=kept)

    assert fact.lost == 2
