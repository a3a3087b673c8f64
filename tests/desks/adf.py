"""The Atlassian Document Format as its published schema has it, as far as Heal writes it."""

from __future__ import annotations

from typing import Any

INLINE = frozenset({"text", "hardBreak"})
BLOCKS = frozenset({"paragraph", "heading", "bulletList", "codeBlock", "table", "rule"})
HOLDS = {
    "paragraph": INLINE,
    "heading": INLINE,
    "codeBlock": frozenset({"text"}),
    "bulletList": frozenset({"listItem"}),
    "listItem": frozenset({"paragraph", "bulletList", "codeBlock"}),
    "table": frozenset({"tableRow"}),
    "tableRow": frozenset({"tableHeader", "tableCell"}),
    "tableHeader": BLOCKS - {"table"},
    "tableCell": BLOCKS - {"table"},
}
NOT_EMPTY = frozenset({"bulletList", "listItem", "table", "tableRow", "tableHeader", "tableCell"})
ATTRIBUTES: dict[str, dict[str, type]] = {"heading": {"level": int}, "codeBlock": {"language": str}}
MARKS: dict[str, dict[str, type]] = {
    "strong": {}, "em": {}, "code": {}, "link": {"href": str},
}  # fmt: skip


def why_not(document: Any) -> str:
    """Why a server refuses it as a document; empty when it takes it."""
    if not isinstance(document, dict):
        return "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
    if set(document) != {"version", "type", "content"} or document["version"] != 1:
        return "INVALID_INPUT: a document has version 1, type and content"
    if document["type"] != "doc" or not isinstance(document["content"], list):
        return "INVALID_INPUT: it is no doc"
    return next(filter(None, (_node(one, BLOCKS) for one in document["content"])), "")


def _node(node: Any, allowed: frozenset[str]) -> str:
    if not isinstance(node, dict) or node.get("type") not in allowed:
        return f"INVALID_INPUT: {node!r:.80} may not stand here"
    kind = node["type"]
    if odd := set(node) - {"type", "content", "text", "marks", "attrs"}:
        return f"INVALID_INPUT: {kind} has no {sorted(odd)}"
    if kind == "text":
        return _text(node, marked=allowed is INLINE)
    if kind == "hardBreak":
        return "INVALID_INPUT: a break holds nothing" if "content" in node else ""
    if _odd_attributes(node.get("attrs", {}), ATTRIBUTES.get(kind, {})):
        return f"INVALID_INPUT: attributes of {kind}"
    if kind == "heading" and not 1 <= node.get("attrs", {}).get("level", 0) <= 6:
        return "INVALID_INPUT: level of a heading"
    inside = node.get("content", [])
    if not isinstance(inside, list) or (kind in NOT_EMPTY and not inside):
        return f"INVALID_INPUT: {kind} must hold something"
    return next(filter(None, (_node(one, HOLDS[kind]) for one in inside)), "")


def _text(node: Any, *, marked: bool) -> str:
    said = node.get("text")
    if not isinstance(said, str) or not said or "content" in node:
        return "INVALID_INPUT: a text must hold something"
    if any(0xD800 <= ord(one) < 0xE000 or one == "\0" for one in said):
        return "INVALID_INPUT: it is no Unicode"
    marks = node.get("marks", [])
    kinds = [one.get("type") for one in marks]
    if marks and (not marked or len(set(kinds)) < len(kinds)):
        return "INVALID_INPUT: marks"
    if "code" in kinds and set(kinds) - {"code", "link"}:
        return "INVALID_INPUT: code is not strong as well"
    odd = any(
        kind not in MARKS or _odd_attributes(one.get("attrs", {}), MARKS[kind])
        for kind, one in zip(kinds, marks, strict=True)
    )
    return "INVALID_INPUT: a mark" if odd else ""


def _odd_attributes(told: Any, known: dict[str, type]) -> bool:
    wrong = any(not isinstance(told.get(name), kind) for name, kind in known.items())
    return set(told) != set(known) or wrong


def text_of(node: Any) -> str:
    """What people read: paragraphs on lines, cells with a tab between them."""
    if isinstance(node, list):
        return "".join(map(text_of, node))
    kind = node.get("type")
    ends = {
        "paragraph": "\n",
        "heading": "\n",
        "hardBreak": "\n",
        "tableRow": "\n",
        "codeBlock": "\n",
    }
    if kind in {"tableHeader", "tableCell"}:
        return text_of(node["content"]).rstrip("\n") + "\t"
    own = node.get("text", "")
    return f"{own}{text_of(node.get('content', []))}{ends.get(kind, '')}"


def inline(node: Any) -> list[Any]:
    """Everything that stands in paragraphs."""
    if node["type"] in INLINE or "content" not in node:
        return [node]
    return [one for inside in node["content"] for one in inline(inside)]
