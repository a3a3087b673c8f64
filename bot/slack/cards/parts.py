"""The few kinds of blocks that all cards are made of, as Slack's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pydantic import JsonValue

from bot.slack.cards import escaping
from bot.slack.cards.message import SHORTENED, Block, Note, NoteKind, size

ROOM = 2800
"""Characters in one section; Slack takes 3,000."""
ROWS, TABLE = 40, 7000
"""Rows of a table, and characters in it."""


def mrkdwn(text: str) -> Block:
    """Our own markup, verbatim: Slack turns no bare address, @name or #channel into a link."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str, limit: int = 3000) -> Block:
    """Words that are only words, whoever wrote them."""
    return {"type": "plain_text", "text": escaping.plain(text, limit) or " ", "emoji": False}


def header(text: str) -> Block:
    """A title; the emoji in it are ours, so names of emoji are only words."""
    words = escaping.plain(escaping.EMOJI.sub("∶", text), 150)
    return {"type": "header", "text": {"type": "plain_text", "text": words, "emoji": True}}


def section(text: str) -> Block:
    return {"type": "section", "text": mrkdwn(text)}


def quoted(text: str) -> Block:
    """What somebody else said, in a block that holds nothing else."""
    return {"type": "section", "text": plain(text, 600)}


def fields(*texts: str) -> Block:
    """Short texts in two columns; empty ones are left out."""
    shown: list[JsonValue] = [mrkdwn(_clipped(text, 1200)) for text in texts if text]
    return {"type": "section", "fields": shown}


def _clipped(text: str, limit: int) -> str:
    """Keep whole lines, and count those that are left out."""
    lines, kept = text.splitlines(), list[str]()
    while lines and sum(len(one) + 1 for one in kept) + len(lines[0]) < limit:
        kept.append(lines.pop(0))
    return "\n".join((*kept, *([f"_… and {len(lines)} more; see Details_"] if lines else ())))


def besides(name: str, block: Block) -> Block:
    """One that a brief card leaves out; `name` is its own within the message."""
    return {**block, "block_id": f"extra_{name}"}


def context(*texts: str) -> Block:
    """A small grey line; empty parts are left out."""
    shown: list[JsonValue] = [mrkdwn(text) for text in texts if text]
    return {"type": "context", "elements": shown[:10]}


def page(address: str) -> Iterator[Block]:
    """Where all of it can be looked at, by who signs in there; nothing without an address."""
    if address and not set(address) & set("<>|"):
        yield context(f"🔗 <{address}|Open page>: evidence, timeline and record")


def paged(note: Note, address: str) -> Note:
    """How it ended, or that somebody is called, leads to its page as well."""
    if not address or note.kind not in {NoteKind.RESULT, NoteKind.ESCALATION}:
        return note
    blocks = [*note.message.blocks, *page(address)]
    return note.model_copy(update={"message": note.message.model_copy(update={"blocks": blocks})})


def divider() -> Block:
    return {"type": "divider"}


def sections(title: str, lines: Iterable[str], most: int = 5600) -> Iterator[Block]:
    """
    Lines under a title, over as many sections as they need; `most` characters in all.

    Lines that do not fit are counted, never dropped in silence.
    """
    held, room, left = [f"*{title}*"] if title else [], ROOM, most
    waiting = [_shortened(line) for line in lines]
    while waiting and len(waiting[0]) < left:
        line = waiting.pop(0)
        if held and len(line) >= room - sum(len(one) + 1 for one in held):
            yield section("\n".join(held))
            held = []
        held.append(line)
        left -= len(line)
    if waiting:
        held.append(f"_… and {len(waiting)} more lines; see Details or the transcript._")
    if held:
        yield section("\n".join(held))


def _shortened(line: str) -> str:
    """One line is no longer than a section: Slack would take nothing of the message."""
    if len(line) < ROOM:
        return line
    room = line[: ROOM - len(SHORTENED) - 2]
    return f"{room.rpartition(', ')[0] or room.rpartition(' ')[0] or room} {SHORTENED}"


def button(action: str, label: str, value: str, **more: JsonValue) -> Block:
    """One button, its label in our own words; `more` is its style or its confirm dialog."""
    text: Block = {**plain(label, 75), "emoji": True}
    return {"type": "button", "action_id": action, "text": text, "value": value, **more}


def confirm(title: str, text: str, yes: str, style: str = "primary", no: str = "Not yet") -> Block:
    """The dialog that asks once more."""
    return {"title": plain(title, 100), "text": plain(text, 300), "confirm": plain(yes, 30),
            "deny": plain(no, 30), "style": style}  # fmt: skip


def actions(block_id: str, *buttons: Block) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": [*buttons]}


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Block:
    """
    A table whose cells are raw text; Slack takes one in a message.

    The rows that do not fit beside what else a message says are counted in the last one.
    """
    shown, waiting, room = [_cells(names)], [_cells(row) for row in rows], TABLE
    while waiting and len(shown) < ROWS and (room := room - size(waiting[0])) > 0:
        shown.append(waiting.pop(0))
    if waiting:
        shown.append(_cells([f"… and {len(waiting)} more; see Details", *[""] * (len(names) - 1)]))
    return {"type": "table", "rows": [*shown]}


def _cells(row: Sequence[str]) -> JsonValue:
    return [{"type": "raw_text", "text": escaping.raw(cell, 200) or "–"} for cell in row]


def rich(*elements: Block) -> Block:
    """One rich text of inline elements: text, user, usergroup."""
    return {"type": "rich_text", "elements": [
        {"type": "rich_text_section", "elements": [*elements]}]}  # fmt: skip


def preformatted(*lines: str) -> Block:
    """Exact text, a line each, inert: for parameters and states in the details."""
    shown = "\n".join(escaping.raw(line, ROOM // len(lines)) for line in lines)
    return {"type": "rich_text", "elements": [
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": shown or " "}]}
    ]}  # fmt: skip
