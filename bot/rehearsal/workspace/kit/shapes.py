"""What one block must look like: slack_sdk's own models judge it, then the rules they miss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, BlockElement

from bot.rehearsal.workspace.kit import texts
from bot.rehearsal.workspace.wire import Json

MODELLED = frozenset(
    [
        "section",
        "divider",
        "image",
        "actions",
        "context",
        "context_actions",
        "input",
        "file",
        "call",
        "header",
        "markdown",
        "video",
        "rich_text",
        "table",
        "task_card",
        "plan",
        "card",
        "alert",
        "container",
        "carousel",
        "auth_provider",
    ]
)
PASSED_ON = frozenset({"data_table", "data_visualization"})  # Slack knows them, slack_sdk not yet
TABLE_ROWS, TABLE_CELLS = 100, 20
CELLS = frozenset({"raw_text", "raw_number", "rich_text"})
HOLDS_ELEMENTS = ("elements", "actions", "sources")
HOLDS_ELEMENT = ("accessory", "element", "hero_image", "icon")
MALFORMED = (SlackObjectFormationError, TypeError, AttributeError, ValueError, KeyError)


def problems(block: Any, at: str) -> Iterator[str]:
    """Everything wrong with one block and what is nested in it; each ends in its json-pointer."""
    kind = block.get("type") if isinstance(block, dict) else None
    if kind in PASSED_ON:
        return
    if kind not in MODELLED:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    yield from _judged_by_model(block, Block, at)
    yield from texts.problems(block, at)
    yield from _elements(block, at)
    yield from _children(block, at)
    if kind == "table":
        yield from _table(block, at)


def _judged_by_model(part: Json, model: type[Block | BlockElement], at: str) -> Iterator[str]:
    try:
        parsed = model.parse(dict(part))
        if parsed is None:
            yield f"unsupported type: {part.get('type')} [json-pointer:{at}/type]"
            return
        parsed.to_dict()
    except MALFORMED as error:
        yield f"{error} [json-pointer:{at}]"
        return
    for name in sorted(part.keys() - parsed.attributes):
        yield f"invalid additional property: {name} [json-pointer:{at}]"


def _elements(block: Json, at: str) -> Iterator[str]:
    if block["type"] == "carousel":
        return
    for key in HOLDS_ELEMENTS:
        held = block.get(key)
        for index, element in enumerate(held if isinstance(held, list) else []):
            yield from _element(element, f"{at}/{key}/{index}")
    for key in HOLDS_ELEMENT:
        if block.get(key) is not None:
            yield from _element(block[key], f"{at}/{key}")
    yield from _duplicate_actions(block, at)


def _element(element: Any, at: str) -> Iterator[str]:
    if not isinstance(element, dict) or "type" not in element:
        yield f"must provide an object [json-pointer:{at}]"
    elif element["type"] in texts.EITHER:
        yield from texts.text_problems(element, texts.EITHER, at)
    elif element["type"] == "text" and not element.get("text"):
        yield f"must be more than 0 characters [json-pointer:{at}/text]"
    else:
        yield from _judged_by_model(element, BlockElement, at)
        yield from texts.problems(element, at)
        for index, nested in enumerate(element.get("elements") or []):
            yield from _element(nested, f"{at}/elements/{index}")


def _duplicate_actions(block: Json, at: str) -> Iterator[str]:
    seen = set()
    for element in block.get("elements") or []:
        action = element.get("action_id") if isinstance(element, dict) else None
        if action is not None and action in seen:
            yield f"`action_id` {action!r} already exists [json-pointer:{at}/elements]"
        seen.add(action)


def children(block: Json) -> Iterator[tuple[str, Any]]:
    """The blocks inside a block, with where they stand in it."""
    for key in {"plan": ("tasks",), "container": ("child_blocks",), "carousel": ("elements",)}.get(
        block.get("type", ""), ()
    ):
        for index, child in enumerate(block.get(key) or []):
            yield f"{key}/{index}", child
    if block.get("type") == "task_card":
        for key in ("details", "output"):
            if block.get(key) is not None:
                yield key, block[key]


def _children(block: Json, at: str) -> Iterator[str]:
    wanted = {"plan": "task_card", "carousel": "card", "task_card": "rich_text"}.get(block["type"])
    for place, child in children(block):
        kind = child.get("type") if isinstance(child, dict) else None
        if wanted is not None and kind != wanted:
            yield f"must be a {wanted} [json-pointer:{at}/{place}/type]"
        else:
            yield from problems(child, f"{at}/{place}")


def _table(block: Json, at: str) -> Iterator[str]:
    rows = block.get("rows") or []
    if len(rows) > TABLE_ROWS:
        yield f"no more than {TABLE_ROWS} items allowed [json-pointer:{at}/rows]"
    for row_index, row in enumerate(rows):
        if len(row) > TABLE_CELLS:
            yield f"no more than {TABLE_CELLS} items allowed [json-pointer:{at}/rows/{row_index}]"
        for index, cell in enumerate(row):
            where = f"{at}/rows/{row_index}/{index}"
            if cell.get("type") not in CELLS:
                yield f"unsupported type: {cell.get('type')} [json-pointer:{where}/type]"
            elif cell["type"] == "rich_text":
                yield from problems(cell, where)
