"""
Nothing that was written by somebody else becomes markup, a mention or a link.

Every text that comes from an alert, a person or a system passes one of these doors. Each door
is for one place: prose in mrkdwn, code in mrkdwn, a plain_text object, rich text. What cannot be
seen is named (`bot.core.visible`), and what is too long is cut with a sign.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from bot.core import visible

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_CODE = _ENTITIES | str.maketrans({"`": "ˋ"})
_PROSE = _CODE | str.maketrans({"*": "∗", "~": "∼"})
EMOJI = re.compile(r":(?=[A-Za-z0-9_+'-]+:)")
_ITALIC = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_LONGEST_URL = 1500


def escape(text: str, limit: int = 300) -> str:
    """
    Prose for a mrkdwn text: one line, no formatting, no mention, no link, no emoji of its own.

    >>> escape("<!here> *Approved* :tada:")
    '&lt;!here&gt; ∗Approved∗ ∶tada:'
    """
    shown = EMOJI.sub("∶", _ITALIC.sub("ˍ", visible.line(text[: limit * 4])))
    return _fit(shown, limit, _PROSE)


def code(text: str, limit: int = 300) -> str:
    """Exact words in code style; nothing inside can end it."""
    return f"`{_fit(visible.line(text[: limit * 4]), limit - 2, _CODE) or ' '}`"


def plain(text: str, limit: int = 150) -> str:
    """Text of a plain_text object, where only the entities matter."""
    return _fit(visible.line(text[: limit * 4]), limit, _ENTITIES)


def raw(text: str, limit: int = 300) -> str:
    """Text of a rich_text element or a table cell: taken as it is by Slack, so only shown whole."""
    return _fit(visible.line(text[: limit * 4]), limit, {})


def link(url: str | None) -> str:
    """
    A link that says where it leads, by its host; nothing when it is not http or https.

    >>> link("https://am.example/#/alerts?a=1|Approve")
    '<https://am.example/#/alerts?a=1%7CApprove|am.example>'
    """
    if not url or len(url) > _LONGEST_URL:
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[A-Za-z0-9.-]{1,100}", host):
        return ""
    if parts.username is not None or parts.password is not None:
        return ""
    address = quote(url, safe="/:?#[]@!$'()*+,;=%-._~&").replace("&", "&amp;")
    return f"<{address}|{host}>"


def _fit(text: str, limit: int, table: Mapping[int, str]) -> str:
    """Replace signs and cut to `limit` characters, never through the middle of an entity."""
    whole = text.translate(table)
    if len(whole) <= limit:
        return whole
    pieces: list[str] = []
    room = limit - 1
    for sign in text:
        piece = sign.translate(table)
        room -= len(piece)
        if room < 0:
            break
        pieces.append(piece)
    return "".join(pieces) + "…"
