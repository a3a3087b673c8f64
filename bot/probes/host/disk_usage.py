"""`host.disk_usage`: how full the disk is that holds a path, as `df` counts it."""

from __future__ import annotations

import os

from pydantic import Field

from bot.clients import blocking
from bot.clients.folders import FolderPath
from bot.clients.rig import Rig
from bot.clients.systemd import LOCAL, HostSettings, reach
from bot.core import spelling
from bot.core.errors import PermanentError
from bot.core.values import Facts, Frozen


class OfDisk(Frozen):
    """Which disk."""

    path: FolderPath = Field(description="any path on it: /var/log")
    host: str = Field(
        default=LOCAL,
        max_length=253,
        description="the machine it is on: local is the one that Heal runs on",
    )


class DiskUsage:
    """Reads percent, used_bytes, free_bytes, total_bytes and inodes_percent."""

    config = HostSettings
    params = OfDisk

    def __init__(self, config: HostSettings, rig: Rig) -> None:
        self._host = config.name

    async def read(self, params: OfDisk) -> Facts:
        reach(params.host)
        try:
            disk = await blocking.in_thread(lambda _: os.statvfs(params.path))
        except OSError as error:
            raise PermanentError(
                f"{spelling.quoted(params.path)} on {self._host} cannot be read: {error.strerror}"
            ) from error
        used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
        free = disk.f_bavail * disk.f_frsize
        if not used + free:
            raise PermanentError(f"{spelling.quoted(params.path)} is on no disk that has a size")
        return {
            "percent": _share(used, free),
            "used_bytes": used,
            "free_bytes": free,
            "total_bytes": disk.f_blocks * disk.f_frsize,
            "inodes_percent": _share(disk.f_files - disk.f_ffree, disk.f_favail),
        }


def _share(used: int, free: int) -> float:
    """What is left to root alone counts as used up: nobody else gets it."""
    return round(100 * used / (used + free), 1) if used + free else 0.0


PLUGIN = DiskUsage
