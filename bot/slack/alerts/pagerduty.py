"""PagerDuty's messages: blocks that lead to an incident and say what became of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.clients.pagerduty import SYSTEM, incident_of
from bot.core.alert import AlertStatus
from bot.core.labels import agreed, named
from bot.core.ticket import CALLS
from bot.slack.alerts import tags, told
from bot.slack.alerts.said import Link, Part
from bot.slack.alerts.told import Hearsay, Told

_TITLE = re.compile(
    r"[\s*]*(?:(?P<state>[A-Za-z]+):? )?\[?#[0-9]{1,12}\]?:? ?(?P<name>\S.*?)[\s*]*"
)
_BEGUN, _OVER = frozenset({"triggered", "reopened"}), frozenset({"resolved"})
SEVERITIES = {"high": "critical", "low": "warning"}


def read(parts: Sequence[Part]) -> Told | None:
    """
    Read every part that leads to an incident and says that it was triggered, or resolved.

    The state stands before the number, or in a field `Status`; one that was acknowledged,
    reassigned or escalated begins and ends nothing. `Service` is a field of every incident; the
    environment is one only where a team's details have it.
    """
    return told.each(parts, _read)


def _read(part: Part) -> Hearsay | None:
    link = next(iter(_leading(part)), Link("", ""))
    incident, title = incident_of(link.url), _TITLE.fullmatch(link.label)
    if not incident or title is None or title["name"].startswith(CALLS):
        return None  # nothing of PagerDuty's, or Heal's own page
    state = (part.field("Status") or title["state"] or "").lower()
    if state not in _BEGUN | _OVER:
        return None
    said = agreed(tags.titled(part))
    severity = SEVERITIES.get(part.field("Urgency").lower(), "warning")
    return Hearsay(
        status=AlertStatus.RESOLVED if state in _OVER else AlertStatus.FIRING,
        name=title["name"][:200],
        labels={**said, "severity": severity},
        annotations={"summary": link.label.strip("* ")[:1000]},
        id=named(SYSTEM, incident),
        link=link.url,
    )


def _leading(part: Part) -> Sequence[Link]:
    """The title's own link, then those that the text begins with."""
    return (*([Link(part.link, part.title)] if part.link else ()), *part.links)
