"""What a format makes of a message: the alerts that it speaks of, as far as its text says; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, Field, ValidationError

from bot.core import labels, values
from bot.core.alert import Alert, AlertStatus
from bot.core.labels import Annotations, Labels
from bot.core.values import Frozen
from bot.slack.alerts.said import Part

MOST = 100
"""Alerts that are read out of one message."""
_HEAD = re.compile(
    r"\s*\[(?P<status>FIRING|RESOLVED)(?::(?P<firing>\d{1,6}))?"
    r"(?:, ?RESOLVED:(?P<resolved>\d{1,6}))?\]\s*(?P<rest>.*)",
    re.DOTALL,
)


def _readable(name: object) -> object:
    """A name of blanks only is none: the text itself is what is known."""
    return (name.strip()[:200] or "alert") if isinstance(name, str) else name


class Hearsay(Frozen):
    """
    One alert that a message speaks of, confirmed by nobody yet.

    It is known by `id` where its sender says one. Without that and without labels it is known by
    `words`: values whose names are not said, each of which stands somewhere in the labels of the
    alert that is meant.
    """

    status: AlertStatus
    name: Annotated[str, BeforeValidator(_readable)] = Field(min_length=1, max_length=200)
    labels: Labels = {}
    annotations: Annotations = {}
    words: frozenset[str] = frozenset()
    group: str = Field(default="", description="the same in every message about the same group")
    id: str = Field(default="", max_length=200, description="the same in all that is said of it")
    link: str = Field(default="", max_length=2000, description="where it can be looked at")

    @property
    def firing(self) -> bool:
        return self.status is AlertStatus.FIRING

    @property
    def fingerprint(self) -> str:
        """As its sender names it, or Prometheus by its labels, else a name for the text itself."""
        if self.id:
            return self.id
        if self.labels:
            return labels.fingerprint(self.labels)
        return f"text-{values.digest([self.group, *sorted(self.words)])[:16]}"

    def means(self, alert: Alert) -> bool:
        """Tell whether an alert that somebody holds may be the one that is meant."""
        real = alert.labels
        if self.id:
            return alert.fingerprint == self.id
        if self.labels:
            same = all(real.get(name, said) == said for name, said in self.labels.items())
            return same and real.get("alertname") == self.name
        return self.words <= {word for value in real.values() for word in value.split()}


class Told(Frozen):
    """All of a message: `link` is where it leads, by which its alerts may be looked up."""

    link: str = ""
    alerts: tuple[Hearsay, ...] = Field(min_length=1, max_length=MOST)

    def apart(self) -> Iterator[Told]:
        """The same by their links: each is looked up where its own leads."""
        for link in dict.fromkeys(one.link or self.link for one in self.alerts):
            these = tuple(one for one in self.alerts if (one.link or self.link) == link)
            yield Told(link=link, alerts=these)


def each(parts: Sequence[Part], read: Callable[[Part], Hearsay | None]) -> Told | None:
    """
    Read one alert out of every part that has one; None when no part has.

    A message may say the same twice, shortly for notifications: the fuller one counts.
    What one cannot hold, more labels or longer names than it may have, is no alert.
    """
    found: dict[str, Hearsay] = {}
    for part in parts:
        try:
            heard = read(part)
        except ValidationError:
            continue
        if heard is None:
            continue
        known = found.setdefault(heard.fingerprint, heard)
        if len(heard.labels) > len(known.labels):
            found[heard.fingerprint] = heard
    alerts = tuple(found.values())[:MOST]
    return Told(link=alerts[0].link, alerts=alerts) if alerts else None


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
