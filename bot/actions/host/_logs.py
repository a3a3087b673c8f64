"""The old logs of a folder, and all of them into their archives and back; blocking."""

from __future__ import annotations

import errno
import fnmatch
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from heapq import nlargest

from pydantic import Field

from bot.actions.host._old import Age, Glob, Left
from bot.actions.host._packing import Log, Place, Unfit, pack, unpack
from bot.clients import busy, folders
from bot.clients.blocking import Stopped
from bot.clients.folders import FolderPath
from bot.clients.hosts import OnHost
from bot.clients.walking import Budget, Found, walk
from bot.core import sizes
from bot.core.errors import PermanentError

MOST = 500
"""Files a run; the largest are taken, the others wait for the next one."""
ENTRIES = 300_000
SCANNING = 60.0
LONGEST_PATH = 300
MARGIN = 100
"""The part of a disk that must stay free when logs are put back."""
PACKED = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".zip", ".Z")


class Archiving(OnHost):
    """Which logs to compress: those that were rotated away, never the ones being written."""

    under: FolderPath = Field(description="the folder of logs, and all below it on the same disk")
    older_than: Age = Field(description="not written for so long; 1h or more")
    matching: Glob = Field(
        default="*.[0-9]*", description="the file's name, with * and ?: those that were rotated"
    )
    into: FolderPath | None = Field(
        default=None, description="the folder for the archives; beside their logs unless set"
    )


class Logs:
    """Works below the folders of HEAL_HOST_LOGS only."""

    def __init__(self, roots: Iterable[str], clock: Callable[[], float]) -> None:
        self._roots = tuple(roots)
        self._clock = clock

    def old(self, params: Archiving, until: int, stopped: Stopped) -> tuple[list[Log], Left]:
        """List what may be compressed, small ones first: they make room for the large ones."""
        left, budget = Left(), Budget(self._clock, stopped, SCANNING, ENTRIES)
        with self._open(params) as (top, into):
            fitting = _fitting(params, top, into, until, budget, left)
            largest = nlargest(MOST, fitting, key=lambda log: (log.size, log.path))
        if budget.over:
            raise PermanentError(
                f"{params.under} was not seen whole, only {budget.over}: name a folder in it"
            )
        return largest[::-1], left

    def pack(self, params: Archiving, logs: Sequence[Log], stopped: Stopped) -> str:
        """Compress each; one line of what came of it."""
        left, done, before, after = Left(), 0, 0, 0
        with self._open(params) as (top, into):
            in_use = busy.open_files()
            for log in logs:
                try:
                    with _places(log, top, into) as (source, archive):
                        after += _pack(log, source, archive, in_use, stopped)
                    done, before = done + 1, before + log.size
                except (OSError, Unfit) as error:
                    left.why[f"({_reason(error)})"] += 1
                    if stopped() or _full(error):
                        break
        said = (f"archived {done} of {len(logs)} logs under {params.under}: "
                f"{sizes.in_words(before)} became {sizes.in_words(after)}")  # fmt: skip
        said += f", left {left.says}" if left.why else ""
        if left.why and not done:
            raise PermanentError(said)
        return said

    def unpack(self, params: Archiving, logs: Sequence[Log], stopped: Stopped) -> str:
        """Put each back; PermanentError when one could not be, or the disk has no room for all."""
        left = Left()
        with self._open(params) as (top, into):
            _must_fit(params, logs, top, into)
            for log in logs:
                try:
                    with _places(log, top, into) as (target, archive):
                        _unpack(log, archive, target, stopped)
                except (OSError, Unfit) as error:
                    left.why[f"({_reason(error)})"] += 1
        if left.why:
            back = len(logs) - left.why.total()
            raise PermanentError(f"put back {back} of {len(logs)} logs, not {left.says}")
        return f"put back {len(logs)} logs under {params.under}"

    def standing(self, params: Archiving, logs: Sequence[Log], stopped: Stopped) -> list[bool]:
        """For each log, whether it stands there itself."""
        with self._open(params) as (top, _):
            return [_stands(log, top) for log in logs]

    @contextmanager
    def _open(self, params: Archiving) -> Iterator[tuple[int, int | None]]:
        with ExitStack() as stack:
            enter = stack.enter_context
            top = enter(folders.allowed(params.under, self._roots, "HEAL_HOST_LOGS"))
            into = None
            if params.into is not None:
                into = enter(folders.allowed(params.into, self._roots, "HEAL_HOST_LOGS"))
            yield top, into


