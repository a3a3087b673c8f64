"""A disk that takes no more: nothing is accepted, nothing begins, and room again is enough."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.core.errors import ConfigurationError
from bot.core.lifecycle import State
from bot.store.writer import Writer
from tests.clients import disks
from tests.faults import stage
from tests.faults.stage import Stage
from tests.faults.street import Book, House
from tests.journeys import scenes

SMALL = 3 << 20
BOOK = Book("Narrow")
WORDS = "cannot be written: "


async def test_e05_with_a_full_disk_nothing_is_accepted_and_room_again_is_enough(
    tmp_path: Path,
) -> None:
    async with on_a_small_disk(tmp_path, House()) as full:
        await full.alert("Narrow", "corner")
        await full.reached(State.AWAITING_APPROVAL)
        await full.scene.until(lambda: [*full.buttons("approve_recovery")])
        ((ts, value),) = full.buttons("approve_recovery")
        known = len(full.kinds())
        ballast = disks.fill(tmp_path / "disk")
        status = await full.posted(scenes.one_alert("Narrow", "corner", "firing", pod="b"))
        pressed = await full.pressed(ts, "andre", "approve_recovery", value)

        assert (status, pressed) == (503, False)
        for _ in range(2):
            ready, why = await readiness(full)
            assert (ready, "database or disk is full; nothing is done" in why) == (503, True)
        assert (len(full.kinds()), full.scene.effects("pool")) == (known, [])

        ballast.unlink()
        assert await readiness(full) == (200, "")
        await full.press("approve_recovery")
        await full.reached(State.HEALED)
        await full.at_rest()

        assert full.judged().faults == []
        assert len(full.scene.effects("pool")) == 1


async def test_what_a_full_disk_could_not_record_is_recorded_later_and_not_done_again(
    tmp_path: Path,
) -> None:
    async with on_a_small_disk(tmp_path, House(after=0.5)) as full:
        await full.alert("Narrow", "corner")
        await full.press("approve_recovery")
        await full.scene.until(lambda: full.scene.effects("pool"))
        ballast = disks.fill(tmp_path / "disk")
        await full.scene.until(lambda: WORDS in full.scene.log())

        assert "step.ended" not in full.kinds()

        ballast.unlink()
        await full.reached(State.HEALED)
        await full.at_rest()

        assert full.judged().faults == []
        assert len(full.scene.effects("pool")) == 1


async def test_a_bot_that_dies_on_a_full_disk_goes_on_when_there_is_room(tmp_path: Path) -> None:
    async with on_a_small_disk(tmp_path, House(after=0.5)) as full:
        await full.alert("Narrow", "corner")
        await full.press("approve_recovery")
        await full.scene.until(lambda: full.scene.effects("pool"))
        ballast = disks.fill(tmp_path / "disk")
        kill(full)
        await full.scene.until(lambda: full.died == 1)
        await full.clock.sleep(1.0)
        ballast.unlink()
        await full.reached(State.HEALED)
        await full.at_rest()

        assert full.judged().faults == []
        assert len(full.scene.effects("pool")) == 1


async def test_a_file_that_takes_no_write_begins_no_step(tmp_path: Path) -> None:
    """The kernel refuses every write of the process, as a file system does that went read-only."""
    async with stage.opened(tmp_path, {"corner": House()}, (BOOK,)) as refused:
        await refused.alert("Narrow", "corner")
        await refused.reached(State.AWAITING_APPROVAL)
        await refused.scene.until(lambda: [*refused.buttons("approve_recovery")])
        ((ts, value),) = refused.buttons("approve_recovery")
        may_write(refused, 0)
        pressed = await refused.pressed(ts, "andre", "approve_recovery", value)
        ready, why = await readiness(refused)

        assert (pressed, ready, WORDS in why) == (False, 503, True)
        assert refused.scene.effects("pool") == []

        may_write(refused, resource.RLIM_INFINITY)
        await refused.press("approve_recovery")
        await refused.reached(State.HEALED)
        await refused.at_rest()

        assert refused.judged().faults == []


async def test_a_ledger_on_a_read_only_disk_stops_the_start_and_says_so(tmp_path: Path) -> None:
    with disks.tmpfs(tmp_path / "disk", SMALL) as disk:
        await (await Writer.open(disk / "heal.db")).close()
        disks.remount(disk, "ro")
        with pytest.raises(ConfigurationError, match=r"heal\.db.* Read-only file system; choose a"):
            await Writer.open(disk / "heal.db")


@asynccontextmanager
async def on_a_small_disk(directory: Path, house: House) -> AsyncIterator[Stage]:
    """A stage whose ledger, and nothing else, lies on a disk of three megabytes."""
    disk = directory / "disk"
    with disks.tmpfs(disk, SMALL):
        (directory / "heal.db").symlink_to(disk / "heal.db")
        async with stage.opened(directory, {"corner": house}, (BOOK,)) as opened:
            yield opened


async def readiness(of: Stage) -> tuple[int, str]:
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        answer = await client.get(f"http://127.0.0.1:{of.scene.port}/readyz")
    return answer.status_code, str(answer.json()["why"])


def pid(of: Stage) -> int:
    assert of.scene.bot is not None
    assert of.scene.bot.pid is not None
    return of.scene.bot.pid


def kill(of: Stage) -> None:
    os.kill(pid(of), signal.SIGKILL)


def may_write(of: Stage, size: int) -> None:
    """How long a file of the bot may get; what is longer already takes no more."""
    hard = resource.RLIM_INFINITY
    resource.prlimit(pid(of), resource.RLIMIT_FSIZE, (size, hard))
