"""A thread as a person reads it: plain lines, with placeholders for what differs between runs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Block = Mapping[str, Any]
CHANGING = (
    (r"<!date\^\d+\^[^|]*\|\d{4}-\d\d-\d\d (\d\d:\d\d) UTC>", "HH:MM"),
    (r"\b(inc|run)-[a-z0-9]{6}\b", r"\1-…"),
    (r"\b\d+(\.\d+)? (s|min)\b", r"… \2"),
    (r"\b\d+ checks\b", "… checks"),
    (r"\b(seconds|restarts|pid|changed_ago)=[\d.]+", r"\1=…"),
    (r"\brestarts \| \d+ \| \d+", "restarts | … | …"),
    (r"\bpod=[a-z0-9-]+", "pod=…"),
    (r"\bpid \d+", "pid …"),
    (r"(?m)^(log \| nothing seen): .*$", r"\1: …"),
    (r"(?m)^(events) \| events=.*$", r"\1 | …"),
    (r"<!subteam\^S0([A-Z]+)>", lambda found: f"@{found[1].lower()}"),
    (r"<@U0([A-Z]+)>", lambda found: f"@{found[1].lower()}"),
    (r"<[^|<>]+\|([^<>]+)>", r"\1"),
)


def told(message: Block, names: Mapping[str, str]) -> str:
    """All that a message shows, top to bottom; `names` are the placeholders of this run's names."""
    lines = [line for block in message.get("blocks", ()) for line in _block(block)]
    lines += [f"📎 {file['title']}" for file in message.get("files", ())]
    text = html.unescape("\n".join(lines))
    for name, placeholder in names.items():
        text = text.replace(name, placeholder)
    for pattern, instead in CHANGING:
        text = re.sub(pattern, instead, text)
    return text


def _block(block: Block) -> Iterator[str]:
    match block["type"]:
        case "header" | "section":
            yield from _texts([block["text"]] if "text" in block else [])
            yield from _texts(block.get("fields", ()))
        case "context":
            yield " · ".join(_texts(block["elements"]))
        case "table":
            for row in block["rows"]:
                yield " | ".join(_texts(row))
        case "plan":
            yield block["title"]
            for task in block["tasks"]:
                said = "".join(_rich(task.get("output", {})))
                yield f"  {task['status']}: {task['title']}{f' – {said}' if said else ''}"
        case "rich_text":
            for part in block["elements"]:
                yield "".join(_rich(part))
        case "actions":
            yield "  ".join(f"[{_text(one)}]" for one in block["elements"])
        case kind:
            raise ValueError(f"nobody has said how a {kind} is read")


def _texts(parts: Iterable[Block]) -> Iterator[str]:
    return (_text(part) for part in parts)


def _text(part: Block) -> str:
    text = part["text"]
    return str(text if isinstance(text, str) else text["text"]).replace("*\n", ":* ")


def _rich(part: Block) -> Iterator[str]:
    if part.get("type") == "user":
        yield f" <@{part['user_id']}>"
    yield str(part.get("text", ""))
    for inner in part.get("elements", ()):
        yield from _rich(inner)
