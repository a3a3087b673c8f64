"""Old logs shrink and come back as they were, wherever it stops and whoever plays with links."""

from __future__ import annotations

import asyncio
import errno
import gzip
import itertools
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.actions.host import _logs, _packing, archive_logs
from bot.actions.host._logs import Archiving
from bot.actions.host.archive_logs import ArchiveLogs
from bot.clients.hosts import HostSettings
from bot.clients.rig import Rig
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility
from tests.clients import disks, rigs
from tests.clients.disks import write


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigs.rig() as made:
        yield replace(made, clock=disks.Later())


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "log"
    folder.mkdir()
    return folder


@pytest.fixture
def action(logs: Path, rig: Rig) -> ArchiveLogs:
    return archive_logs.PLUGIN(HostSettings(name="web-1", logs=(str(logs),)), rig)


def under(folder: Path, **more: Any) -> Archiving:
    return Archiving.model_validate({"under": str(folder), "older_than": "1d", **more})


async def archived(action: ArchiveLogs, params: Archiving) -> str:
    return await action.execute(params, (await action.scope(params)).pre_state)


async def test_an_old_log_becomes_an_archive_that_looks_like_it(
    action: ArchiveLogs, logs: Path
) -> None:
    log = write(logs / "nginx" / "access.log.1", 300_000)
    log.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(log, 1234, 4321)
    was, content = log.stat(), log.read_bytes()

    said = await archived(action, under(logs))

    now = (logs / "nginx" / "access.log.1.gz").stat()
    assert disks.names(logs) == ["nginx/access.log.1.gz"]
    assert gzip.decompress((logs / "nginx" / "access.log.1.gz").read_bytes()) == content
    assert (now.st_mode, now.st_uid, now.st_gid) == (was.st_mode, was.st_uid, was.st_gid)
    assert now.st_mtime_ns == was.st_mtime_ns
    assert said.startswith(f"archived 1 of 1 logs under {logs}: 300.0 kB became ")


async def test_undo_puts_every_log_back_as_it_was(action: ArchiveLogs, logs: Path) -> None:
    for name in ("a.log.1", "deep/b.log.2"):
        write(logs / name, 5000).chmod(0o640)
    was = {name: (logs / name).read_bytes() for name in disks.names(logs)}
    stamps = {name: (logs / name).stat().st_mtime_ns for name in was}
    scope = await action.scope(under(logs))
    await action.execute(under(logs), scope.pre_state)

    said = [await action.undo(under(logs), scope.pre_state) for _ in range(2)]

    assert was == {name: (logs / name).read_bytes() for name in disks.names(logs)}
    assert stamps == {name: (logs / name).stat().st_mtime_ns for name in was}
    assert said == [f"put back 2 logs under {logs}"] * 2
    assert scope == await action.scope(under(logs))


async def test_the_scope_names_every_log(action: ArchiveLogs, logs: Path) -> None:
    for name, size in (("a.log.1", 2000), ("b.log.1", 1000)):
        write(logs / name, size)

    scope = await action.scope(under(logs))

    listed = scope.pre_state["logs"]
    assert isinstance(listed, list)
    assert [one["path"] for one in listed if isinstance(one, dict)] == ["b.log.1", "a.log.1"]
    assert scope.says == (
        f"compress 2 logs (3.0 kB) called *.[0-9]* under {logs} on web-1, unwritten for 1 day"
    )
    assert scope.undo_says == "decompress these 2 logs again"
    assert action.way_back(under(logs)) is Reversibility.REVERSIBLE


async def test_what_is_young_written_empty_or_packed_already_stays(
    action: ArchiveLogs, logs: Path
) -> None:
    write(logs / "young.log.1", ago=timedelta(hours=5))
    write(logs / "empty.log.1", 0)
    for name in ("now.log", ".hidden.log.1", "old.log.1.gz", "old.log.2.zst"):
        write(logs / name)
    before = disks.names(logs)

    await archived(action, under(logs))

    assert disks.names(logs) == before


async def test_a_log_that_is_open_stays(action: ArchiveLogs, logs: Path) -> None:
    held = write(logs / "held.log.1")
    write(logs / "free.log.1")
    with held.open("ab") as file, subprocess.Popen(["sleep", "60"], stdout=file) as process:
        file.close()
        try:
            scope = await action.scope(under(logs))
            await action.execute(under(logs), scope.pre_state)
        finally:
            process.kill()

    assert disks.names(logs) == ["free.log.1.gz", "held.log.1"]
    assert "it leaves 1 in use" in scope.blast_radius.line


async def test_a_log_that_was_opened_after_the_plan_stays(action: ArchiveLogs, logs: Path) -> None:
    held = write(logs / "held.log.1")
    write(logs / "free.log.1")
    before = (await action.scope(under(logs))).pre_state
    with held.open("ab"):
        said = await action.execute(under(logs), before)

    assert disks.names(logs) == ["free.log.1.gz", "held.log.1"]
    assert said.endswith(", left 1 (in use)")


