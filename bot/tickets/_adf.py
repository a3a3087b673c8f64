"""
The Atlassian Document Format: what Jira takes for a text, as nodes of JSON.

Whatever stands in a text node is only text: it links, mentions and formats nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import JsonValue

from bot.core import visible

Node = dict[str, JsonValue]


def document(blocks: Iterable[Node]) -> Node:
    """Put blocks together to what a comment or a description is."""
    return {"version": 1, "type": "doc", "content": [*blocks]}


def paragraph(*inline: Node) -> Node:
    return {"type": "paragraph", "content": [*inline]}


def lines(text: str) -> Node:
    """Write a text whose line breaks are wanted as one paragraph."""
    told: list[Node] = []
    for line in text.splitlines():
        told += [{"type": "hardBreak"}] if told else []
        told += words(line)
    return paragraph(*told)


def words(text: str, *marks: Node) -> list[Node]:
    """
    Write one line; an empty one is no node, for a text node must hold something.

    >>> words("see #12")
    [{'type': 'text', 'text': 'see #12'}]
    """
    told = visible.line(text)
    if not told:
        return []
    marked: Node = {"marks": [*marks]} if marks else {}
    return [{"type": "text", "text": told, **marked}]


def strong(text: str) -> list[Node]:
    return words(text, {"type": "strong"})


def code(text: str) -> list[Node]:
    return words(text, {"type": "code"})


def link(says: str, url: str) -> list[Node]:
    return words(says, {"type": "link", "attrs": {"href": url}})


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Node:
    """Write rows of cells, each of them one line."""
    told = [_row("tableHeader", names), *(_row("tableCell", row) for row in rows)]
    return {"type": "table", "content": [*told]}


def text_of(node: JsonValue) -> str:
    """Return all the words of a document, as they stand in it."""
    if isinstance(node, list):
        return "".join(map(text_of, node))
    if not isinstance(node, dict):
        return ""
    own = node.get("text")
    within = text_of(node.get("content"))
    breaks = "\n" if node.get("type") in {"paragraph", "hardBreak"} else ""
    return f"{own if isinstance(own, str) else ''}{within}{breaks}"


def _row(kind: str, cells: Sequence[str]) -> Node:
    told: list[JsonValue] = [{"type": kind, "content": [paragraph(*words(cell))]} for cell in cells]
    return {"type": "tableRow", "content": told}
