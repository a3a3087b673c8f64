"""A message as one text, for who hears it or reads it where blocks cannot be shown; pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from pydantic import JsonValue

from bot.slack.cards.message import Block

STATUS = {
    "pending": "not begun",
    "in_progress": "in progress",
    "complete": "done",
    "error": "failed",
}
"""How the status of a task is said."""


def text(headline: str, blocks: list[Block], most: int) -> str:
    """
    The headline, then every block in words, as many whole lines as `most` characters allow.

    Slack reads it for markup: so what is raw in its block is escaped here, and nothing is cut in
    the middle of a mention.
    """
    lines = [headline, *(line for block in blocks for line in spoken(block) if line.strip())]
    kept = dict.fromkeys(lines)  # a header often says the headline once more
    said = "\n".join(kept)
    if len(said) <= most:
        return said
    room = said[: most - 1]
    whole, _, _ = room.rpartition("\n")
    return f"{whole or room}…"


def spoken(block: Block) -> Iterator[str]:
    """One block, a line each; nothing for a line that only divides."""
    match block:
        case {"type": "header" | "section", **rest}:
            yield from _texts(rest)
        case {"type": "context", "elements": list(elements)}:
            yield " · ".join(_words(one) for one in elements)
        case {"type": "actions", "elements": list(elements)}:
            yield f"Buttons: {', '.join(_words(one) for one in elements)}"
        case {"type": "plan", "title": title, "tasks": list(tasks)}:
            yield str(title)
            yield from (_task(one) for one in tasks if isinstance(one, dict))
        case {"type": "table", "rows": list(rows)}:
            yield from map(_row, rows[1:])
        case {"type": "image", "alt_text": alt}:
            yield _raw(str(alt))
        case {"type": "rich_text"}:
            yield _words(block)


def _row(row: JsonValue) -> str:
    return ": ".join(map(_words, row)) if isinstance(row, list) else ""


def _texts(section: Block) -> Iterator[str]:
    if "text" in section:
        yield _words(section["text"])
    fields = section.get("fields")
    for field in fields if isinstance(fields, list) else ():
        yield _words(field).replace("\n", ": ", 1)
    if "accessory" in section:
        yield _words(section["accessory"])


def _task(task: Block) -> str:
    status = STATUS.get(str(task.get("status")), "")
    output = f": {_words(task['output'])}" if task.get("output") else ""
    details = f" ({_words(task['details'])})" if task.get("details") else ""
    return f"{task.get('title')} – {status}{output}{details}"


def _words(value: JsonValue) -> str:
    """Every word in a part of a block, however deep: of a person their id, of an image its text."""
    said = ""
    match value:
        case str():
            said = value
        case {"type": "user", "user_id": str(who)}:
            said = f"<@{who}>"
        case {"type": "usergroup", "usergroup_id": str(group)}:
            said = f"<!subteam^{group}>"
        case {"type": "date", "fallback": str(at)}:
            said = at
        case {"type": "text" | "raw_text", "text": str(inner)} | {"alt_text": str(inner)}:
            said = _raw(inner)
        case {"text": inner}:
            said = _words(inner)
        case {"elements": list(inner)}:
            said = "".join(map(_words, inner))
    return said


def plainly(text: str) -> str:
    """
    Our own markup as a file shows it: moments and links in words.

    >>> plainly("a &lt; b, <!date^0^{time}|1970-01-01 00:00 UTC>: <https://a.test|its card>")
    'a < b, 1970-01-01 00:00 UTC: its card (https://a.test)'
    """
    dated = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", text)
    return html.unescape(re.sub(r"<(https?:[^|>]*)\|([^>]*)>", r"\2 (\1)", dated))


def _raw(text: str) -> str:
    """What Slack takes as it is within a block, and would take for markup here."""
    return html.escape(text, quote=False)
