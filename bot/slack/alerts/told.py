"""What a format makes of a message: the alerts that it speaks of, as far as its text says; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from pydantic import Field

from bot.core import labels, values
from bot.core.alert import AlertStatus
from bot.core.labels import Annotations, Labels
from bot.core.values import Frozen

MOST = 100
"""Alerts that are read out of one message."""
_HEAD = re.compile(
    r"\s*\[(?P<status>FIRING|RESOLVED)(?::(?P<firing>\d{1,6}))?"
    r"(?:, ?RESOLVED:(?P<resolved>\d{1,6}))?\]\s*(?P<rest>.*)",
    re.DOTALL,
)


class Hearsay(Frozen):
    """
    One alert that a message speaks of, confirmed by nobody yet.

    Without labels it is known by `words`: values whose names are not said, each of which stands
    somewhere in the labels of the alert that is meant.
    """

    status: AlertStatus
    name: str = Field(min_length=1, max_length=200)
    labels: Labels = {}
    annotations: Annotations = {}
    words: frozenset[str] = frozenset()
    group: str = Field(default="", description="the same in every message about the same group")

    @property
    def firing(self) -> bool:
        return self.status is AlertStatus.FIRING

    @property
    def fingerprint(self) -> str:
        """As Prometheus names it when its labels are said, else a name for the text itself."""
        if self.labels:
            return labels.fingerprint(self.labels)
        return f"text-{values.digest([self.group, *sorted(self.words)])[:16]}"

    def means(self, real: Mapping[str, str]) -> bool:
        """Tell whether an alert with these labels may be the one that is meant."""
        if self.labels:
            same = all(real.get(name, said) == said for name, said in self.labels.items())
            return same and real.get("alertname") == self.name
        return self.words <= {word for value in real.values() for word in value.split()}


class Told(Frozen):
    """All of a message: `link` is where it leads, by which its alerts may be looked up."""

    link: str = ""
    alerts: tuple[Hearsay, ...] = Field(min_length=1, max_length=MOST)


class Head(NamedTuple):
    """The line `[FIRING:2] name more (and more)`; how many fire and are over, 0 if unsaid."""

    status: AlertStatus
    firing: int
    resolved: int
    rest: str


def head(line: str) -> Head | None:
    """
    Read the line that Alertmanager and Grafana begin with.

    >>> head("[FIRING:2] ServiceDown shop")
    Head(status=<AlertStatus.FIRING: 'firing'>, firing=2, resolved=0, rest='ServiceDown shop')
    """
    found = _HEAD.fullmatch(line)
    if found is None:
        return None
    status = AlertStatus(found["status"].lower())
    firing, resolved = int(found["firing"] or 0), int(found["resolved"] or 0)
    return Head(status, firing, resolved, found["rest"].strip())


def by_words(status: AlertStatus, rest: str, link: str) -> Hearsay:
    """
    Make what a head alone tells: values, and no names for them.

    What stands before the bracket is the group's own and stays; what stands in it is what its
    alerts have in common just now.
    """
    before, _, within = rest.partition(" (")
    words = (before or within).lstrip("(").split() or ["alert"]
    return Hearsay(
        status=status,
        name=words[0][:200],
        annotations={"summary": rest[:1000]},
        words=frozenset(words),
        group=f"{link} {before}",
    )
