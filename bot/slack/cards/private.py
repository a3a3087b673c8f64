"""What one person is told in private: short, and about what they asked for."""

from __future__ import annotations

import re

from bot.slack.cards import message, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Message

_MENTION = re.compile(r"<@([UW][A-Z0-9]{2,20})>")
_CODE = re.compile(r"`([^`\n]{1,200})`")


def answer(text: str) -> Message:
    """Say it to one person: `commands` as code, user ids as names, which notifies nobody."""
    lines = [_line(line) for line in text.splitlines() if line.strip()] or ["Done."]
    return message.of(text, parts.sections("", lines, 6000))


def _line(line: str) -> str:
    pieces = _CODE.split(_MENTION.sub(r"\1", line[:2000]))
    return "".join(
        code(piece, 250) if odd % 2 else _prose(piece) for odd, piece in enumerate(pieces)
    )


def _prose(piece: str) -> str:
    """Escape what stands between two pieces of code and keep the spaces around it."""
    said = words.PERSON.sub(r"<@\g<0>>", escape(piece, 1000))
    before, after = (" " if edge == " " else "" for edge in (piece[:1], piece[-1:]))
    return f"{before}{said}{after}" if said else before
