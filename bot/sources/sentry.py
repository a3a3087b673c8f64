"""Alerts of Sentry: the webhooks of an internal integration, for issues and for metrics."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from bot.clients import senders
from bot.clients.senders import Sender, SignedSettings
from bot.clients.sentry import home
from bot.core import labels, sent
from bot.core.alert import Alert, Severity
from bot.core.errors import AlertRejected
from bot.core.labels import Pair
from bot.core.posted import Posted
from bot.core.sent import Sent

KIND = "a webhook of Sentry's integration platform"
RESOURCE, SIGNATURE = "sentry-hook-resource", "sentry-hook-signature"
SEVERITIES = {
    **dict.fromkeys(("fatal", "error", "critical"), Severity.CRITICAL),
    "warning": Severity.WARNING,
    **dict.fromkeys(("info", "debug", "sample"), Severity.INFO),
}
_SITE = re.compile(r"https?://([^/\s?#]+)/\S*")
_PROJECT = re.compile(r"https?://[^/\s?#]+/api/0/projects/[\w-]+/([\w-]{1,100})/\S*")
_NUMBER = r"^[0-9]{1,20}$"


class _Project(Sent):
    slug: str = ""


class _Issue(Sent):
    id: str = Field(pattern=_NUMBER)
    title: str
    level: str = ""
    web_url: str
    project: _Project = _Project()
    first_seen: AwareDatetime | None = Field(default=None, alias="firstSeen")


class _Event(Sent):
    issue_id: str = Field(pattern=_NUMBER)
    title: str
    level: str = ""
    url: str = ""
    web_url: str
    culprit: str | None = None
    at: AwareDatetime | None = Field(default=None, alias="datetime")
    tags: list[tuple[str, str | None]] = Field(default=[], max_length=1000)


class _Rule(Sent):
    name: str
    environment: str | None = None


class _Metric(Sent):
    identifier: str = Field(pattern=_NUMBER)
    rule: _Rule = Field(alias="alert_rule")
    projects: list[str] = Field(default=[], max_length=1000)
    started: AwareDatetime | None = Field(default=None, alias="date_started")
    closed: AwareDatetime | None = Field(default=None, alias="date_closed")


class _AboutIssue(Sent):
    issue: _Issue


class _AboutEvent(Sent):
    event: _Event
    rule: str = Field(default="", alias="triggered_rule")


class _AboutMetric(Sent):
    metric: _Metric = Field(alias="metric_alert")
    title: str = Field(default="", alias="description_title")
    text: str = Field(default="", alias="description_text")
    web_url: str


class _Any(Sent):
    action: str


class _OfIssue(_Any):
    told: _AboutIssue = Field(alias="data")


class _OfEvent(_Any):
    told: _AboutEvent = Field(alias="data")


class _OfMetric(Sent):
    action: Literal["critical", "warning", "resolved"]
    told: _AboutMetric = Field(alias="data")


class Sentry(Sender):
    """
    An alert rule makes an issue fire, and its resolution ends it; a new issue alone is no alert.

    Sentry signs the body, and neither the time nor the number of a delivery. So a delivery is
    known by its body, in which the event or the time is another each time.
    """

    name = "sentry"
    config = SignedSettings
    reads = frozenset({RESOURCE})

    def __init__(self, config: SignedSettings, rig: Any = None) -> None:
        super().__init__(config, rig)
        self._secrets = senders.live(config.secret)

    def unsigned(self, posted: Posted) -> str:
        given = posted.headers.get(SIGNATURE, "")
        if not self._secrets or senders.signed(posted.body, [given], self._secrets):
            return ""
        return "its signature is missing or wrong"

    def delivery(self, posted: Posted) -> str:
        return hashlib.sha256(posted.body).hexdigest()

    def parse(self, posted: Posted) -> list[Alert]:
        resource = posted.headers.get(RESOURCE, "")
        if resource == "issue":
            return self._issue(sent.read(_OfIssue, posted.body, KIND), posted)
        if resource == "event_alert":
            return self._event(sent.read(_OfEvent, posted.body, KIND), posted)
        if resource == "metric_alert":
            return self._metric(sent.read(_OfMetric, posted.body, KIND), posted)
        sent.read(_Any, posted.body, KIND)
        if not resource:
            raise AlertRejected("the header Sentry-Hook-Resource is missing: it is not Sentry's")
        return []  # an installation, a comment, an error: nobody made an alert of it

    def _issue(self, message: _OfIssue, posted: Posted) -> list[Alert]:
        issue = message.told.issue
        if message.action != "resolved":
            return []
        severity = SEVERITIES.get(issue.level, Severity.WARNING)
        return [
            sent.alert(
                source=self.name,
                name=issue.title,
                fingerprint=self._known(issue.web_url, "issue", issue.id),
                firing=False,
                severity=severity,
                labels=_labels([("project", issue.project.slug)], severity),
                annotations={"summary": issue.title},
                starts_at=issue.first_seen or posted.at,
                ends_at=posted.at,
                link=issue.web_url,
            )
        ]

    def _event(self, message: _OfEvent, posted: Posted) -> list[Alert]:
        event = message.told.event
        if message.action != "triggered":
            return []
        project = _PROJECT.fullmatch(event.url)
        tags = [(name, value or "") for name, value in event.tags]
        severity = SEVERITIES.get(event.level or dict(tags).get("level", ""), Severity.WARNING)
        return [
            sent.alert(
                source=self.name,
                name=event.title,
                fingerprint=self._known(event.web_url, "issue", event.issue_id),
                firing=True,
                severity=severity,
                labels=_labels([("project", project[1] if project else ""), *tags], severity),
                annotations={
                    "summary": event.title,
                    "culprit": event.culprit or "",
                    "rule": message.told.rule,
                },
                starts_at=event.at or posted.at,
                link=event.web_url,
            )
        ]

    def _metric(self, message: _OfMetric, posted: Posted) -> list[Alert]:
        told, metric = message.told, message.told.metric
        over = message.action == "resolved"
        severity = SEVERITIES.get(message.action, Severity.WARNING)
        project = metric.projects[0] if len(metric.projects) == 1 else ""
        said = [("project", project), ("environment", metric.rule.environment or "")]
        return [
            sent.alert(
                source=self.name,
                name=metric.rule.name,
                fingerprint=self._known(told.web_url, "metric", metric.identifier),
                firing=not over,
                severity=severity,
                labels=_labels(said, severity),
                annotations={"summary": told.title, "description": told.text},
                starts_at=metric.started or posted.at,
                ends_at=(metric.closed or posted.at) if over else None,
                link=told.web_url,
            )
        ]

    def _known(self, url: str, *number: str) -> str:
        """As in a channel; whose issue it is stands in its address."""
        if site := _SITE.fullmatch(url):
            return labels.named(self.name, home(site[1]), *number)
        raise AlertRejected("'web_url' is no address, so nobody knows whose it is")


def _labels(said: list[Pair], severity: Severity) -> dict[str, str]:
    return {**labels.agreed(said), "severity": severity.value}


PLUGIN = Sentry
