"""Folders with files of any age, a clock that is ahead of them, and small disks to fill."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import Clock

DAY = timedelta(days=1)
AHEAD = 30 * DAY
"""When a file was changed cannot be set, so the tests live a month later."""


class Later(Clock):
    """The real clock, a month on."""

    def now(self) -> datetime:
        return super().now() + AHEAD


def write(path: Path, size: int = 1000, ago: timedelta = AHEAD) -> Path:
    """A file last written `ago` before the tests' now; a younger one counts from then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.urandom(256) * (size // 256) + b"x" * (size % 256))
    return aged(path, ago)


def aged(path: Path, ago: timedelta) -> Path:
    then = (datetime.now(tz=UTC) + AHEAD - ago).timestamp()
    os.utime(path, (then, then), follow_symlinks=False)
    return path


def names(folder: Path) -> list[str]:
    """Every file below, by its path."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@dataclass
class Opened:
    """Every name that this process opened or listed, since it was emptied."""

    names: set[str] = field(default_factory=set)

    def hear(self, event: str, args: tuple[object, ...]) -> None:
        if event == "open":
            self.names.add(str(args[0]))


OPENED = Opened()
sys.addaudithook(OPENED.hear)


REFUSALS = ("permission denied", "must be superuser", "not permitted", "file or directory: 'mount'")
"""What a machine says that has no mount, or keeps it from whoever runs the tests."""


def _mount(*argv: str) -> str:
    try:
        ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return str(error)
    return ended.stderr if ended.returncode else ""


@contextmanager
def mounted(where: Path, *argv: str) -> Iterator[Path]:
    """Mount something here, or skip the test where the machine lets nobody, and say so."""
    where.mkdir(exist_ok=True)
    if why := _mount("mount", *argv, str(where)):
        # Anything else is our own mistake, and a skip would hide it.
        assert any(refusal in why.lower() for refusal in REFUSALS), why
        pytest.skip(f"not run: cannot mount {argv[1]}: {why.strip()}")
    try:
        yield where
    finally:
        _mount("umount", "--lazy", str(where))


def tmpfs(where: Path, size: int) -> AbstractContextManager[Path]:
    """A disk of `size` bytes."""
    return mounted(where, "-t", "tmpfs", "-o", f"size={size}", "tmpfs")


def remount(disk: Path, how: str) -> None:
    """Change how it is mounted: ro, rw."""
    if why := _mount("mount", "-o", f"remount,{how}", str(disk)):
        raise AssertionError(why)


def fill(disk: Path) -> Path:
    """Leave not a byte of room; the file that takes it all."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    return ballast


def tool(folder: Path, name: str, script: str = "") -> str:
    """A command that writes down how it was called, beside itself."""
    path = folder / name
    path.write_text(f'#!/bin/sh\necho "{name} $@" >> {folder}/called\n{script}\n')
    path.chmod(0o755)
    return shlex.quote(str(path))
