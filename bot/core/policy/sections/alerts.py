"""What becomes of an alert before anything is planned: how bad it is, what it belongs to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from bot.core import durations, spelling
from bot.core.alert import Severity
from bot.core.clauses import at_most
from bot.core.durations import Duration
from bot.core.policy.sections.words import Name, Tier, Where
from bot.core.values import Frozen

Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Least(Where):
    """Alerts of these services are at least so bad, whatever their sender says."""

    tiers: tuple[Tier, ...] = Field(default=(), description="of these tiers only; empty = of any")
    severity: Severity = Field(description="info, warning or critical")


class Severities(Frozen):
    """How bad an alert is, in the house's own words; no model is asked."""

    labels: tuple[Label, ...] = Field(
        default=("severity", "priority"),
        description="labels in which a sender says it; the first that is there counts",
    )
    words: dict[Name, Severity] = Field(
        default={},
        description="what a sender's word means: `P1: critical`; upper and lower case are one",
    )
    least: tuple[Least, ...] = Field(
        default=(), description="what alerts of some services are at least; never less bad"
    )

    @field_validator("words")
    @classmethod
    def _each_word_once(cls, words: dict[str, Severity]) -> dict[str, Severity]:
        seen: dict[str, str] = {}
        for word in words:
            if (before := seen.setdefault(word.casefold(), word)) != word:
                said = f"{spelling.quoted(before)} and {spelling.quoted(word)}"
                raise ValueError(f"{said} are the same word here: keep one of them")
        return words

    def meaning(self, word: str) -> Severity | None:
        """What a sender's word means here; None where nobody said so."""
        known = {one.casefold(): severity for one, severity in self.words.items()}
        return known.get(word.casefold())


class Grouping(Frozen):
    """
    What alerts of one service have in common: those of another cause wait for their own incident.

    Where nothing is said, the runbook that is meant for an alert stands for its cause.
    """

    label: str = Field(
        default="", max_length=200, description="a label whose value names the cause, if any does"
    )
    causes: dict[Name, tuple[Name, ...]] = Field(
        default={},
        description="causes, and the names of alerts that have them; `*` stands for anything",
    )
    window: Duration = Field(
        default=durations.parse("30m"),
        description="an alert that nobody knows the cause of belongs to an incident that is "
        "younger than this; to an older one it comes by itself",
    )


class Settle(Where):
    """Alerts that must last before anything is planned: what clears by itself bothers nobody."""

    alerts: tuple[Label, ...] = Field(
        default=("*",), min_length=1, description="names of alerts; `*` stands for anything"
    )
    lasts: Annotated[Duration, at_most("1h")] = Field(
        description="so long it must fire, from when Heal hears of it; at most 1h"
    )


class Dependencies(Frozen):
    """What becomes of an alert while something that its service needs is in trouble."""

    wait: Duration = Field(
        default=durations.parse("30m"),
        description="so long nothing is planned for it, and then a person is called; 0s = never",
    )
