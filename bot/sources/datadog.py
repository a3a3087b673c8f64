"""Alerts of Datadog's monitors: its integration *Webhooks*, with the payload of docs/alerts.md."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from bot.clients.senders import Sender
from bot.core import labels, sent, values
from bot.core.alert import Alert, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.core.sent import Sent

KIND = "the payload for Datadog that docs/alerts.md has"
OVER, BLIND, WARNS = "Recovered", "No Data", "Warn"
BEGUN = frozenset({"Triggered", WARNS, BLIND})
"""What else may change, such as a renotification, begins and ends nothing."""
PRIORITIES = {
    **dict.fromkeys(("P1", "P2"), Severity.CRITICAL), "P3": Severity.WARNING,
    **dict.fromkeys(("P4", "P5"), Severity.INFO),
}  # fmt: skip
_SITE = re.compile(r"https://([\w.-]{1,100}\.(?:datadoghq\.(?:com|eu)|ddog-gov\.com))/\S*")
_STATE = re.compile(
    r"\[(?:P[1-5]|(?:Re-)?(?:Triggered|Alert|Warn|No data|Recovered)(?: on \{[^}]{0,1000}\})?)\] ",
    re.IGNORECASE,
)
Change = Literal[
    "Triggered", "Re-Triggered", "Warn", "Re-Warn", "No Data", "Re-No Data", "Recovered",
    "Renotify", "Null", "",
]  # fmt: skip


class _Event(Sent):
    id: str = ""
    monitor: str = Field(pattern=r"^[0-9]{1,20}$")
    transition: Change
    title: str
    scope: str = ""
    tags: str = ""
    priority: str = ""
    host: str = ""
    status: str = ""
    text: str = ""
    link: str
    date: str


class Datadog(Sender):
    """
    A monitor and its group are one alert, as in a channel; `$ID` names the delivery.

    A monitor without data fires without confidence, so that a person looks at it.
    """

    name = "datadog"
    later = 503  # it sends again after a status of 500 and more only

    def delivery(self, posted: Posted) -> str:
        event = sent.read(_Event, posted.body, KIND)
        own = [event.id, event.transition, event.monitor, event.scope, event.date]
        return values.digest([*own]) if event.id else ""

    def parse(self, posted: Posted) -> list[Alert]:
        event = sent.read(_Event, posted.body, KIND)
        change = event.transition.removeprefix("Re-")
        site, at = _SITE.fullmatch(event.link), sent.counted(event.date, a_second=1000)
        if site is None:
            raise AlertRejected("'link' does not lead to Datadog, so nobody knows whose monitor")
        if at is None:
            raise AlertRejected("'date' is not what Datadog fills in for $DATE")
        if change not in BEGUN | {OVER}:
            return []
        known = labels.named(self.name, site[1], event.monitor, *labels.grouped(event.scope))
        severity = _severity(event.priority.strip().upper(), change)
        return [
            sent.alert(
                source=self.name,
                name=_STATE.sub("", event.title),
                fingerprint=known,
                firing=change != OVER,
                severity=severity,
                labels=_labels(event, severity),
                annotations={
                    "summary": event.title,
                    "status": event.status,
                    "description": event.text,
                },
                starts_at=at,
                ends_at=at if change == OVER else None,
                link=event.link,
                confidence=0.0 if change == BLIND else 1.0,
            )
        ]


def _severity(priority: str, change: str) -> Severity:
    """The monitor's priority; the threshold for warnings is never more than a warning."""
    said = PRIORITIES.get(priority, Severity.CRITICAL)
    return Severity.WARNING if change == WARNS and said is Severity.CRITICAL else said


def _labels(event: _Event, severity: Severity) -> dict[str, str]:
    said = labels.agreed((*labels.tagged(event.scope), *labels.tagged(event.tags)))
    own = {"monitor": event.monitor, "severity": severity.value}
    return {**({"host": event.host} if event.host else {}), **said, **own}


PLUGIN = Datadog
