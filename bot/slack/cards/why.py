"""The answer to `why`: each question with its lines; rules that had nothing against it by name."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.incident import Incident
from bot.core.telling.why import Part, why
from bot.slack.cards import looks, message, parts, words
from bot.slack.cards.escaping import escape
from bot.slack.cards.message import Block, Message

MOST = 2600
"""Characters of one part."""
LINE = 320


def answer(incident: Incident) -> Message:
    """Say why it went so, to one person; what is folded is told by `heal audit why`."""
    first, *others = why(incident)
    sign, word = looks.look(incident)
    head = f"{sign} *{escape(first.title, 150)}* · {word}"
    blocks = [parts.section("\n".join([head, *map(_line, first.lines)]))]
    blocks += [block for part in others for block in _part(part)]
    full = f"All of it, word for word: heal audit why {incident.id}"
    return message.of(f"Why {incident.id}", [*blocks, parts.context(escape(full, 200))])


def _part(part: Part) -> Iterator[Block]:
    title = escape(part.title, 200)
    if part.folded:
        names = ", ".join(line.partition(":")[0] for line in part.lines)
        yield parts.context(f"{title}: {escape(names, 600)}")
        return
    yield from parts.sections(title, [f"• {_line(line)}" for line in part.lines], most=MOST)


def _line(line: str) -> str:
    return words.PERSON.sub(r"<@\g<0>>", escape(line, LINE))
