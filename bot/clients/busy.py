"""Files that a process holds open: what is in use is left alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

PROCESSES = "/proc"


def open_files() -> frozenset[tuple[int, int]]:
    """
    Device and inode of every open file that this process may see.

    Only root sees those of other people; `sees_all` tells which it is.
    """
    return frozenset(_open())


def sees_all() -> bool:
    return os.geteuid() == 0


def _open() -> Iterator[tuple[int, int]]:
    with suppress(OSError), os.scandir(PROCESSES) as processes:
        for process in processes:
            if process.name.isdecimal():
                yield from _of(f"{process.path}/fd")


def _of(descriptors: str) -> Iterator[tuple[int, int]]:
    with suppress(OSError), os.scandir(descriptors) as every:
        for one in every:
            with suppress(OSError):
                seen = one.stat()
                yield seen.st_dev, seen.st_ino
