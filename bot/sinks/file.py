"""`file`: checkpoints behind one another in a file that is only ever appended to."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

from pydantic import Field

from bot.clients.rig import Rig
from bot.core.checkpoint import Signed
from bot.core.errors import PermanentError
from bot.core.values import Frozen

LATELY = 4096
"""Bytes before an end that are compared with those that were written there."""
REMEDY = "find out who did that, keep the file, and name another one"


class FileSettings(Frozen):
    """The settings HEAL_SINK_FILE_*."""

    path: Path = Field(
        description="where checkpoints are appended: a place where Heal's user can add and change "
        "nothing (`chattr +a`, a file server that keeps versions)"
    )


class FileSink:
    """
    Keeps every checkpoint; the receipt says where the file ended then, and what its end was.

    A file that shrank, or that goes on otherwise than it was left, is not written to.
    """

    config = FileSettings
    each = True

    def __init__(self, config: FileSettings, rig: Rig) -> None:
        self._path = config.path

    async def keep(self, signed: Signed, before: str) -> str:
        return await asyncio.to_thread(self._append, f"{signed.text}\n".encode(), before)

    async def why_not(self, before: str) -> str:
        try:
            return await asyncio.to_thread(self._looked_at, before)
        except PermanentError as error:
            return str(error)

    def _append(self, octets: bytes, before: str) -> str:
        """Write what is not there yet: an earlier life may have come half way."""
        made = os.O_CREAT if not before else 0
        try:
            file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | made, 0o640)
            try:
                there = _behind(self._path, file, before) if before else b""
                if not octets.startswith(there):
                    raise PermanentError(f"{self._path} holds what Heal did not write: {REMEDY}")
                _write(file, octets[len(there) :])
                return _receipt(file, os.fstat(file).st_size)
            finally:
                os.close(file)
        except OSError as error:
            raise PermanentError(f"{self._path} cannot be appended to: {error.strerror}") from error

    def _looked_at(self, before: str) -> str:
        if not before and not self._path.exists():
            able = os.access(self._path.parent, os.W_OK | os.X_OK)
            return "" if able else f"{self._path.parent} is no folder that Heal may write to"
        try:
            file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except OSError as error:
            return f"{self._path} cannot be appended to: {error.strerror}"
        try:
            if before:
                _behind(self._path, file, before)
        finally:
            os.close(file)
        return ""


def _behind(path: Path, file: int, before: str) -> bytes:
    """What stands behind the end that a receipt tells of; PermanentError when that is another."""
    size, now = int(before.partition(" ")[0]), os.fstat(file).st_size
    if now < size:
        raise PermanentError(f"{path} shrank from {size} to {now} bytes: {REMEDY}")
    if _receipt(file, size) != before:
        raise PermanentError(f"{path} was changed since Heal wrote to it: {REMEDY}")
    return os.pread(file, LATELY, size)


def _receipt(file: int, size: int) -> str:
    start = max(0, size - LATELY)
    return f"{size} {hashlib.sha256(os.pread(file, size - start, start)).hexdigest()}"


def _write(file: int, octets: bytes) -> None:
    while octets:
        octets = octets[os.write(file, octets) :]
    os.fsync(file)


PLUGIN = FileSink
