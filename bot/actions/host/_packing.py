"""
One log file into its archive and back; blocking, and nothing is lost wherever it stops.

The copy is written under a name of its own, read back, then linked to its final name, which never
replaces anything; only then the original goes. Done again it goes on from where it stopped.
"""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, NamedTuple

from bot.clients.blocking import Stopped

CHUNK = 1024 * 1024
LEVEL = 6
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
Stream = BinaryIO | gzip.GzipFile
WRITE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class Unfit(Exception):  # noqa: N818 - a reason to leave a file as it is
    """Why this file stays as it is; it ends up in the line that people read."""


class Place(NamedTuple):
    """A name in an open folder."""

    folder: int
    name: str

    def look(self) -> os.stat_result | None:
        """What stands there, a link itself rather than where it leads; None when nothing does."""
        with suppress(FileNotFoundError):
            return os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        return None

    @contextmanager
    def reading(self) -> Iterator[BinaryIO]:
        with os.fdopen(os.open(self.name, READ, dir_fd=self.folder), "rb") as file:
            yield file

    def remove(self, opened: BinaryIO) -> None:
        """Remove the name while it still means the file that was read."""
        now = self.look()
        if now is None or not os.path.samestat(now, os.fstat(opened.fileno())):
            raise Unfit("changed meanwhile")
        os.unlink(self.name, dir_fd=self.folder)

    @property
    def unfinished(self) -> str:
        """The name of a copy that is being written."""
        return f".{self.name[:200]}.heal"


class Total(NamedTuple):
    """Length and checksum of what passed."""

    size: int = 0
    crc: int = 0

    def plus(self, chunk: bytes) -> Total:
        return Total(self.size + len(chunk), zlib.crc32(chunk, self.crc))


class Log(NamedTuple):
    """A log as it was when it was listed: length in bytes, last written in whole seconds."""

    path: str
    size: int
    modified: int

    def same(self, now: os.stat_result) -> bool:
        seen = (now.st_size, int(now.st_mtime), now.st_nlink)
        return stat.S_ISREG(now.st_mode) and seen == (self.size, self.modified, 1)


def pack(log: Log, source: Place, archive: Place, stopped: Stopped) -> None:
    """Compress a log into its archive and remove it."""
    _tidy(archive)
    with source.reading() as plain:
        before = os.fstat(plain.fileno())
        if not log.same(before):
            raise Unfit("changed meanwhile")
        if archive.look() is None:
            with _fresh(archive) as copy:
                with gzip.GzipFile("", "wb", LEVEL, fileobj=copy, mtime=log.modified) as packed:
                    _passed(plain, packed, log.size, stopped)
                _dress(copy, before)
        plain.seek(0)
        if _unpacked(archive, log.size, stopped) != _passed(plain, None, log.size, stopped):
            raise Unfit("an archive of that name holds something else")
        if not log.same(os.fstat(plain.fileno())):
            raise Unfit("changed meanwhile")
        source.remove(plain)


def unpack(log: Log, archive: Place, target: Place, stopped: Stopped) -> None:
    """Put a log back from its archive and remove the archive."""
    _tidy(target)
    with archive.reading() as packed:
        if target.look() is None:
            with _fresh(target) as copy, gzip.GzipFile(fileobj=packed, mode="rb") as plain:
                if _passed(plain, copy, log.size, stopped).size != log.size:
                    raise Unfit("the archive holds something else")
                _dress(copy, os.fstat(packed.fileno()))
        with target.reading() as plain:
            if _unpacked(archive, log.size, stopped) != _passed(plain, None, log.size, stopped):
                raise Unfit("a log of that name holds something else")
        archive.remove(packed)


@contextmanager
def _fresh(place: Place) -> Iterator[BinaryIO]:
    """A file that gets this name when all went well, and none when it did not."""
    name, folder = place.unfinished, place.folder
    try:
        with os.fdopen(os.open(name, WRITE, 0o600, dir_fd=folder), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(name, place.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        os.fsync(folder)
    finally:
        _tidy(place)


def _tidy(place: Place) -> None:
    """Remove the unfinished copy, which an earlier life may have left."""
    with suppress(FileNotFoundError):
        os.unlink(place.unfinished, dir_fd=place.folder)


def _dress(copy: BinaryIO, like: os.stat_result) -> None:
    """Give the copy the owner, the rights and the dates of what it was made from."""
    copy.flush()
    if (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(copy.fileno(), like.st_uid, like.st_gid)
    os.fchmod(copy.fileno(), like.st_mode & 0o777)
    os.utime(copy.fileno(), ns=(like.st_atime_ns, like.st_mtime_ns))


def _unpacked(archive: Place, most: int, stopped: Stopped) -> Total:
    with archive.reading() as packed, gzip.GzipFile(fileobj=packed, mode="rb") as plain:
        return _passed(plain, None, most, stopped)


def _passed(source: Stream, copy: Stream | None, most: int, stopped: Stopped) -> Total:
    """Read to the end, but no further than a log of `most` bytes can go: archives may be bombs."""
    total = Total()
    try:
        while chunk := source.read(CHUNK):
            total = total.plus(chunk)
            if stopped() or total.size > most:
                raise Unfit("it was stopped" if stopped() else "longer than it was")
            if copy is not None:
                copy.write(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unfit(f"the archive is broken: {error}") from error
    return total
