"""Images by their full names, and which registries they may come from: pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.core.errors import PermanentError

HUB = "docker.io"
_PART = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:(?P<registry>localhost(?::\d+)?|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?"
    rf"|[A-Za-z0-9-]+:\d+)/)?(?P<path>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


class Image(NamedTuple):
    """Where it comes from, and which one it is: a tag, a digest, or both."""

    place: str
    tag: str
    digest: str


def read(text: str) -> Image:
    """
    Take its name apart; ValueError when nobody could say which one it is.

    >>> read("shop:2").place, read("registry.example.org:5000/team/shop:2").place
    ('docker.io/library/shop', 'registry.example.org:5000/team/shop')
    """
    found = _IMAGE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no name of an image: write registry/team/shop:1.2.3")
    tag, digest = found["tag"] or "", found["digest"] or ""
    if not digest and tag in {"", "latest"}:
        raise ValueError(
            f"{text!r} means another image every day: give it a tag of its own, or a digest"
        )
    path = found["path"]
    if found["registry"] is None and "/" not in path:
        path = f"library/{path}"
    return Image(f"{found['registry'] or HUB}/{path}", tag, digest)


def refuse_stranger(text: str, allowed: Sequence[str]) -> None:
    """
    Refuse an image of a registry that no setting names; none at all means every one.

    >>> refuse_stranger("eu.example.org/team/shop:2", ["eu.example.org/team"])
    """
    place = read(text).place
    if allowed and not any(f"{place}/".startswith(f"{one.rstrip('/')}/") for one in allowed):
        raise PermanentError(
            f"image {text} comes from {place}, and HEAL_KUBERNETES_REGISTRIES allows "
            f"{', '.join(allowed)} only"
        )
