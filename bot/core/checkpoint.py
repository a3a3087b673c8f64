"""
Checkpoint: how long the ledger was and the root of its tree, signed, for somebody else to keep.

The form is C2SP's tlog-checkpoint, so that other programs can verify it too. The leaves are the
hashes of the entries, 32 bytes each, in their order.
"""

from __future__ import annotations

import base64
import re
from typing import NamedTuple

from bot.core import note
from bot.core.note import DASH, Note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(NamedTuple):
    """What is signed: whose ledger, how many entries, and the root over them, 32 bytes."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signed(NamedTuple):
    """A checkpoint as it was signed, and the whole note as text."""

    checkpoint: Checkpoint
    note: Note

    @property
    def text(self) -> str:
        return self.note.written


def read(text: str) -> Signed:
    """Read one signed checkpoint; ValueError when it is anything else."""
    signed = note.read(text)
    origin, size, root, *_ = *signed.text.split("\n"), "", ""
    octets = note.octets(root)
    if not origin or not _SIZE.fullmatch(size) or len(octets) != 32:
        raise ValueError("it is no checkpoint: an origin, a size and a root, a line each")
    return Signed(Checkpoint(origin, int(size), octets), signed)


def several(text: str) -> list[Signed]:
    """
    Read all that were put one behind the other, with or without empty lines between them.

    Nothing is skipped: ValueError names the line where the first begins that is not whole.
    """
    found, lines, at = list[Signed](), text.replace("\r\n", "\n").split("\n"), 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        end = _end(lines, at)
        try:
            found.append(read("\n".join(lines[at:end])))
        except ValueError as error:
            raise ValueError(f"line {at + 1}: {error}") from None
        at = end
    return found


def _end(lines: list[str], start: int) -> int:
    """Find where the note that begins there ends: behind the last signature in a row."""
    end = start
    while end < len(lines) and not lines[end].startswith(DASH):
        end += 1
    while end < len(lines) and lines[end].startswith(DASH):
        end += 1
    return end
