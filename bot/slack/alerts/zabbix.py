"""Zabbix's messages: an attachment of its media type, green once the event is over."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.core.alert import AlertStatus
from bot.core.labels import agreed, named, tagged
from bot.slack.alerts import told
from bot.slack.alerts.said import Part
from bot.slack.alerts.told import Hearsay, Told

_EVENT = re.compile(r"https?://([^\s?#]+)/tr_events\.php\?(?:[^#\s]*&)?eventid=([0-9]{1,20})\b.*")
_SUBJECT = re.compile(r"(?:Problem|Resolved(?: in [^:]{1,40})?): (.+)", re.DOTALL)
_HOST = re.compile(r"(.+?)(?: \[([^\]]*)\])?", re.DOTALL)
OVER = "009900"
SEVERITIES = {
    **dict.fromkeys(("disaster", "high"), "critical"),
    **dict.fromkeys(("average", "warning"), "warning"),
    **dict.fromkeys(("information", "not classified"), "info"),
}


def read(parts: Sequence[Part]) -> Told | None:
    """
    Read every attachment whose title leads to an event; None when none does.

    That an event was acknowledged or commented on, which has `Details`, begins and ends nothing.
    Service and environment are tags of the event.
    """
    return told.each(parts, _read)


def _read(part: Part) -> Hearsay | None:
    event = _EVENT.fullmatch(part.link)
    severity = SEVERITIES.get(part.field("Severity").lower(), "")
    over = part.color == OVER
    if event is None or not severity or (part.field("Details") and not over):
        return None
    subject = _SUBJECT.fullmatch(part.title)
    host = _HOST.fullmatch(part.field("Host"))
    said = agreed(tagged(part.field("Event tags"), "\n"))
    return Hearsay(
        status=AlertStatus.RESOLVED if over else AlertStatus.FIRING,
        name=(subject[1] if subject else part.title)[:200],
        labels={**said, **({"host": host[1]} if host else {}), "severity": severity},
        annotations={"summary": part.title[:1000]},
        id=named("zabbix", event[1], event[2]),
        link=part.link,
    )
