"""What a runbook may ask of `redis.unlink_pattern`: a pattern that cannot mean everything."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.clients.redis import ServerName
from bot.core import spelling
from bot.core.values import Frozen

LEAST_PREFIX = 3
LONGEST = 200
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@#+=,~{}%&|$!?*-]+")


def prefix(pattern: str) -> str:
    """
    Give the literal beginning of a pattern: every key that it matches begins with this.

    >>> prefix("cache:user:*"), prefix("?*")
    ('cache:user:', '')
    """
    return re.split(r"[*?]", pattern, maxsplit=1)[0]


def _narrow(pattern: str) -> str:
    if len(pattern) > LONGEST:
        raise ValueError(f"{spelling.quoted(pattern)} is longer than {LONGEST} signs")
    if not _PLAIN.fullmatch(pattern):
        raise ValueError(
            f"{spelling.quoted(pattern)} holds more than plain signs: use letters, digits, "
            "punctuation without blanks, brackets or backslashes, and the wildcards * and ?"
        )
    if len(prefix(pattern)) < LEAST_PREFIX:
        raise ValueError(
            f"{spelling.quoted(pattern)} could match any key: begin it with at least "
            f"{LEAST_PREFIX} signs that are no wildcard, like cache:*"
        )
    return pattern


Pattern = Annotated[str, AfterValidator(_narrow)]


class Wanted(Frozen):
    """Which keys of which server."""

    server: ServerName = Field(description="its name: cache is the one of HEAL_REDIS_URL_CACHE")
    pattern: Pattern = Field(
        description="the keys that go: plain signs, at least three of them, then * and ? as "
        "wildcards: cache:user:*"
    )
    cache: bool = Field(
        default=False,
        description="say that the owner writes these keys again when they are gone; otherwise "
        "nothing brings them back, and a person is always asked",
    )
    max_keys: int = Field(
        default=1_000_000,
        ge=1,
        le=10_000_000,
        description="more keys than these are refused, and never taken away",
    )
