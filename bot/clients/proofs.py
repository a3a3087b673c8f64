"""Proofs: how settings write them, read so that a slip or an unset variable opens no door."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from bot.plugins import Words


def live(text: str) -> list[str]:
    """
    Every secret that is good at the moment: commas stand between them.

    >>> live("old, new,"), live(" , ")
    (['old', 'new'], [])
    """
    return [each.strip() for each in text.split(",") if each.strip()]


def certificate(text: str) -> str:
    """Refuse half of `header=value`: everybody has no value of a header that is not there."""
    if text.strip():
        _pairs((text,))
    return text


def login(secret: SecretStr) -> SecretStr:
    """Refuse a user without a password, which many could guess."""
    given = secret.get_secret_value().strip()
    if given and not given.partition(":")[2]:
        raise ValueError("it has no password")
    return secret


def _networks(words: Sequence[str]) -> tuple[str, ...]:
    for word in words:
        ipaddress.ip_network(word, strict=False)
    return tuple(words)


def _pairs(words: Sequence[str]) -> tuple[str, ...]:
    for word in words:
        ours, equals, theirs = word.partition("=")
        if not (ours.strip() and equals and theirs.strip()):
            raise ValueError(f"{word!r} is not like name=value")
    return tuple(words)


Networks = Annotated[Words, AfterValidator(_networks)]
Pairs = Annotated[Words, AfterValidator(_pairs)]
