"""A log of writes that is torn at its end is read on; one that lost what was on disk is refused."""

from __future__ import annotations

import random
import shutil
import struct
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.errors import ConfigurationError
from bot.store import reading
from bot.store.file import connect
from bot.store.verifying import verify
from bot.store.view import View
from tests.store.drafts import draft

WHOLE = 24 + 4096
COMMITS = 12


@pytest.fixture(scope="module")
def died(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The file as it lay on disk after each commit, each in a folder of its own, never closed."""
    folder = tmp_path_factory.mktemp("died")
    lived, states = folder / "heal.db", []
    with closing(connect(lived, 0)) as db:
        for number in range(COMMITS):
            View(db).append(draft(f"key-{number}"))
            states.append(copied(lived, folder / str(number)))
    return states


def copied(ledger: Path, folder: Path) -> Path:
    folder.mkdir()
    for end in ("", "-wal"):
        shutil.copy(ledger.with_name(f"heal.db{end}"), folder)
    return folder / "heal.db"


def log_of(ledger: Path) -> bytearray:
    return bytearray(ledger.with_name("heal.db-wal").read_bytes())


def opened(ledger: Path, log: bytearray) -> int:
    """How many entries a start finds with this log."""
    ledger.with_name("heal.db-wal").write_bytes(log)
    connect(ledger, 0).close()
    return sum(1 for _ in reading.entries(ledger))


@pytest.mark.parametrize("seed", range(25))
def test_e04_a_power_cut_at_any_octet_of_a_commit_loses_nothing_that_was_on_disk(
    died: list[Path], tmp_path: Path, seed: int
) -> None:
    """What was being written is torn: cut off, or partly there with rubbish in it."""
    chance = random.Random(seed)
    done = chance.randrange(COMMITS - 1)
    before, after = log_of(died[done]), log_of(died[done + 1])
    ledger = copied(died[done], tmp_path / "it")
    torn = after[: chance.randrange(len(before), len(after))]
    for place in range(len(before), len(torn), 512):  # a disk writes its sectors in any order
        if chance.random() < 0.3:
            torn[place : place + 512] = chance.randbytes(min(512, len(torn) - place))

    assert opened(ledger, torn) == done + 1
    assert verify(ledger).count == done + 1


@pytest.mark.parametrize(
    ("part", "lost"),
    [(part, lost) for part in ("number", "salt", "sum", "page") for lost in (2, COMMITS - 1)]
    + [("number", 1), ("page", 1)],
)
def test_e06_a_log_that_lost_what_was_on_disk_is_refused_and_left_alone(
    died: list[Path], tmp_path: Path, part: str, lost: int
) -> None:
    ledger = copied(died[-1], tmp_path / "it")
    log = log_of(ledger)
    place = len(log_of(died[-1 - lost])) + {"number": 0, "salt": 8, "sum": 16, "page": 2000}[part]
    log[place - WHOLE] ^= 4

    with pytest.raises(ConfigurationError, match=r"damaged at frame .* last good copy"):
        opened(ledger, log)
    assert log_of(ledger) == log


@pytest.mark.parametrize("place", [0, 3, 9, 17, 27])
def test_a_log_whose_header_is_damaged_is_refused(
    died: list[Path], tmp_path: Path, place: int
) -> None:
    log = log_of(died[-1])
    log[place] ^= 4

    with pytest.raises(ConfigurationError, match="damaged at frame 1"):
        opened(copied(died[-1], tmp_path / "it"), log)


def test_a_log_that_was_begun_anew_keeps_older_commits_behind_it(
    died: list[Path], tmp_path: Path
) -> None:
    ledger = copied(died[-1], tmp_path / "it")
    with closing(connect(ledger, 0)) as db:
        db.execute("pragma wal_checkpoint(restart)").fetchall()
        View(db).append(draft("another"))
        log = log_of(ledger)
        shutil.copy(ledger, tmp_path / "heal.db")

    assert len(log) == len(log_of(died[-1])), "the older frames are still there"
    assert opened(tmp_path / "heal.db", log) == COMMITS + 1


def test_what_failed_commits_left_behind_a_shorter_one_is_no_loss(
    died: list[Path], tmp_path: Path
) -> None:
    """Two commits that failed at the end, the longer first, and one that succeeded after them."""
    ends = []
    for number, size in enumerate((9, 6, 1)):
        ledger = copied(died[0], tmp_path / str(number))
        with closing(connect(ledger, 0)) as db:
            db.execute("begin")
            for one in range(size):
                View(db).append(draft(f"{number}-{one}", body=f'"{"x" * 9000}"'))
            db.execute("commit")
            ends.append(log_of(ledger))
    long, middle, short = ends
    log = short + middle[len(short) :] + long[len(middle) :]
    marks = [struct.unpack_from(">I", log, at + 4)[0] for at in range(32, len(log), WHOLE)]

    assert sum(map(bool, marks[len(short) // WHOLE :])) == 2, "ends of commits behind the last"
    assert opened(copied(died[0], tmp_path / "it"), log) == 2
