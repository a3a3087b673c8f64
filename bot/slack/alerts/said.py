"""What a message says, whatever it is built of: text, blocks, attachments, fields; pure.

Previews that Slack or another app unfolded from a link are left out: the page behind the link
wrote them, not the sender.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from bot.core.values import Frozen

DEEPEST = 8
"""Blocks within blocks that are read."""
_UNFOLDED = frozenset(
    ["from_url", "original_url", "app_unfurl_url", "is_app_unfurl", "is_msg_unfurl", "is_share"]
)
_LINK = re.compile(r"<(https?://[^|>\s]{1,2000})(?:\|([^>]{0,3000}))?>")
_FIELD = re.compile(r"\*([^*\n]{1,60}?):?\*:?\s*(.*)", re.DOTALL)


class Link(NamedTuple):
    """A link that the sender itself made: in a value that it quotes the signs are escaped."""

    url: str
    label: str


class Field(NamedTuple):
    """A titled value, of an attachment or of a block."""

    title: str
    value: str


class Section(NamedTuple):
    """One block, with the name that its sender gave it."""

    id: str
    text: str


class Part(Frozen):
    """The message itself, or one of its attachments; texts as people read them."""

    title: str = ""
    fallback: str = ""
    text: str = ""
    link: str = ""
    footer: str = ""
    color: str = ""
    """As hex digits in small letters, which is how Slack keeps it."""
    fields: tuple[Field, ...] = ()
    links: tuple[Link, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def heads(self) -> tuple[str, ...]:
        """The lines that may say what it is about, the most reliable first."""
        first = next((line for line in self.text.splitlines() if line.strip()), "")
        return tuple(head for head in (self.fallback, self.title, first) if head.strip())

    def field(self, title: str) -> str:
        """The value under this title; empty when there is none, or two that differ."""
        found = {one.value for one in self.fields if one.title.lower() == title.lower()}
        return found.pop() if len(found) == 1 else ""


def parts(message: Mapping[str, JsonValue]) -> tuple[Part, ...]:
    """Read every part that its sender wrote."""
    body = "\n".join(filter(None, (_plain(message.get("text")), _blocks(message))))
    attachments = [one for one in _list(message.get("attachments")) if isinstance(one, dict)]
    own = [one for one in attachments if not _UNFOLDED & {name for name in one if one[name]}]
    first = Part(
        text=body,
        fields=tuple(_block_fields(message)),
        links=tuple(
            _links({"text": message.get("text"), "blocks": message.get("blocks")}, DEEPEST)
        ),
        sections=tuple(_sections(message)),
    )
    return tuple(part for part in (first, *map(_part, own)) if part != Part())


def _part(attachment: Mapping[str, JsonValue]) -> Part:
    fields = [Field(_plain(one.get("title")), _plain(one.get("value")))
              for one in _list(attachment.get("fields")) if isinstance(one, dict)]  # fmt: skip
    lines = (
        _plain(attachment.get("pretext")),
        _plain(attachment.get("text")),
        *(f"{one.title}: {one.value}" for one in fields),
        _blocks(attachment),
    )
    return Part(
        title=_plain(attachment.get("title")),
        fallback=_plain(attachment.get("fallback")),
        text="\n".join(filter(None, lines)),
        link=_plain(attachment.get("title_link")),
        footer=_plain(attachment.get("footer")),
        color=_plain(attachment.get("color")).lstrip("#").lower(),
        fields=(*fields, *_block_fields(attachment)),
        links=tuple(_links({**attachment}, DEEPEST)),
        sections=tuple(_sections(attachment)),
    )


def _sections(holder: Mapping[str, JsonValue]) -> Iterator[Section]:
    for block in _list(holder.get("blocks")):
        if isinstance(block, dict) and (text := _block(block)):
            yield Section(_plain(block.get("block_id")), text)


def _block_fields(holder: Mapping[str, JsonValue]) -> Iterator[Field]:
    """Read the fields of sections, `*Title:*` and what follows it, with a link as its label."""
    for block in _list(holder.get("blocks")):
        for one in _list(block.get("fields")) if isinstance(block, dict) else ():
            raw = one.get("text") if isinstance(one, dict) else None
            labelled = _LINK.sub(
                lambda link: link[2] or link[1], raw if isinstance(raw, str) else ""
            )
            if found := _FIELD.fullmatch(_plain(labelled)):
                yield Field(found[1], found[2].strip())


def _links(value: JsonValue, deep: int) -> Iterator[Link]:
    """Every link in the order in which it stands there; buttons are none."""
    if isinstance(value, list):
        for one in value:
            yield from _links(one, deep - 1)
    elif isinstance(value, dict) and deep > 0:
        if value.get("type") == "link" and (url := _plain(value.get("url"))):
            yield Link(url, _plain(value.get("text")))
        for inner in value.values():
            yield from _links(inner, deep - 1)
    elif isinstance(value, str):
        yield from (Link(_plain(one[1]), _plain(one[2])) for one in _LINK.finditer(value))


def _blocks(holder: Mapping[str, JsonValue]) -> str:
    return "\n".join(filter(None, (_block(one) for one in _list(holder.get("blocks")))))


def _block(block: JsonValue) -> str:
    """A block's texts, line by line; in rich text the pieces of a line stay together."""
    if not isinstance(block, dict):
        return ""
    if block.get("type") == "rich_text":
        return "".join(_rich(block, DEEPEST)).rstrip()
    return "\n".join(_texts(block, DEEPEST))


def _texts(value: JsonValue, deep: int) -> Iterator[str]:
    """Every text that a block shows, however it is nested."""
    if isinstance(value, list):
        for one in value:
            yield from _texts(one, deep - 1)
    elif isinstance(value, dict) and deep > 0:
        if isinstance(said := value.get("text"), str):
            yield _plain(said)
        for name, inner in value.items():
            if name not in {"accessory", "confirm"} and isinstance(inner, dict | list):
                yield from _texts(inner, deep - 1)


def _rich(value: Mapping[str, JsonValue], deep: int) -> Iterator[str]:
    said = value.get("text") or value.get("url")
    if isinstance(said, str):
        yield said
    for one in _list(value.get("elements")) if deep > 0 else ():
        if isinstance(one, dict):
            yield from _rich(one, deep - 1)
            yield "\n" if str(one.get("type")).startswith("rich_text_") else ""


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _plain(value: JsonValue) -> str:
    """Slack escapes three signs, and no others."""
    text = value if isinstance(value, str) else ""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
