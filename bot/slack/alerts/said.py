"""What a message says, whatever it is built of: text, blocks, attachments, fields; pure.

Previews that Slack or another app unfolded from a link are left out: the page behind the link
wrote them, not the sender.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from bot.core.values import Frozen

DEEPEST = 8
"""Blocks within blocks that are read."""
_UNFOLDED = frozenset(
    ["from_url", "original_url", "app_unfurl_url", "is_app_unfurl", "is_msg_unfurl", "is_share"]
)


class Part(Frozen):
    """The message itself, or one of its attachments; texts as people read them."""

    title: str = ""
    fallback: str = ""
    text: str = ""
    link: str = ""
    footer: str = ""

    @property
    def heads(self) -> tuple[str, ...]:
        """The lines that may say what it is about, the most reliable first."""
        first = next((line for line in self.text.splitlines() if line.strip()), "")
        return tuple(head for head in (self.fallback, self.title, first) if head.strip())


def parts(message: Mapping[str, JsonValue]) -> tuple[Part, ...]:
    """Read every part that its sender wrote."""
    body = "\n".join(filter(None, (_plain(message.get("text")), _blocks(message))))
    attachments = [one for one in _list(message.get("attachments")) if isinstance(one, dict)]
    own = [one for one in attachments if not _UNFOLDED & {name for name in one if one[name]}]
    return tuple(part for part in (Part(text=body), *map(_part, own)) if part != Part())


def _part(attachment: Mapping[str, JsonValue]) -> Part:
    fields = [one for one in _list(attachment.get("fields")) if isinstance(one, dict)]
    lines = (
        _plain(attachment.get("pretext")),
        _plain(attachment.get("text")),
        *(f"{_plain(one.get('title'))}: {_plain(one.get('value'))}" for one in fields),
        _blocks(attachment),
    )
    return Part(
        title=_plain(attachment.get("title")),
        fallback=_plain(attachment.get("fallback")),
        text="\n".join(filter(None, lines)),
        link=_plain(attachment.get("title_link")),
        footer=_plain(attachment.get("footer")),
    )


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
