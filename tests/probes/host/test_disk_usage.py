"""A disk is as full as df says, and what cannot be read is an error and not zero."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot.clients.hosts import HostSettings
from bot.core.errors import PermanentError
from bot.core.values import Facts
from bot.probes.host.disk_usage import PLUGIN, OfDisk
from tests.clients import disks, rigs


async def usage(path: Path, host: str = "local") -> Facts:
    async with rigs.rig() as rig:
        return await PLUGIN(HostSettings(), rig).read(OfDisk(path=str(path), host=host))


async def test_a_disk_is_measured_as_df_measures_it(tmp_path: Path) -> None:
    with disks.tmpfs(tmp_path / "disk", 8_192_000) as disk:
        disks.write(disk / "a", 4_096_000)
        seen = await usage(disk)
        df = subprocess.run(
            ["df", "-B1", "--output=used,avail,size", str(disk)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip

    wanted = [int(number) for number in df.stdout.splitlines()[1].split()]
    assert [seen["used_bytes"], seen["free_bytes"], seen["total_bytes"]] == wanted
    assert seen["percent"] == 50.0
    assert isinstance(seen["inodes_percent"], float)


async def test_the_disk_of_the_tests_has_all_its_facts(tmp_path: Path) -> None:
    seen = await usage(tmp_path)

    assert set(seen) == {
        *("percent", "used_bytes", "free_bytes", "total_bytes", "inodes_percent"),
    }
    assert all(isinstance(value, int | float) and value >= 0 for value in seen.values())


async def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="cannot be read: No such file"):
        await usage(tmp_path / "nothing")


async def test_what_has_no_size_is_no_disk() -> None:
    with pytest.raises(PermanentError, match="is on no disk that has a size"):
        await usage(Path("/proc"))


async def test_another_machine_is_not_this_one() -> None:
    with pytest.raises(PermanentError, match="'web-2' cannot be reached"):
        await usage(Path("/"), "web-2")
