"""
`host.disk_report`: what takes the room on a disk: the largest folders and files below a path.

Here the folders are walked; on another machine `du` walks them, and tells what takes at least a
two-hundredth of the disk.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from heapq import nlargest, nsmallest

from pydantic import Field, JsonValue

from bot.clients import blocking, folders
from bot.clients.blocking import Stopped
from bot.clients.commands import KEPT
from bot.clients.folders import FolderPath
from bot.clients.hosts import Host, Hosts, HostSettings, OnHost
from bot.clients.rig import Rig
from bot.clients.systemd import READING
from bot.clients.walking import Budget, Found, shown, walk
from bot.core import sizes
from bot.core.errors import PermanentError
from bot.core.values import Facts

ROOM = 4096
"""Bytes of text that the tree may take."""
ENTRIES = 300_000
SECONDS = 20.0
SHARE = 200
NOT_WHOLE = "some folders could not be read: the sizes are at least these"
_LINE = re.compile(r"([0-9]{1,18})\t(/.*)")


class OfTree(OnHost):
    """Where to look, and how much to tell."""

    path: FolderPath = Field(description="the folder whose content is measured: /var")
    depth: int = Field(default=3, ge=1, le=8, description="how many folders deep the tree goes")
    top: int = Field(default=20, ge=1, le=50, description="how many folders and files are told")


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
        self._hosts = Hosts(config, rig)

    async def read(self, params: OfTree) -> Facts:
        host = self._hosts.at(params.host)
        if host.local:
            return await blocking.in_thread(partial(self._read, params))
        return await _there(host, params)

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
        return _told(real, params, below, list(files.values()), _note(budget))


async def _there(host: Host, params: OfTree) -> Facts:
    disk = await host.read("stat", "-f", "-c", "%b %f %S", "--", params.path, within=READING)
    numbers = [int(word) for word in disk.out.split() if word.isdecimal()]
    if disk.code or len(numbers) != 3:
        raise PermanentError(f"{params.path} on {host.name} cannot be read: {disk.err[:200]}")
    blocks, free, size = numbers
    least = (blocks - free) * size // SHARE
    du = ("du", "-x", "-B1", f"-d{params.depth}", f"--threshold={max(least, 1)}")
    tree = await host.read(*du, "--", params.path, within=SECONDS)
    asked = ("-xdev", "-type", "f", "-size", f"+{least}c", "-printf", r"%b\t%p\n")
    found = await host.read("find", params.path, *asked, within=SECONDS)
    below = Counter({path: size for size, path in _lines(tree.out, params.path)})
    files = [(blocks * 512, path) for blocks, path in _lines(found.out, params.path)]
    whole = tree.code == 0 and found.code == 0 and max(len(tree.out), len(found.out)) < KEPT
    return _told(params.path, params, below, files, "" if whole else NOT_WHOLE)


def _lines(out: str, top: str) -> Iterator[tuple[int, str]]:
    """What begins with a number and lies below; a name with a line break is left out or cut."""
    for line in out.splitlines():
        if found := _LINE.fullmatch(line):
            number, path = int(found[1]), found[2]
            if path == top or path.startswith(f"{top.rstrip('/')}/"):
                yield number, path.removeprefix(top).lstrip("/")


def _told(
    top: str, params: OfTree, below: Counter[str], files: list[tuple[int, str]], note: str
) -> Facts:
    largest = nlargest(params.top, files)
    tree = nsmallest(params.top, ((-size, path) for path, size in below.items()))
    named: list[JsonValue] = [{"path": _whole(top, path), "bytes": size} for size, path in largest]
    told = [(-less, f"{path}/" if path else "") for less, path in tree] + largest
    return {"tree": _written(top, told), "largest": named, "note": note}


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
