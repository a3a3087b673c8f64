"""
What lies below a folder: every file once, on this file system only, no link followed.

Each folder is opened inside the one above it, so what is yielded is where it was seen even when
names are swapped meanwhile. Other mounts are left out, a bind mount of the same disk as well.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from bot.clients import folders
from bot.core import visible

DEEPEST = 64
"""Each level keeps one descriptor open."""


@dataclass
class Budget:
    """How many entries may be looked at, and until when; `over` says what ran out."""

    clock: Callable[[], float]
    stopped: Callable[[], bool]
    seconds: float
    entries: int
    over: str = ""
    unread: int = 0
    _seen: int = 0
    _until: float = field(init=False)

    def __post_init__(self) -> None:
        self._until = self.clock() + self.seconds

    def spend(self) -> bool:
        """Take one entry; False from the moment on that something ran out."""
        self._seen += 1
        if self._seen > self.entries:
            self.over = self.over or f"after {self.entries} entries"
        elif self.stopped() or self.clock() > self._until:
            self.over = self.over or f"after {self.seconds:g} s"
        return not self.over


class Found(NamedTuple):
    """One entry that is no folder; `folder` is open until the next one is asked for."""

    folder: int
    name: str
    path: str
    stat: os.stat_result

    @property
    def regular(self) -> bool:
        return stat.S_ISREG(self.stat.st_mode)

    @property
    def key(self) -> tuple[int, int]:
        """The file itself, whatever its names: device and inode."""
        return self.stat.st_dev, self.stat.st_ino


def walk(top: int, budget: Budget, path: str = "") -> Iterator[Found]:
    """Yield what is below, in the order of names; what cannot be opened is counted in `unread`."""
    mount = _mount(top)
    with os.scandir(top) as entries:
        names = sorted(entry.name for entry in islice(entries, budget.entries + 1))
    for name in names:
        if not budget.spend():
            return
        try:
            seen = os.stat(name, dir_fd=top, follow_symlinks=False)
        except OSError:
            continue
        below = f"{path}/{name}" if path else name
        if not stat.S_ISDIR(seen.st_mode):
            yield Found(top, name, below, seen)
            continue
        with suppress(OSError), folders.inside(top, (name,)) as deeper:
            if _mount(deeper) == mount:
                yield from _deeper(deeper, budget, below)
            continue
        budget.unread += 1


def _deeper(folder: int, budget: Budget, path: str) -> Iterator[Found]:
    if path.count("/") >= DEEPEST:
        budget.unread += 1
        return
    yield from walk(folder, budget, path)


def _mount(folder: int) -> str:
    """Which mount a descriptor is on; the device's number cannot tell a bind mount."""
    with suppress(OSError):
        told = Path(f"/proc/self/fdinfo/{folder}").read_text(encoding="ascii")
        if found := re.search(r"^mnt_id:.*$", told, re.MULTILINE):
            return found[0]
    return f"device {os.fstat(folder).st_dev}"


def shown(path: str) -> str:
    r"""
    Write a path as people may see it: one line, nothing hidden, bytes that are no text as �.

    >>> shown("a\nb\x1b[31m"), shown("\udcff")
    ('a b⟨U+001B⟩[31m', '�')
    """
    return visible.line(os.fsencode(path).decode("utf-8", "replace"))[:300]
