"""Message: what is posted; and the guard that keeps it inside what Slack takes."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field, JsonValue

from bot.core.values import Frozen
from bot.slack.cards import escaping

Block = dict[str, JsonValue]

MOST_BLOCKS = 50
MOST_CHARACTERS = 12_800
"""Over all blocks of one message; Slack refuses from about 13,200."""
SHORTENED = "_… shortened here; everything is in the transcript._"
NOT_WHOLE = "⚠️ *Not every word fits here.*"
CUT = ("shortened here;", NOT_WHOLE, "more lines; see Details", "more; see Details")
"""What a card says where it does not say all."""


class Message(Frozen):
    """A message: `text` is what notifications show, `blocks` are what people see."""

    text: str
    blocks: list[Block]
    whole: str = Field(default="", exclude=True)
    """All of it, where some was left out: whoever asked for it gets it as a file."""


class NoteKind(StrEnum):
    """What a post in the thread is for: the outbox sends asks and escalations first."""

    EVIDENCE = "evidence"
    ASK = "ask"
    ESCALATION = "escalation"
    RESULT = "result"
    NOTE = "note"


class Note(Frozen):
    """One post in the thread; it is posted once under its `slot`."""

    slot: str
    kind: NoteKind
    message: Message


def of(text: str, blocks: Iterable[Block], whole: str = "") -> Message:
    """Build a message; `text` may hold anything, blocks are shortened until Slack takes them."""
    made = Message(text=escaping.escape(text, 300) or "Heal", blocks=_fitted(list(blocks)))
    return made.model_copy(update={"whole": whole}) if whole and is_cut(made) else made


def is_cut(message: Message) -> bool:
    """Whether something was left out of it that people may want to read before they decide."""
    said = str(message.blocks)
    return any(mark in said for mark in CUT)


def size(value: JsonValue) -> int:
    """Count the characters of every text in blocks, however deep."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(size, value.values()))
    return sum(map(size, value)) if isinstance(value, list) else 0


def _fitted(blocks: list[Block]) -> list[Block]:
    """Take whole lines off the end of the longest section, which are least missed there."""
    if len(blocks) > MOST_BLOCKS:
        rest = f"_… and {len(blocks) - MOST_BLOCKS + 1} more; see Details or the transcript._"
        said: Block = {"type": "mrkdwn", "text": rest, "verbatim": True}
        blocks = [*blocks[: MOST_BLOCKS - 1], {"type": "section", "text": said}]
    if sum(map(size, blocks)) <= MOST_CHARACTERS:
        return blocks
    blocks = copy.deepcopy(blocks)
    while sum(map(size, blocks)) > MOST_CHARACTERS:
        longest = max((_prose(block) for block in blocks), key=_length, default=None)
        if longest is None or _length(longest) <= 0:
            break
        kept = str(longest["text"]).removesuffix(SHORTENED).rstrip("\n").splitlines()[:-1]
        longest["text"] = "\n".join((*kept, SHORTENED))
    return blocks


def _prose(block: Block) -> Block:
    text = block.get("text")
    return text if block["type"] == "section" and isinstance(text, dict) else {"text": ""}


def _length(text: Block) -> int:
    return len(str(text["text"]).removesuffix(SHORTENED))
