"""The nearest right word, so that a slip of the pen is answered with its remedy."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterable

LONGEST = 80


def quoted(value: object) -> str:
    """
    Show a value in a message: quoted, escaped and cut, whoever wrote it.

    >>> quoted("shop"), len(quoted("x" * 1000))
    ("'shop'", 80)
    """
    text = repr(str(value)[: LONGEST * 2]) if isinstance(value, str) else reprlib.repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """
    Return the known word that was probably meant, or nothing when none is near.

    >>> nearest("restrat", ["scale", "restart"])
    'restart'
    """
    found = difflib.get_close_matches(word[:LONGEST], sorted(known), n=1, cutoff=0.6)
    return found[0] if found else None


def unknown(word: str, known: Iterable[str]) -> str:
    """
    Say that a word is unknown, and what to write in its place.

    >>> unknown("restrat", ["scale", "restart"])
    "'restrat' is unknown: did you mean 'restart'?"
    >>> unknown("fly", ["scale", "restart"])
    "'fly' is unknown: use one of restart, scale"
    """
    words = sorted(known)
    if (near := nearest(word, words)) is not None:
        return f"{quoted(word)} is unknown: did you mean {near!r}?"
    if not words:
        return f"{quoted(word)} is unknown: nothing may stand here"
    listed = ", ".join(words[:12]) + (", …" if len(words) > 12 else "")
    return f"{quoted(word)} is unknown: use one of {listed}"
