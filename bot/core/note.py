"""
Note: a text with signatures below it, in the form that C2SP calls a signed note.

Whether a signature is right is asked of a `Check`, for the core knows no cryptography.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from typing import NamedTuple, Self

ED25519 = b"\1"
"""What stands before a key in its written form and its id: the kind of its signatures."""
DASH = "— "
_NAME = re.compile(r"[^\s+]{1,100}")
_LINE = re.compile(rf"{DASH}(?P<name>[^\s+]+) (?P<octets>[A-Za-z0-9+/=]+)")


class Key(NamedTuple):
    """
    A public key of Ed25519 with its name; `written` is what is given to whoever verifies.

    >>> Key.read("heal.example+2ced0ca9+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").name
    'heal.example'
    """

    name: str
    octets: bytes

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `written` wrote; ValueError says what is wrong with it."""
        name, written, octets = _parts(text.strip())
        key = cls(name, octets)
        if key.id.hex() != written:
            raise ValueError(f"the key of {name} is damaged: its id is {key.id.hex()}")
        return key

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.octets).digest()[:4]

    @property
    def written(self) -> str:
        octets = base64.b64encode(ED25519 + self.octets).decode()
        return f"{self.name}+{self.id.hex()}+{octets}"


Check = Callable[[Key, bytes, bytes], bool]
"""Whether a signature of 64 bytes is this key's under this text."""


class Signature(NamedTuple):
    """One signature: the name and the id of its key say whose it claims to be."""

    name: str
    id: bytes
    octets: bytes

    @property
    def line(self) -> str:
        return f"{DASH}{self.name} {base64.b64encode(self.id + self.octets).decode()}\n"


class Note(NamedTuple):
    """A text, which ends with a line break, and at least one signature."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def written(self) -> str:
        return self.text + "\n" + "".join(one.line for one in self.signatures)

    def signed_by(self, key: Key, check: Check) -> bool:
        """Whether this key signed it; a signature that only says so is none."""
        return any(
            check(key, one.octets, self.text.encode())
            for one in self.signatures
            if (one.name, one.id) == (key.name, key.id)
        )


def read(text: str) -> Note:
    """Read one note; ValueError when it is not whole."""
    said, parted, below = text.partition(f"\n\n{DASH}")
    if not parted or "\n\n" in said:
        raise ValueError("it is no signed note: a text, an empty line and signatures")
    return Note(f"{said}\n", tuple(signature(line) for line in (DASH + below).strip().split("\n")))


def signature(line: str) -> Signature:
    """Read the line of one signature; ValueError when it is not whole."""
    if not (found := _LINE.fullmatch(line)):
        raise ValueError(f"{line[:80]!r} is no signature")
    signed = octets(found["octets"])
    if len(signed) != 4 + 64:
        raise ValueError(f"the signature of {found['name']} is cut off")
    return Signature(found["name"], signed[:4], signed[4:])


def named(name: str) -> str:
    """Return a name that a key may have; ValueError for any other."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a key: no blanks, no +, 100 signs at most")
    return name


def _parts(text: str) -> tuple[str, str, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise ValueError("a key is written as name+id+key")
    name, written, kept = parts
    raw = octets(kept)
    if len(raw) != 1 + 32 or raw[:1] != ED25519:
        raise ValueError(f"the key of {name} is not one of Ed25519")
    return named(name), written, raw[1:]


def octets(text: str) -> bytes:
    """Read base64 as it is written here; ValueError when it is something else."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(f"{text[:20]!r} is cut off or damaged") from None
