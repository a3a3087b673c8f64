"""`host.disk_report`: what takes the room on a disk: the largest folders and files below a path."""

from __future__ import annotations

import os
from collections import Counter
from functools import partial
from heapq import nlargest, nsmallest

from pydantic import Field, JsonValue

from bot.clients import blocking, folders
from bot.clients.blocking import Stopped
from bot.clients.folders import FolderPath
from bot.clients.rig import Rig
from bot.clients.systemd import LOCAL, HostSettings, reach
from bot.clients.walking import Budget, Found, shown, walk
from bot.core import sizes
from bot.core.values import Facts, Frozen

ROOM = 4096
"""Bytes of text that the tree may take."""
ENTRIES = 300_000
SECONDS = 20.0


class OfTree(Frozen):
    """Where to look, and how much to tell."""

    path: FolderPath = Field(description="the folder whose content is measured: /var")
    depth: int = Field(default=3, ge=1, le=8, description="how many folders deep the tree goes")
    top: int = Field(default=20, ge=1, le=50, description="how many folders and files are told")
    host: str = Field(
        default=LOCAL,
        max_length=253,
        description="the machine it is on: local is the one that Heal runs on",
    )


class DiskReport:
    """
    Reads tree, lines of size and path, and largest, the files with their bytes.

    It measures what is taken on the disk, on one file system, each file once. What ran out before
    the end was seen, or could not be read, is said in `note`: then the sizes are at least these.
    """

    config = HostSettings
    params = OfTree

    def __init__(self, config: HostSettings, rig: Rig) -> None:
        self._clock = rig.clock.monotonic

    async def read(self, params: OfTree) -> Facts:
        reach(params.host)
        return await blocking.in_thread(partial(self._read, params))

    def _read(self, params: OfTree, stopped: Stopped) -> Facts:
        real = os.path.realpath(params.path)
        budget = Budget(self._clock, stopped, SECONDS, ENTRIES)
        below: Counter[str] = Counter()
        files: dict[tuple[int, int], tuple[int, str]] = {}
        with folders.opened(real) as top:
            for found in walk(top, budget):
                if found.key not in files:
                    files[found.key] = (_takes(found), found.path)
                    below.update(dict.fromkeys(_above(found.path, params.depth), _takes(found)))
        largest = nlargest(params.top, files.values())
        tree = nsmallest(params.top, ((-size, path) for path, size in below.items()))
        named: list[JsonValue] = [
            {"path": _whole(real, path), "bytes": size} for size, path in largest
        ]
        told = [(-less, f"{path}/" if path else "") for less, path in tree] + largest
        return {"tree": _written(real, told), "largest": named, "note": _note(budget)}


def _above(path: str, depth: int) -> list[str]:
    """
    Name the folders that a file counts for, from the top down; the top is the empty name.

    >>> _above("log/nginx/old/access.log", 2)
    ['', 'log', 'log/nginx']
    """
    names = path.split("/")[:-1]
    return ["/".join(names[:deep]) for deep in range(min(depth, len(names)) + 1)]


def _takes(found: Found) -> int:
    return found.stat.st_blocks * 512


def _whole(top: str, path: str) -> str:
    return shown(f"{top.rstrip('/')}/{path}")


def _written(top: str, told: list[tuple[int, str]]) -> str:
    """The largest as long as there is room, in the order of paths: a folder before its content."""
    lines, room = [], ROOM
    for size, path in sorted(told, reverse=True):
        line = f"{sizes.in_words(size)} {_whole(top, path)}"
        room -= len(line.encode()) + 1
        if room < 0:
            break
        lines.append((path, line))
    return "\n".join(line for _, line in sorted(lines))


def _note(budget: Budget) -> str:
    if budget.over:
        return f"it stopped {budget.over}: the sizes are at least these"
    if budget.unread:
        return f"{budget.unread} folders could not be read: the sizes are at least these"
    return ""


PLUGIN = DiskReport
