"""Opsgenie's messages: an attachment that leads to its alert, and says what became of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.core.alert import AlertStatus
from bot.core.labels import agreed, named, tagged
from bot.core.ticket import CALLS
from bot.slack.alerts import tags, told
from bot.slack.alerts.said import Part
from bot.slack.alerts.told import Hearsay, Told

_ALERT = re.compile(
    r"https://(?:(?:eu\.)?opsg\.in/a/i/[^/\s?#]{1,100}/|"
    r"[^/\s?#]{1,100}\.opsgenie\.com/alert/detail/)([\w-]{1,100})\b.*"
)
_NEWS = re.compile(
    r"(?:(?P<begun>New|Created|Reopened) alert|(?P<over>Closed) alert|"
    r"Alert (?:(?P<begun_>created|reopened)|(?P<over_>closed)))\b.*",
    re.DOTALL | re.IGNORECASE,
)
SEVERITIES = {"P1": "critical", "P2": "critical", "P3": "warning", "P4": "info", "P5": "info"}


def read(parts: Sequence[Part]) -> Told | None:
    """
    Read every attachment that leads to an alert and says that it is new, or closed.

    What else happens to an alert, as that it was acknowledged, begins and ends nothing. Service
    and environment are tags, as `service:shop`, or fields of these names.
    """
    return told.each(parts, _read)


def _read(part: Part) -> Hearsay | None:
    alert, news = _ALERT.fullmatch(part.link), _NEWS.fullmatch(part.title)
    if alert is None or news is None:
        return None
    over = bool(news["over"] or news["over_"])
    says = (part.text.splitlines() or [""])[0].strip().strip('"')
    if says.startswith(CALLS):
        return None  # Heal's own page
    listed = part.field("Tags") or part.fallback.rpartition("\nTags:")[2]
    said = agreed((*tags.titled(part), *tagged(listed)))
    severity = SEVERITIES.get(part.field("Priority")[:2], "warning")
    return Hearsay(
        status=AlertStatus.RESOLVED if over else AlertStatus.FIRING,
        name=(says or part.title)[:200],
        labels={**said, "severity": severity},
        annotations={"summary": f"{part.title}: {says}"[:1000]},
        id=named("opsgenie", alert[1]),
        link=part.link,
    )
