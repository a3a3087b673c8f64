"""
Copying: a backup of the ledger, made while it is written to, and proved before it counts as one.

It is a folder with the ledger's file, the sealed segments that are there, and `backup.json`,
which says what they are. Inbox and outbox lie in the same file. Runbooks and policy do not: they
are files of their own, kept in version control.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from pydantic import AwareDatetime, ValidationError

from bot.core.errors import ConfigurationError
from bot.core.values import Frozen
from bot.store import extract, reading, segments, verifying

NAME = "backup.json"
PIECE = 1 << 20


class Backup(Frozen):
    """What a backup is: where the ledger ended then, and the SHA-256 of each of its files."""

    made_at: AwareDatetime
    ledger: str
    entries: int
    seq: int
    hash: str
    files: dict[str, str]


def back_up(ledger: Path, to: Path, now: AwareDatetime) -> Backup:
    """
    Copy the ledger into a new folder, as it stands at one moment; who writes to it does not wait.

    Raises ConfigurationError when the folder is there, or when the copy is not sound: then there
    is none.
    """
    with _whole(to) as folder:
        copy = folder / ledger.name
        with reading.opened(ledger) as source:
            if extract.stated(source):
                raise ConfigurationError(f"{ledger} is an extract: back up the ledger itself")
            copied(source, copy)
        for one in segments.here(copy, ledger.resolve().parent):
            carry(one, folder / one.name)
        report = verifying.verify(copy)
        if not report.sound:
            raise ConfigurationError(f"{ledger} is {report.line}: it was not backed up")
        made = Backup(
            made_at=now,
            ledger=ledger.name,
            entries=report.count,
            seq=report.head.seq,
            hash=report.head.hash,
            files={one.name: digest(one) for one in sorted(folder.iterdir())},
        )
        put(folder / NAME, made.model_dump_json(indent=1).encode())
        return made


def read(folder: Path) -> Backup:
    """Say what a backup is, if its files are what it says; ConfigurationError when not."""
    try:
        made = Backup.model_validate_json((folder / NAME).read_bytes())
        for name, hashed in made.files.items():
            if Path(name).name != name or digest(folder / name) != hashed:
                raise ConfigurationError(f"{folder / name} is not what was backed up: use another")
    except OSError as error:
        raise ConfigurationError(f"{folder} is no backup: {error}") from error
    except ValidationError:
        raise ConfigurationError(f"{folder / NAME} cannot be read: is that a backup?") from None
    return made


def copied(source: sqlite3.Connection, to: Path) -> None:
    """Copy a whole database as of now into a new file, and wait until the disk has it."""
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(to)) as copy:
        source.backup(copy)
        copy.execute("pragma journal_mode = delete")  # one file, and nothing beside it
    settle(to)


def carry(source: Path, to: Path) -> None:
    """Copy a file into a new one, and wait until the disk has it."""
    with source.open("rb") as given, open_new(to) as made:
        shutil.copyfileobj(given, made, PIECE)
    settle(to)


def put(to: Path, octets: bytes) -> None:
    with open_new(to) as made:
        made.write(octets)
    settle(to)


def open_new(to: Path) -> BinaryIO:
    """Open a file that is not there yet; nobody else may read it."""
    return os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def settle(path: Path) -> None:
    """Wait until the disk has a file, or the names in a folder."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _whole(to: Path) -> Iterator[Path]:
    """A new folder that is there once all of it is; ConfigurationError when it cannot be."""
    part = to.with_name(f"{to.name}.part")
    with ExitStack() as undo:
        try:
            if to.exists():
                raise ConfigurationError(f"{to} is there already: name a new folder")
            part.mkdir(mode=0o700)
            undo.callback(shutil.rmtree, part, ignore_errors=True)
            yield part
            settle(part)
            part.rename(to)
            settle(to.parent)
        except FileExistsError:
            raise ConfigurationError(
                f"{part} is there: another backup is being made, or broke off; then remove it"
            ) from None
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(f"{to} cannot be written: {error}") from error
        undo.pop_all()
