"""Naming: what an incident is called, by people who read it to each other."""

from __future__ import annotations

import secrets
from hashlib import sha256

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_id(seed: str = "") -> str:
    """
    A name that people can read to each other: no l, o, 0 or 1.

    With a seed it is always the same: a wish that is delivered twice opens one incident.
    """
    number = int.from_bytes(sha256(seed.encode()).digest() if seed else secrets.token_bytes(32))
    letters = []
    for _ in range(6):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "inc-" + "".join(letters)
