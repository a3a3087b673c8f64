"""The report names what takes the room, on one disk, within its bounds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bot.clients.hosts import HostSettings
from bot.core.errors import PermanentError
from bot.core.values import Facts
from bot.probes.host import disk_report
from bot.probes.host.disk_report import PLUGIN, OfTree
from tests.clients import disks, rigs
from tests.clients.disks import write


async def report(path: Path, **more: Any) -> Facts:
    async with rigs.rig() as rig:
        wanted = OfTree.model_validate({"path": str(path), **more})
        return await PLUGIN(HostSettings(), rig).read(wanted)


async def test_the_largest_folders_and_files_are_told(tmp_path: Path) -> None:
    write(tmp_path / "log" / "shop" / "old.log", 409_600)
    write(tmp_path / "log" / "b.log", 40_960)
    write(tmp_path / "c", 4096)

    seen = await report(tmp_path, top=4)

    assert seen["tree"] == "\n".join(
        [
            f"454.7 kB {tmp_path}/",
            f"4.1 kB {tmp_path}/c",
            f"450.6 kB {tmp_path}/log/",
            f"41.0 kB {tmp_path}/log/b.log",
            f"409.6 kB {tmp_path}/log/shop/",
            f"409.6 kB {tmp_path}/log/shop/old.log",
        ]
    )
    assert seen["largest"] == [
        {"path": f"{tmp_path}/log/shop/old.log", "bytes": 409_600},
        {"path": f"{tmp_path}/log/b.log", "bytes": 40_960},
        {"path": f"{tmp_path}/c", "bytes": 4096},
    ]
    assert seen["note"] == ""


async def test_a_deep_tree_is_told_no_deeper_than_asked(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "c" / "file", 4096)

    seen = await report(tmp_path, depth=1, top=1)

    assert seen["tree"] == "\n".join([f"4.1 kB {tmp_path}/", f"4.1 kB {tmp_path}/a/b/c/file"])


async def test_another_disk_and_what_a_link_leads_to_do_not_count(tmp_path: Path) -> None:
    write(tmp_path / "outside" / "large", 409_600)
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / "a", 4096)
    (tmp_path / "in" / "b").hardlink_to(tmp_path / "in" / "a")
    (tmp_path / "in" / "link").symlink_to("../outside")
    with disks.tmpfs(tmp_path / "in" / "mounted", 1_000_000) as other:
        write(other / "a", 409_600)
        seen = await report(tmp_path / "in")

    assert str(seen["tree"]).startswith(f"4.1 kB {tmp_path}/in/\n")


async def test_the_tree_stays_within_its_room(tmp_path: Path) -> None:
    for number in range(60):
        write(tmp_path / f"{number:02}{'ü' * 100}", 4096)

    tree = (await report(tmp_path, top=50))["tree"]

    assert isinstance(tree, str)
    assert len(tree.encode()) <= disk_report.ROOM
    assert tree.startswith("245.8 kB ")


async def test_what_was_not_seen_to_its_end_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_report, "ENTRIES", 2)
    for name in "abc":
        write(tmp_path / name, 4096)

    seen = await report(tmp_path)

    assert seen["note"] == "it stopped after 2 entries: the sizes are at least these"
    assert str(seen["tree"]).startswith("8.2 kB ")


async def test_the_time_is_bounded_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_report, "SECONDS", -1.0)
    write(tmp_path / "a")

    assert "it stopped after -1 s" in str((await report(tmp_path))["note"])


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31mred", "\u202ecod", os.fsdecode(b"\xff")])
async def test_a_strange_name_is_shown_harmlessly(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, 4096)

    seen = await report(tmp_path)

    assert all(line.isprintable() for line in str(seen["tree"]).split("\n"))
    assert len(str(seen["tree"]).split("\n")) == 2
    assert str(seen).encode()


async def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="cannot be opened"):
        await report(tmp_path / "nothing")


async def test_another_machine_is_not_this_one(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="'web-2' cannot be reached"):
        await report(tmp_path, host="web-2")
