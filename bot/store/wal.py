"""
What SQLite passes over in silence: commits in the log of writes behind a place that is damaged.

A process that died leaves its last commits in the file `-wal`. SQLite reads it up to the first
frame that does not hold and drops the rest, as it must: what was being written at the death is
torn. But a commit is on disk before the next one begins, so only the last can be torn. Where
another one stands behind such a frame, the disk lost what it had confirmed, and to go on without
it would be to forget what was done.
"""

from __future__ import annotations

import sqlite3
import struct
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

HEADER, FRAME = 32, 24
"""Octets before the first frame, and before the page that a frame holds."""
NATIVE = "<" if sys.byteorder == "little" else ">"


class _Read(NamedTuple):
    """What SQLite makes of the log: pages of which size, and how many frames it reads."""

    page: int
    frames: int


def insist(path: Path) -> None:
    """
    Raise sqlite3.DatabaseError when commits that were on disk cannot be read any more.

    To be called by the process that owns the database, before it opens it for writing. Changes
    nothing, and costs little: only what SQLite does not read is looked at. Damage that touches
    nothing but the last commit looks like its tear, and is not told.
    """
    wal = path.with_name(f"{path.name}-wal")
    if not wal.exists() or wal.stat().st_size <= HEADER:
        return
    read = _read(path)
    if _unread(wal, read) > 1:
        raise sqlite3.DatabaseError(
            f"{wal.name} is damaged at frame {read.frames + 1}, and what was committed after it "
            "is there but cannot be read any more"
        )


def _read(path: Path) -> _Read:
    """Let SQLite read the log, and look into the index that it makes of it, the file `-shm`."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as conn:
        conn.execute("select count(*) from sqlite_schema").fetchone()
        (page,) = conn.execute("pragma page_size").fetchone()
        with path.with_name(f"{path.name}-shm").open("rb") as index:
            return _Read(page, struct.unpack_from("=I", index.read(20), 16)[0])


def _unread(wal: Path, read: _Read) -> int:
    """
    Count the ends of commits that are not read, in the longest row of frames that belong together.

    Commits that failed may leave their frames behind a shorter one that came after them, so that
    several ends stand there, but each is in a row of its own.
    """
    most = row = 0
    for ends, follows in _behind(wal, read):
        row = row + ends if follows else ends
        most = max(most, row)
    return most


def _behind(wal: Path, read: _Read) -> Iterator[tuple[bool, bool]]:
    """Of each frame behind what is read: whether it ends a commit, and follows the one before."""
    whole = FRAME + read.page
    with wal.open("rb") as log:
        header = log.read(HEADER)
        order = "<>"[header[3] & 1]
        sound = _summed(header[:24], bytes(8), order) == header[24:]
        order, salts = (order, header[16:24]) if sound else (NATIVE, b"")
        log.seek(HEADER + max(0, read.frames - 1) * whole)
        sums = log.read(whole)[16:24] if read.frames else header[24:]
        while len(frame := log.read(whole)) == whole:
            salts = salts or frame[8:16]
            before, sums = sums, frame[16:24]
            if frame[8:16] == salts:  # others are left of what was copied into the database
                yield any(frame[4:8]), _summed(frame[:8] + frame[FRAME:], before, order) == sums


def _summed(octets: bytes, sums: bytes, order: str) -> bytes:
    """Go on with the two sums of SQLite's log: over words of 32 bits, in pairs."""
    first, second = struct.unpack(">II", sums)
    words = iter(struct.unpack(f"{order}{len(octets) // 4}I", octets))
    for one, two in zip(words, words, strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return struct.pack(">II", first, second)