async def test_a_log_that_was_rotated_meanwhile_is_another_one(
    action: ArchiveLogs, logs: Path
) -> None:
    write(logs / "a.log.1", 1000)
    before = (await action.scope(under(logs))).pre_state
    (logs / "a.log.1").rename(logs / "a.log.2")
    write(logs / "a.log.1", 1500)

    with pytest.raises(PermanentError, match=r"archived 0 of 1 .* left 1 \(changed meanwhile\)"):
        await action.execute(under(logs), before)

    assert disks.names(logs) == ["a.log.1", "a.log.2"]


async def test_archives_may_go_into_another_folder_and_come_back_from_it(
    action: ArchiveLogs, logs: Path
) -> None:
    write(logs / "nginx" / "a.log.1")
    (logs / "old").mkdir()
    params = under(logs, into=str(logs / "old"))
    before = (await action.scope(params)).pre_state
    await action.execute(params, before)
    packed = disks.names(logs)
    await action.undo(params, before)

    assert packed == ["old/nginx__a.log.1.gz"]
    assert disks.names(logs) == ["nginx/a.log.1"]


async def test_links_and_second_names_are_left_alone(
    action: ArchiveLogs, logs: Path, tmp_path: Path
) -> None:
    outside = write(tmp_path / "outside" / "shadow.1")
    (logs / "soft.1").symlink_to(outside)
    (logs / "hard.1").hardlink_to(outside)
    (logs / "folder").symlink_to(outside.parent)

    scope = await action.scope(under(logs))
    await action.execute(under(logs), scope.pre_state)

    assert outside.exists()
    assert scope.pre_state == {"logs": []}


async def test_a_log_swapped_for_a_link_after_the_plan_is_not_read(
    action: ArchiveLogs, logs: Path, tmp_path: Path
) -> None:
    outside = write(tmp_path / "outside" / "a.log.1")
    write(logs / "in" / "a.log.1")
    write(logs / "b.log.1")
    before = (await action.scope(under(logs))).pre_state
    (logs / "in").rename(tmp_path / "was")
    (logs / "in").symlink_to(outside.parent)
    (logs / "b.log.1").unlink()
    (logs / "b.log.1").symlink_to(outside)

    with pytest.raises(PermanentError, match="archived 0 of 2"):
        await action.execute(under(logs), before)

    assert [path.name for path in outside.parent.iterdir()] == ["a.log.1"]


async def test_an_archive_that_is_there_already_is_never_replaced(
    action: ArchiveLogs, logs: Path
) -> None:
    write(logs / "a.log.1")
    before = (await action.scope(under(logs))).pre_state
    theirs = write(logs / "a.log.1.gz").read_bytes()

    with pytest.raises(PermanentError, match="left 1"):
        await action.execute(under(logs), before)

    assert (logs / "a.log.1.gz").read_bytes() == theirs
    assert (logs / "a.log.1").exists()
    assert (await action.scope(under(logs))).pre_state == {"logs": []}


async def test_undo_never_replaces_a_log_that_was_written_since(
    action: ArchiveLogs, logs: Path
) -> None:
    write(logs / "a.log.1", 1000)
    before = (await action.scope(under(logs))).pre_state
    await action.execute(under(logs), before)
    new = write(logs / "a.log.1", 700).read_bytes()

    with pytest.raises(PermanentError, match="put back 0 of 1 logs, not 1"):
        await action.undo(under(logs), before)

    assert (logs / "a.log.1").read_bytes() == new
    assert (logs / "a.log.1.gz").exists()


async def test_a_broken_archive_is_kept_and_told(action: ArchiveLogs, logs: Path) -> None:
    write(logs / "a.log.1", 5000)
    before = (await action.scope(under(logs))).pre_state
    await action.execute(under(logs), before)
    packed = logs / "a.log.1.gz"
    packed.write_bytes(packed.read_bytes()[:-20])

    with pytest.raises(PermanentError, match="the archive is broken"):
        await action.undo(under(logs), before)

    assert disks.names(logs) == ["a.log.1.gz"]


def dies(before: int, act: Callable[[], object]) -> None:
    """Do it in a process that is gone before its nth change of a file."""
    if (child := os.fork()) == 0:
        calls = itertools.count(1)

        def mortal(call: Callable[..., object]) -> Callable[..., object]:
            return lambda *a, **k: os._exit(9) if next(calls) == before else call(*a, **k)

        for name in ("fsync", "link", "unlink"):
            setattr(os, name, mortal(getattr(os, name)))
        act()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize("before", range(1, 7))
