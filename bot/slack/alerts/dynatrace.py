"""Dynatrace's messages: one line by its default template, and what a team put below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.core.alert import AlertStatus
from bot.core.labels import agreed, named, tagged
from bot.slack.alerts import tags, told
from bot.slack.alerts.said import Part
from bot.slack.alerts.told import Hearsay, Told

_LINE = re.compile(
    r"(?P<state>OPEN|RESOLVED) (?P<severity>MONITORING_UNAVAILABLE|AVAILABILITY|ERROR|PERFORMANCE|"
    r"RESOURCE_CONTENTION|CUSTOM_ALERT) Problem (?P<id>(?:P-)?[0-9]{1,20}): (?P<entity>\S.*)"
)
_PROBLEM = re.compile(
    r"https?://[^\s<>|]{1,300}(?:#problems/problemdetails;|dynatrace\.[\w.]*problems)[^\s<>|]{0,500}"
)
SEVERITIES = {
    **dict.fromkeys(("MONITORING_UNAVAILABLE", "AVAILABILITY", "ERROR"), "critical"),
    **dict.fromkeys(("PERFORMANCE", "RESOURCE_CONTENTION", "CUSTOM_ALERT"), "warning"),
}


def read(parts: Sequence[Part]) -> Told | None:
    """
    Read every part whose first line says the state, the severity and the number of a problem.

    That line names no environment: a team adds the placeholders {Tags} after `Tags:`, and
    {ProblemURL}, which says whose problem number it is.
    """
    return told.each(parts, _read)


def _read(part: Part) -> Hearsay | None:
    line = next((found for head in part.heads if (found := _LINE.fullmatch(head.strip()))), None)
    if line is None:
        return None
    found = _PROBLEM.search(part.text)
    link = found[0] if found else ""
    host = urlsplit(link).netloc if link else ""
    listed = tags.after(part.text, "Tags:")
    said = agreed((*tagged(listed), ("entity", line["entity"])))
    return Hearsay(
        status=AlertStatus.FIRING if line["state"] == "OPEN" else AlertStatus.RESOLVED,
        name=f"{line['severity']} {line['entity']}"[:200],
        labels={**said, "severity": SEVERITIES[line["severity"]]},
        annotations={"summary": line[0][:1000]},
        id=named("dynatrace", host, line["id"].removeprefix("P-")),
        link=link,
    )