def _fitting(
    params: Archiving, top: int, into: int | None, until: int, budget: Budget, left: Left
) -> Iterator[Log]:
    matching = re.compile(fnmatch.translate(params.matching))
    in_use = busy.open_files()
    for found in walk(top, budget):
        meant = found.regular and found.stat.st_size and matching.match(found.name)
        if not meant or found.name.startswith(".") or found.name.endswith(PACKED):
            continue
        if int(found.stat.st_mtime) > until:
            continue
        log = Log(found.path, found.stat.st_size, int(found.stat.st_mtime))
        if why := _stays(found, _archive(log, found.folder, into), in_use):
            left.why[why] += 1
        else:
            yield log


def _stays(found: Found, archive: Place, in_use: frozenset[tuple[int, int]]) -> str:
    if found.key in in_use:
        return "in use"
    if found.stat.st_nlink > 1:
        return "with a second name"
    if not found.path.isprintable() or len(found.path) > LONGEST_PATH:
        return "with a name that cannot be written down"
    if os.geteuid() not in {0, found.stat.st_uid}:
        return "of another owner than Heal's user"
    return "with an archive of that name already" if archive.look() else ""


def _archive(log: Log, beside: int, into: int | None) -> Place:
    if into is None:
        return Place(beside, f"{log.path.rpartition('/')[2]}.gz")
    return Place(into, f"{log.path.replace('/', '__')}.gz")


@contextmanager
def _places(log: Log, top: int, into: int | None) -> Iterator[tuple[Place, Place]]:
    """Where the log and its archive stand; no folder on the way is a link."""
    *names, name = log.path.split("/")
    with folders.inside(top, names) as folder:
        yield Place(folder, name), _archive(log, folder, into)


def _stands(log: Log, top: int) -> bool:
    try:
        with _places(log, top, None) as (source, _):
            return source.look() is not None
    except OSError:
        return False


def _pack(
    log: Log, source: Place, archive: Place, in_use: frozenset[tuple[int, int]], stopped: Stopped
) -> int:
    """Return the size of the archive, which an earlier life may have made already."""
    now = source.look()
    if now is not None and (now.st_dev, now.st_ino) in in_use:
        raise Unfit("in use")
    if now is not None:
        pack(log, source, archive, stopped)
    made = archive.look()
    if made is None:
        raise Unfit("gone")
    return made.st_size


def _unpack(log: Log, archive: Place, target: Place, stopped: Stopped) -> None:
    if archive.look() is not None:
        unpack(log, archive, target, stopped)
    elif target.look() is None:
        raise Unfit("gone")


def _must_fit(params: Archiving, logs: Sequence[Log], top: int, into: int | None) -> None:
    """Going back must not fill the disk up: the logs stay packed rather, and nothing is lost."""
    grows = largest = 0
    for log in logs:
        with suppress(OSError), _places(log, top, into) as (target, archive):
            packed = archive.look()
            if packed is not None and target.look() is None:
                gives = packed.st_size if packed.st_dev == os.fstat(top).st_dev else 0
                grows, largest = grows + log.size - gives, max(largest, gives)
    disk = os.fstatvfs(top)
    free, margin = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize // MARGIN
    if grows and free < grows + largest + margin:
        where = params.into or "where they stood"
        raise PermanentError(
            f"the logs stay packed, {where}, for they would fill the disk: to unpack them takes "
            f"{sizes.in_words(grows + largest)}, and only {sizes.in_words(free)} are free"
        )


def _full(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "no reason given").lower()
    return str(error)