async def test_an_earlier_life_that_died_anywhere_is_finished_both_ways(
    action: ArchiveLogs, logs: Path, before: int
) -> None:
    content = write(logs / "a.log.1", 5000).read_bytes()
    state = (await action.scope(under(logs))).pre_state
    listed = archive_logs._listed(state)
    dies(before, lambda: action._logs.pack(under(logs), listed, lambda: False))
    await action.execute(under(logs), state)
    packed = disks.names(logs)
    dies(before, lambda: action._logs.unpack(under(logs), listed, lambda: False))
    await action.undo(under(logs), state)

    assert packed == ["a.log.1.gz"]
    assert disks.names(logs) == ["a.log.1"]
    assert (logs / "a.log.1").read_bytes() == content


async def test_whether_it_landed_is_told_by_what_still_stands(
    action: ArchiveLogs, logs: Path
) -> None:
    for name in ("a.log.1", "b.log.1"):
        write(logs / name)
    before = (await action.scope(under(logs))).pre_state
    landed = [await action.landed(under(logs), before)]
    for name in ("a.log.1", "b.log.1"):
        (logs / name).unlink()
        landed.append(await action.landed(under(logs), before))

    assert landed == [False, None, True]


async def test_a_full_disk_stops_it_and_loses_nothing(
    action: ArchiveLogs, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.log.1", "b.log.1"):
        write(logs / name)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PermanentError, match=r"left 1 \(no space left on device\)"):
        await archived(action, under(logs))

    assert disks.names(logs) == ["a.log.1", "b.log.1"]


async def test_a_step_that_is_given_up_has_ended_when_it_is_left(
    action: ArchiveLogs, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(logs / "a.log.1", 400_000)
    before = (await action.scope(under(logs))).pre_state
    monkeypatch.setattr(_packing, "CHUNK", 100)
    plus = _packing.Total.plus

    def slowly(total: _packing.Total, chunk: bytes) -> _packing.Total:
        time.sleep(0.001)
        return plus(total, chunk)

    monkeypatch.setattr(_packing.Total, "plus", slowly)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await action.execute(under(logs), before)

    assert disks.names(logs) == ["a.log.1"]


async def test_no_more_than_the_largest_are_taken(
    action: ArchiveLogs, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (_logs, archive_logs):
        monkeypatch.setattr(module, "MOST", 2)
    for number in (1, 2, 3):
        write(logs / f"a.log.{number}", number * 1000)

    scope = await action.scope(under(logs))
    await action.execute(under(logs), scope.pre_state)

    assert disks.names(logs) == ["a.log.1", "a.log.2.gz", "a.log.3.gz"]
    assert "the largest 2 only" in scope.blast_radius.line


@pytest.mark.parametrize("name", ["-rf.1", "; id.1", "ü.log.1", "$(id).1"])
async def test_a_strange_name_comes_back(action: ArchiveLogs, logs: Path, name: str) -> None:
    write(logs / name)
    before = (await action.scope(under(logs))).pre_state
    await action.execute(under(logs), before)
    packed = disks.names(logs)
    await action.undo(under(logs), before)

    assert (packed, disks.names(logs)) == ([f"{name}.gz"], [name])


@pytest.mark.parametrize("name", ["a\nb.1", "\u202eb.1", os.fsdecode(b"\xff.1")])
async def test_a_name_that_cannot_be_written_down_stays(
    action: ArchiveLogs, logs: Path, name: str
) -> None:
    write(logs / name)

    scope = await action.scope(under(logs))

    assert scope.pre_state == {"logs": []}
    assert "with a name that cannot be written down" in scope.blast_radius.line


@pytest.mark.parametrize("more", [{}, {"into": "{tmp}/elsewhere"}])
async def test_only_folders_of_logs_are_touched(
    action: ArchiveLogs, logs: Path, tmp_path: Path, more: dict[str, str]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    params = under(
        logs if more else tmp_path / "elsewhere",
        **{key: value.format(tmp=tmp_path) for key, value in more.items()},
    )

    for asked in (action.scope(params), action.execute(params, {}), action.undo(params, {})):
        with pytest.raises(PermanentError, match="is in no folder of HEAL_HOST_LOGS"):
            await asked


async def test_another_machine_is_not_this_one(action: ArchiveLogs, logs: Path) -> None:
    there = under(logs, host="web-2")

    for asked in (
        *(action.scope(there), action.execute(there, {})),
        *(action.undo(there, {}), action.landed(there, {})),
    ):
        with pytest.raises(PermanentError, match="'web-2' cannot be reached"):
            await asked


def test_what_is_younger_than_an_hour_cannot_be_meant() -> None:
    with pytest.raises(ValidationError, match="write 1h or more"):
        Archiving.model_validate({"under": "/var/log", "older_than": "10m"})
