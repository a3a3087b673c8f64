"""Sentry's messages: an issue as blocks with its tags, or a metric alert with its status."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from bot.clients.sentry import home
from bot.core.alert import AlertStatus
from bot.core.labels import agreed, named
from bot.slack.alerts import told
from bot.slack.alerts.said import Part
from bot.slack.alerts.told import Hearsay, Told

_ISSUE = re.compile(
    r"https?://(?P<host>[^/\s]+)(?:/organizations/[\w-]+)?/issues/(?P<id>[0-9]{1,20})\b.*"
)
_METRIC = re.compile(
    r"https?://(?P<host>[^/\s]+)/\S*?alerts/rules/details/[0-9]+/\?(?:\S*?&)?alert=(?P<id>\w{1,40})\b.*"
)
_STATUS = re.compile(r"\*?(?P<status>Critical|Warning|Resolved): (?P<name>.+?)\*?", re.DOTALL)
_TAG = re.compile(r"([\w.-]{1,100}): `([^`\n]{1,2000})`")
_RESOLVED = re.compile(r"\*Issue resolved by [^\n]+\*")
_TOUCHED = ":white_circle:"
"""What the title begins with once somebody resolved, archived or assigned an issue."""
SEVERITIES = {
    **dict.fromkeys(("fatal", "error"), "critical"), "warning": "warning",
    **dict.fromkeys(("info", "debug", "sample"), "info"),
}  # fmt: skip


def read(parts: Sequence[Part]) -> Told | None:
    """
    Read every part that begins with a link to an issue, or to a metric alert.

    An issue names its environment by its tags, and its service when it was tagged with one; a
    project is not taken for a service. A metric alert has no tags at all. An issue is over when
    somebody resolves it, which edits its message.
    """
    return told.each(parts, lambda part: _issue(part) or _metric(part))


def _issue(part: Part) -> Hearsay | None:
    link = next(iter(part.links), None)
    issue = _ISSUE.fullmatch(link.url) if link else None
    pairs = [pair for one in part.sections if _about(one.id) for pair in _TAG.findall(one.text)]
    if link is None or issue is None or "Short ID: " not in part.text or not part.sections:
        return None
    touched = part.sections[0].text.lstrip().startswith(_TOUCHED)
    over = touched and any(_RESOLVED.fullmatch(one.text.strip()) for one in part.sections)
    said = agreed(pairs)
    return Hearsay(
        status=AlertStatus.RESOLVED if over else AlertStatus.FIRING,
        name=link.label.strip("* ")[:200],
        labels={**said, "severity": SEVERITIES.get(said.get("level", ""), "warning")},
        annotations={"summary": link.label.strip("* ")[:1000]},
        id=named("sentry", home(issue["host"]), "issue", issue["id"]),
        link=link.url,
    )


def _metric(part: Part) -> Hearsay | None:
    link = next(iter(part.links), None)
    metric = _METRIC.fullmatch(link.url) if link else None
    status = _STATUS.fullmatch(link.label) if link else None
    if link is None or metric is None or status is None:
        return None
    over = status["status"] == "Resolved"
    return Hearsay(
        status=AlertStatus.RESOLVED if over else AlertStatus.FIRING,
        name=status["name"][:200],
        labels={"severity": status["status"].lower()} if not over else {},
        annotations={"summary": link.label.strip("* ")[:1000]},
        id=named("sentry", home(metric["host"]), "metric", metric["id"]),
        link=link.url,
    )


def _about(block: str) -> bool:
    """Tell the block of the tags by its name: the texts of others may be anybody's."""
    try:
        named_ = json.loads(block)
    except (ValueError, RecursionError):
        return False
    return isinstance(named_, dict) and "issue" in named_
