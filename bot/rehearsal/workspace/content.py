"""What a message may say: its text, blocks and attachments, checked as Slack checks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.rehearsal.workspace.kit.surfaces import Surface, accepted
from bot.rehearsal.workspace.wire import Json, Refused, loads, without_nothing

MOST_ATTACHMENTS = 100
COLOURS = {"good": "2eb886", "warning": "daa038", "danger": "a30200"}


@dataclass(frozen=True)
class Content:
    """None where nothing was said about a part; an empty list where it was emptied."""

    text: str | None
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None = None

    def told(self) -> Json:
        """As fields of a new message."""
        return without_nothing(
            text=self.text,
            blocks=self.blocks or None,
            attachments=self.attachments or None,
            metadata=self.metadata,
        )


def of(given: Json) -> Content:
    """The content of what a bot or a webhook sent; Refused when Slack would refuse it."""
    blocks, attachments = _list(given, "blocks"), _list(given, "attachments")
    text, markdown = given.get("text"), given.get("markdown_text")
    if markdown is not None:
        if text or blocks:
            raise Refused("markdown_text_conflict")
        text, blocks = markdown, [{"type": "markdown", "text": markdown}]
    if not (text or blocks or attachments):
        raise Refused("no_text")
    return Content(
        text=None if text is None else str(text),
        blocks=None if blocks is None else accepted(blocks, Surface.MESSAGE),
        attachments=None if attachments is None else _attachments(attachments),
        metadata=_metadata(given.get("metadata")),
    )


def _list(given: Json, name: str) -> list[Any] | None:
    value = given.get(name)
    if isinstance(value, str) and value:
        value = loads(value)
        if value is None:
            raise Refused(f"invalid_{name}_format" if name == "blocks" else f"invalid_{name}")
    if value in (None, ""):
        return None
    if not isinstance(value, list):
        raise Refused(f"invalid_{name}_format" if name == "blocks" else f"invalid_{name}")
    return value


def _metadata(value: Any) -> Json | None:
    value = loads(value) if isinstance(value, str) else value
    if value is None:
        return None
    if not isinstance(value, dict) or not {"event_type", "event_payload"} <= value.keys():
        raise Refused("invalid_metadata_format")
    return value


def _attachments(attachments: list[Any]) -> list[Json]:
    """With ids and hex colours, and the blocks in them held to the same rules."""
    if len(attachments) > MOST_ATTACHMENTS:
        raise Refused("too_many_attachments")
    kept = []
    for index, attachment in enumerate(attachments):
        if not isinstance(attachment, dict):
            raise Refused("invalid_attachments")
        told = {"id": index + 1, **attachment}
        if isinstance(told.get("color"), str):
            told["color"] = COLOURS.get(told["color"], told["color"].lstrip("#").lower())
        if told.get("blocks"):
            at = f"/attachments/{index}/blocks"
            told["blocks"] = accepted(told["blocks"], Surface.MESSAGE, at=at)
        kept.append(told)
    return kept
