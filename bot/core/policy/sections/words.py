"""The words that sections are written with: names, counts, shares, moments, and where."""

from __future__ import annotations

import re
from datetime import datetime
from fnmatch import translate
from functools import lru_cache
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field

from bot.core import spelling
from bot.core.values import Frozen


def _written_as_a_time(value: object) -> object:
    """Made here, for a strict model takes no text from a validator for a time."""
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(str(value) if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(
            f"{spelling.quoted(value)} is not a time: write one like 2026-12-24T18:00:00+01:00"
        ) from None


Name = Annotated[str, Field(min_length=1, max_length=100)]
Exact = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
Count = Annotated[int, Field(strict=True, ge=1, le=1000)]
Percent = Annotated[float, Field(strict=True, ge=0, le=1000)]
Tier = Annotated[int, Field(strict=True, ge=1, le=5)]
Switch = Annotated[bool, Field(strict=True)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_as_a_time)]
Time = Annotated[datetime, BeforeValidator(_written_as_a_time)]
"""A moment, or a local time that a zone beside it makes one."""


EVERY = ("*",)


class Where(Frozen):
    """The services and environments that a section is about."""

    environments: tuple[Name, ...] = Field(
        default=EVERY, min_length=1, description="names of environments; `*` stands for anything"
    )
    services: tuple[Name, ...] = Field(
        default=EVERY, min_length=1, description="names of services; `*` stands for anything"
    )

    def covers(self, service: str, environment: str) -> bool:
        return fits(environment, self.environments) and fits(service, self.services)

    def meets(self, service: str, environment: str) -> bool:
        """Whether it may cover such a place, `*` being any service or environment."""
        return (service == "*" or fits(service, self.services)) and (
            environment == "*" or fits(environment, self.environments)
        )


def fits(name: str, patterns: tuple[str, ...]) -> bool:
    """
    Tell whether one of the patterns matches the whole name, case and all.

    >>> fits("kubernetes.scale", ("*.scale",)), fits("scale", ("*.scale",))
    (True, False)
    """
    if patterns == EVERY:
        return True
    exact, wild = _compiled(patterns)
    return name in exact or (wild is not None and wild.match(name) is not None)


@lru_cache(maxsize=8192)
def _compiled(patterns: tuple[str, ...]) -> tuple[frozenset[str], re.Pattern[str] | None]:
    """Take patterns apart once: a big house asks the same ones of thousands of names."""
    wild = [translate(one) for one in patterns if _WILD.intersection(one)]
    exact = frozenset(one for one in patterns if not _WILD.intersection(one))
    return exact, re.compile("|".join(wild)) if wild else None


_WILD = frozenset("*?[")
"""What makes a name a pattern."""
