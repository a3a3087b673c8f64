"""Undoes what Slack does to typed text, so that a name arrives as it was typed; pure."""

from __future__ import annotations

import re

_MARK = re.compile(r"<([^<>|]{0,2000})(?:\|([^<>]{0,2000}))?>")
_CURLY = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " "})
_SIGILS = {"@": "@", "#": "#", "!subteam^": "@", "!": "@"}


def undone(text: str) -> str:
    """
    Turn `<@U1|ann>` and links back into what was typed; quotes become straight ones.

    A label counts only when it says what is behind it: a link whose text shows another place
    than it goes to is read as where it goes.

    >>> undone("run restart host=<http://web-1.example|web-1.example> &amp; <@U1|ann>")
    'run restart host=web-1.example & @ann'
    >>> undone("<https://evil.example|good.example>")
    'https://evil.example'
    """
    plain = _MARK.sub(_typed, text).translate(_CURLY)
    for name, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        plain = plain.replace(name, sign)
    return plain


def _typed(mark: re.Match[str]) -> str:
    target, label = mark[1], mark[2] or ""
    for start, sign in _SIGILS.items():
        if target.startswith(start):
            name = label if label and not re.search(r"[\s\"'=]", label) else target[len(start) :]
            return f"{sign}{name.lstrip('@#')}"
    bare = target.removeprefix("mailto:").removeprefix("https://").removeprefix("http://")
    return label if label and label in {target, bare, bare.rstrip("/")} else target
