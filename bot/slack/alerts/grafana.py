"""Grafana's messages: its default template lists every alert with its labels, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from bot.core.alert import AlertStatus
from bot.slack.alerts import told
from bot.slack.alerts.said import Part
from bot.slack.alerts.told import Head, Hearsay, Told

_SECTIONS = {"**firing**": AlertStatus.FIRING, "**resolved**": AlertStatus.RESOLVED}
_LISTS = {"Labels:": "labels", "Annotations:": "annotations"}
_ENDS = ("Value:", "Source:", "Silence:", "Dashboard:", "Panel:")


def read(parts: Sequence[Part]) -> Told | None:
    """
    Read the part whose footer is Grafana's; None when there is none.

    When it does not list as many alerts as its head counts, it was cut off, or a value in it
    plays being an alert: then its labels are not read.
    """
    for part in parts:
        head = told.head(part.title or part.fallback)
        if not part.footer.startswith("Grafana") or head is None:
            continue
        found = list(_alerts(part.text.splitlines()))
        heard = tuple(one for one in found if one is not None)
        if not heard or None in found or not _as_counted(head, heard):
            heard = (told.by_words(head.status, head.rest, part.link),)
        return Told(link=part.link, alerts=heard)
    return None


def _as_counted(head: Head, heard: Sequence[Hearsay]) -> bool:
    """A head that says resolved does not say how many."""
    firing = sum(one.firing for one in heard)
    resolved = len(heard) - firing
    counted = head.resolved if head.firing else resolved
    return (firing, resolved) == (head.firing, counted) and len(heard) <= told.MOST


def _alerts(lines: Sequence[str]) -> Iterator[Hearsay | None]:
    """Yield each alert that is listed; None for one that cannot be what it seems."""
    status = AlertStatus.FIRING
    lists: dict[str, dict[str, str]] = {}
    inside, twice = "", False
    for line in (*lines, "Labels:"):
        name, equals, value = line.removeprefix(" - ").partition(" = ")
        if line.strip().lower() in _SECTIONS or line == "Labels:":
            if lists:
                yield None if twice else _alert(status, lists)
            status = _SECTIONS.get(line.strip().lower(), status)
            lists, inside, twice = {}, "", False
        if line in _LISTS:
            inside = _LISTS[line]
            lists.setdefault(inside, {})
        elif line.startswith(_ENDS):
            inside = ""
        elif inside and equals and line.startswith(" - "):
            twice = twice or (inside == "labels" and name in lists[inside])
            lists[inside][name] = value


def _alert(status: AlertStatus, lists: dict[str, dict[str, str]]) -> Hearsay | None:
    named = lists.get("labels", {})
    try:
        return Hearsay(
            status=status, name=named.get("alertname", ""), labels=named,
            annotations=lists.get("annotations", {}),
        )  # fmt: skip
    except ValidationError:
        return None
