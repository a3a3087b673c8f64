"""Show what a text really holds: what cannot be seen, or turns the line around, is named."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

MARKS = 4
"""How many combining marks one letter may carry; a flood of them is counted, not drawn."""

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")
_TAGGED = range(0xE0100, 0xE01F0)
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})


def line(text: str) -> str:
    r"""
    Write a text on one line; no character of it is invisible and none hides another.

    >>> line("shop\u202e\n  down")
    'shop⟨U+202E⟩ down'
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())  # the same, and fifty times as quick
    return "".join(_shown(text)).strip(" ")


def lines(text: str) -> str:
    """Do the same for a text whose line breaks are wanted."""
    return "\n".join(line(one) for one in text.splitlines())


def _shown(text: str) -> Iterator[str]:
    marks, last = 0, ""
    for character in text:
        kind = unicodedata.category(character)
        marking = kind in {"Mn", "Me"} and not _unseen(character)
        if marks > MARKS and not marking:
            yield f"⟨+{marks - MARKS} marks⟩"
        marks = marks + 1 if marking else 0
        if marks > MARKS:
            continue
        shown = _one(character, kind)
        if not (shown == last == " "):
            yield shown
        last = shown
    if marks > MARKS:
        yield f"⟨+{marks - MARKS} marks⟩"


def _one(character: str, kind: str) -> str:
    if kind in _SPACES or character in "\t\n\r\v\f\x85":
        return " "
    if kind in _HIDDEN or _unseen(character):
        return f"⟨U+{ord(character):04X}⟩"
    return character


def _unseen(character: str) -> bool:
    return character in _BLANK or ord(character) in _TAGGED
