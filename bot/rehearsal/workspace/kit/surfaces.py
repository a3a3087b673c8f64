"""What a whole message, modal or Home tab may hold: how many blocks, which, and how much."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from bot.rehearsal.workspace.kit import shapes
from bot.rehearsal.workspace.wire import Json, Refused


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


MOST_BLOCKS = {Surface.MESSAGE: 50, Surface.MODAL: 100, Surface.HOME: 100}
MARKDOWN_LENGTH = 12_000
TOTAL_LENGTH = 13_200
ONLY_IN_MODALS = frozenset({"alert"})
ONLY_IN_MESSAGES = frozenset({"markdown", "table", "plan", "task_card", "context_actions"})
WORDS = frozenset({"text", "title", "alt_text", "subtitle", "body", "description"})


def accepted(
    blocks: Any, surface: Surface, *, error: str = "invalid_blocks", at: str = "/blocks"
) -> list[Json]:
    """The blocks as they will be kept, each with a `block_id`; Refused if Slack would refuse."""
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    wrong = list(dict.fromkeys(_problems(blocks, surface, at)))
    if wrong:
        raise Refused.arguments(*wrong, error=error)
    if surface is Surface.MESSAGE and _length_of_words(blocks) > TOTAL_LENGTH:
        raise Refused("msg_blocks_too_long")
    kept: list[Json] = copy.deepcopy(blocks)
    for block in kept:
        if not block.get("block_id"):
            block["block_id"] = secrets.token_urlsafe(4)
    return kept


def _problems(blocks: list[Any], surface: Surface, at: str) -> Iterator[str]:
    most = MOST_BLOCKS[surface]
    if len(blocks) > most:
        yield f"no more than {most} items allowed [json-pointer:{at}]"
        return
    for index, block in enumerate(blocks):
        yield from _shape(block, f"{at}/{index}")
        yield from _out_of_place(block, surface, f"{at}/{index}")
    flat = [block for block in blocks if isinstance(block, dict)]
    yield from _duplicates(flat, at)
    yield from _together(flat, at)


def _shape(block: Any, at: str) -> list[str]:
    """What is wrong with one block, also when it is no structure that could be looked into."""
    try:
        return list(shapes.problems(block, at))
    except shapes.MALFORMED as error:
        return [f"malformed: {error} [json-pointer:{at}]"]


def _out_of_place(block: Any, surface: Surface, at: str) -> Iterator[str]:
    kind = block.get("type") if isinstance(block, dict) else None
    if (kind in ONLY_IN_MODALS and surface is not Surface.MODAL) or (
        kind in ONLY_IN_MESSAGES and surface is not Surface.MESSAGE
    ):
        yield f"unsupported type: {kind} in a {surface} [json-pointer:{at}/type]"


def _duplicates(blocks: list[Json], at: str) -> Iterator[str]:
    seen = set()
    for index, block in enumerate(blocks):
        name = str(block["block_id"]) if "block_id" in block else None
        if name is not None and name in seen:
            yield f"`block_id` {name!r} already exists [json-pointer:{at}/{index}/block_id]"
        seen.add(name)


def _together(blocks: list[Json], at: str) -> Iterator[str]:
    kinds = [block.get("type") for block in blocks]
    if "plan" in kinds and "task_card" in kinds:
        yield f"plan and task_card cannot stand in one message [json-pointer:{at}]"
    if kinds.count("table") > 1:
        yield f"only one table is allowed in a message [json-pointer:{at}]"
    markdown = sum(len(str(b.get("text"))) for b in blocks if b.get("type") == "markdown")
    if markdown > MARKDOWN_LENGTH:
        yield (
            f"markdown blocks must be less than {MARKDOWN_LENGTH + 1} characters together "
            f"[json-pointer:{at}]"
        )


def _length_of_words(part: Any, key: str = "") -> int:
    """How many characters a reader is shown; undocumented at Slack, seen at about 13,200."""
    if isinstance(part, str):
        return len(part) if key in WORDS else 0
    if isinstance(part, list):
        return sum(_length_of_words(item, key) for item in part)
    if isinstance(part, dict):
        return sum(_length_of_words(item, name) for name, item in part.items())
    return 0
