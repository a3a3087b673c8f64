"""Watching a directory: whether anything in it is another than it was, without reading it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

DEEPEST = 4
"""Directories within directories that are looked into; the library has two."""


def print_of(directory: Path) -> str:
    """
    Return what changes when a file is written, replaced, added, removed or linked elsewhere.

    Links are followed, for a directory of links may be switched as a whole: as Kubernetes does it.
    """
    found = hashlib.sha256()
    for line in sorted(_seen(str(directory), 0)):
        found.update(line.encode("utf-8", "surrogateescape"))
    return found.hexdigest()


def _seen(directory: str, depth: int) -> Iterator[str]:
    try:
        with os.scandir(directory) as entries:
            inside = list(entries)
    except OSError as error:
        yield f"{directory}\0{error.errno}\n"
        return
    for entry in inside:
        try:
            if entry.is_dir():
                if depth < DEEPEST:
                    yield from _seen(entry.path, depth + 1)
                continue
            seen = entry.stat()
        except OSError as error:
            yield f"{entry.path}\0{error.errno}\n"
            continue
        yield f"{entry.path}\0{seen.st_mtime_ns}\0{seen.st_size}\0{seen.st_ino}\n"
