"""
Folders in which files may be changed: named by a setting, and opened without following any link.

A path is walked from / down, one name after the other, each opened inside the one before it. So a
link anywhere in it is refused rather than followed, and whatever is swapped afterwards, the
descriptor still means the folder that was checked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from bot.core import spelling
from bot.core.errors import PermanentError
from bot.plugins import Words

LOOK = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
PASS = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW
SYSTEM = frozenset(
    [
        *("/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin"),
        *("/sys", "/usr", "/var/backups", "/var/lib", "/var/mail", "/var/spool"),
    ]
)
"""Neither these nor anything in them is temporary, a cache or a log."""
WHOLE = frozenset(["/", "/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/var"])
"""Something in them may be; they as a whole are not, nor is a person's home."""


def _plain(path: str) -> str:
    if not path.startswith("/") or os.path.normpath(path) != path or path.startswith("//"):
        raise ValueError(
            f"{spelling.quoted(path)} is no plain path: write it from / on, without . or .. in it "
            "and without / at its end"
        )
    if not path.isprintable():
        raise ValueError(f"{spelling.quoted(path)} holds a character that nobody can see")
    return path


def _changeable(paths: tuple[str, ...]) -> tuple[str, ...]:
    for path in map(_plain, paths):
        above = {str(parent) for parent in Path(path).parents}
        if path in SYSTEM or above & SYSTEM:
            raise ValueError(f"{path} belongs to the system: nothing in it is temporary")
        if path in WHOLE or above == {"/", "/home"} or Path(path) == Path.home():
            raise ValueError(f"{path} is too much: name the folder in it that is meant")
    return paths


FolderPath = Annotated[
    str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_plain)
]
"""A path as it is written once and for all: from / on, nothing in it to resolve."""

Folders = Annotated[Words, AfterValidator(_changeable)]
"""A setting of several folders with commas between them, none of which belongs to the system."""


@contextmanager
def allowed(path: str, roots: Iterable[str], setting: str) -> Iterator[int]:
    """Open a folder that is one of `roots` or in one; the descriptor closes with the block."""
    if not any(path == root or path.startswith(f"{root}/") for root in roots):
        raise PermanentError(
            f"{spelling.quoted(path)} is in no folder of {setting}: only "
            f"{', '.join(roots) or 'nothing'} may be touched"
        )
    with opened(path) as folder:
        yield folder


@contextmanager
def opened(path: str) -> Iterator[int]:
    """Open a folder to look at; PermanentError when it is a link, or a name above it is one."""
    folder = _descend(path)
    try:
        yield folder
    finally:
        os.close(folder)


@contextmanager
def inside(folder: int, names: Iterable[str]) -> Iterator[int]:
    """Open a folder further in, from a descriptor; OSError when a name is a link or not there."""
    deeper = _into(folder, names)
    try:
        yield deeper
    finally:
        os.close(deeper)


def _descend(path: str) -> int:
    top = os.open("/", PASS)
    try:
        return _into(top, (name for name in path.split("/") if name))
    except OSError as error:
        raise PermanentError(
            f"{spelling.quoted(path)} cannot be opened: {error.filename or path!r} is "
            f"{_trouble(error)}"
        ) from error
    finally:
        os.close(top)


def _into(folder: int, names: Iterable[str]) -> int:
    """Pass through every name, then open the last one to be read."""
    at = os.dup(folder)
    try:
        for name in names:
            deeper = os.open(name, PASS, dir_fd=at)
            os.close(at)
            at = deeper
        return os.open(".", LOOK, dir_fd=at)
    finally:
        os.close(at)


def _trouble(error: OSError) -> str:
    if isinstance(error, NotADirectoryError):
        return "a link or no folder: name the folder that is meant itself"
    return (error.strerror or "unreadable").lower()
