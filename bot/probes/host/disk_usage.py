"""
`host.disk_usage`: how full the disk is that holds a path, as `df` counts it.

Here the kernel is asked itself, on another machine by `stat -f`, which gives the same numbers.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from pydantic import Field

from bot.clients import blocking
from bot.clients.folders import FolderPath
from bot.clients.hosts import Host, Hosts, HostSettings, OnHost
from bot.clients.rig import Rig
from bot.clients.systemd import READING
from bot.core import spelling
from bot.core.errors import PermanentError
from bot.core.values import Facts

NUMBERS = ("%b", "%f", "%a", "%S", "%c", "%d")
"""Blocks: all, free, free to everybody; their size; inodes: all, free."""


class OfDisk(OnHost):
    """Which disk."""

    path: FolderPath = Field(description="any path on it: /var/log")


class Numbers(NamedTuple):
    """What statvfs says of a disk; `size` of a block is in bytes."""

    blocks: int
    free: int
    available: int
    size: int
    inodes: int
    free_inodes: int


class DiskUsage:
    """Reads percent, used_bytes, free_bytes, total_bytes and inodes_percent."""

    config = HostSettings
    params = OfDisk

    def __init__(self, config: HostSettings, rig: Rig) -> None:
        self._hosts = Hosts(config, rig)

    async def read(self, params: OfDisk) -> Facts:
        host = self._hosts.at(params.host)
        if host.local:
            disk = await blocking.in_thread(lambda _: _here(host, params.path))
        else:
            disk = await _there(host, params.path)
        used = (disk.blocks - disk.free) * disk.size
        free = disk.available * disk.size
        if not used + free:
            raise PermanentError(f"{spelling.quoted(params.path)} is on no disk that has a size")
        return {
            "percent": _share(used, free),
            "used_bytes": used,
            "free_bytes": free,
            "total_bytes": disk.blocks * disk.size,
            "inodes_percent": _share(disk.inodes - disk.free_inodes, disk.free_inodes),
        }


def _here(host: Host, path: str) -> Numbers:
    try:
        disk = os.statvfs(path)
    except OSError as error:
        raise _unreadable(host, path, error.strerror or "no reason given") from error
    return Numbers(
        disk.f_blocks, disk.f_bfree, disk.f_bavail, disk.f_frsize, disk.f_files, disk.f_favail
    )


async def _there(host: Host, path: str) -> Numbers:
    ended = await host.read("stat", "-f", "-c", " ".join(NUMBERS), "--", path, within=READING)
    words = ended.out.split()
    if ended.code or len(words) != len(NUMBERS) or not all(map(str.isdecimal, words)):
        raise _unreadable(host, path, " ".join(ended.err.split())[:200] or "it gave no numbers")
    return Numbers(*map(int, words))


def _unreadable(host: Host, path: str, why: str) -> PermanentError:
    return PermanentError(f"{spelling.quoted(path)} on {host.name} cannot be read: {why}")


def _share(used: int, free: int) -> float:
    """What is left to root alone counts as used up: nobody else gets it."""
    return round(100 * used / (used + free), 1) if used + free else 0.0


PLUGIN = DiskUsage
