"""Whom an escalation calls after those who are called first, and what is worth a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from bot.core import durations
from bot.core.clauses import at_most
from bot.core.durations import Duration
from bot.core.flaws import Path
from bot.core.ladder import Need
from bot.core.policy.sections.people import Called
from bot.core.policy.sections.words import Name, Switch, Where, fits
from bot.core.values import Frozen

Wait = Annotated[Duration, at_most("4h")]
USUALLY = durations.parse("15m")


class NextLevel(Called):
    """Those who are called when nobody before them said in time that they have it."""

    wait: Wait = Field(
        default=USUALLY, description="so long those before them have to say that they have it"
    )
    page: Switch = Field(default=True, description="whether the pagers are told as well")


Levels = Annotated[tuple[NextLevel, ...], Field(max_length=5)]


class Ladder(Where):
    """Levels of their own for some services, or for what some roles are called for first."""

    roles: tuple[Name, ...] = Field(
        default=("*",), min_length=1, description="who is called first; `*` stands for anybody"
    )
    levels: Levels = Field(description="who is called next, in order; [] = nobody")


class Escalation(Frozen):
    """Who is called after those whom a runbook names, until somebody says that they have it."""

    pages: tuple[Need, ...] = Field(
        default=(Need.FAILED, Need.NOVEL, Need.UNHEARD),
        description="when the pagers are told at once: `failed` (it did not help), `novel` (no "
        "runbook fits), `unheard` (nobody answered), `refused` (policy says no). What nobody took "
        "in time is paged in any case, unless its level says `page: false`",
    )
    most_pages: int = Field(
        default=10,
        ge=1,
        le=1000,
        description="pages a minute at most that ring at the same place; of what is over that, one "
        "page a minute tells together",
    )
    levels: Levels | None = Field(
        default=None,
        description="who is called next, in order; left out = those of approvers.fallback, or of "
        "approvers.high, after 15m; [] = nobody",
    )
    lines: tuple[Ladder, ...] = Field(
        default=(), description="other levels for some; the first line that fits holds"
    )

    def of(self, service: str, environment: str, role: str) -> tuple[NextLevel, ...] | None:
        """Return the levels after this role was called; None where the policy leaves it open."""
        for line in self.lines:
            if line.covers(service, environment) and fits(role, line.roles):
                return line.levels
        return self.levels

    @property
    def written(self) -> Iterator[tuple[Path, NextLevel]]:
        """All levels that are written down, with their places."""
        yield from ((("levels", at), one) for at, one in enumerate(self.levels or ()))
        for number, line in enumerate(self.lines):
            places = ((("lines", number, "levels", at), one) for at, one in enumerate(line.levels))
            yield from places
