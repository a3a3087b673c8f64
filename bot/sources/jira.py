"""Issues of Jira that are alerts: its webhooks, from Jira and Jira Service Management."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

from pydantic import AwareDatetime, Field, JsonValue

from bot.clients import senders
from bot.clients.senders import Sender, SignedSettings
from bot.core import labels, sent
from bot.core.alert import Alert, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.core.sent import Sent
from bot.core.ticket import OURS
from bot.plugins import Words

AGE = timedelta(hours=2)
"""Jira tries five times, up to a quarter of an hour apart; each delivery counts once."""
KIND = "a webhook of Jira about an issue"
ISSUE = frozenset({"jira:issue_created", "jira:issue_updated", "jira:issue_deleted"})
GONE = "jira:issue_deleted"
NODES = 2000
"""Parts of a description that are read at most."""
BLOCKS = frozenset(
    {"paragraph", "heading", "listItem", "codeBlock", "tableRow", "hardBreak", "rule"}
)
"""Parts of a description that begin a line."""
SEVERITIES = {
    **dict.fromkeys(("highest", "high", "blocker", "critical", "p1", "p2"), Severity.CRITICAL),
    **dict.fromkeys(("medium", "major", "p3"), Severity.WARNING),
    **dict.fromkeys(("low", "lowest", "minor", "trivial", "p4", "p5"), Severity.INFO),
}
_API = re.compile(r"https://(?P<host>[a-z0-9.-]{1,253}(?::\d{1,5})?)(?P<path>(?:/[\w.-]+)*)/rest/")
_LABEL = re.compile(r"([A-Za-z][\w.-]{0,99})[:=](.+)")


class JiraSettings(SignedSettings):
    """Which issues are alerts: what is set must all be so."""

    types: Words = Field(
        default=("Incident", "[System] Incident"),
        description="types of issues that are alerts, with commas; the second is the one of Jira "
        "Service Management",
    )
    projects: Words = Field(
        default=(), description="keys of the projects whose issues are alerts, with commas; any"
    )
    marks: Words = Field(
        default=(), description="labels of which such an issue has at least one, with commas; any"
    )


class _Named(Sent):
    name: str = Field(max_length=sent.NAME)


class _Project(Sent):
    key: str = Field(max_length=50)


class _Category(Sent):
    key: Literal["new", "indeterminate", "done"]


class _Status(Sent):
    name: str = Field(max_length=sent.NAME)
    category: _Category = Field(alias="statusCategory")


class _Fields(Sent):
    summary: str = Field(min_length=1)
    description: JsonValue = None
    kind: _Named = Field(alias="issuetype")
    project: _Project
    status: _Status
    priority: _Named | None = None
    labels: list[str] = Field(default=[], max_length=200)
    components: list[_Named] = Field(default=[], max_length=100)
    created: AwareDatetime
    resolved: AwareDatetime | None = Field(default=None, alias="resolutiondate")


class _Issue(Sent):
    id: str = Field(min_length=1, max_length=50)
    key: str = Field(pattern=r"^[A-Z][A-Z0-9_]{0,49}-[0-9]{1,12}$")
    self_: str = Field(alias="self", max_length=500)
    fields: _Fields


class _Event(Sent):
    event: str = Field(alias="webhookEvent", min_length=1, max_length=100)
    at: int | None = Field(default=None, alias="timestamp")


class _Message(Sent):
    event: str = Field(alias="webhookEvent")
    issue: _Issue


class Jira(Sender):
    """Done is over, and so is an issue that was deleted; nobody's comment changes anything."""

    name = "jira"
    config = JiraSettings

    def __init__(self, config: JiraSettings, rig: Any = None) -> None:
        super().__init__(config, rig)
        self._secrets = senders.live(config.secret)
        self._types, self._projects, self._marks = (
            frozenset(word.casefold() for word in words)
            for words in (config.types, config.projects, config.marks)
        )

    def unsigned(self, posted: Posted) -> str:
        """As WebSub has it: sha256= and the HMAC of the body in hex; its time is in the body."""
        if not self._secrets:
            return ""
        method, _, given = posted.headers.get("x-hub-signature", "").partition("=")
        if method != "sha256" or not senders.signed(posted.body, [given], self._secrets):
            return "its signature is missing or wrong"
        event = sent.read(_Event, posted.body, KIND)
        return senders.stale(sent.counted(str(event.at), 1000), posted.at, AGE)

    def delivery(self, posted: Posted) -> str:
        return posted.headers.get("x-atlassian-webhook-identifier", "")[:200]

    def parse(self, posted: Posted) -> list[Alert]:
        event = sent.read(_Event, posted.body, KIND)
        if event.event not in ISSUE:
            return []  # a comment, a worklog, a sprint
        issue = sent.read(_Message, posted.body, KIND).issue
        return [_alert(issue, gone=event.event == GONE)] if self._is_alert(issue.fields) else []

    def _is_alert(self, fields: _Fields) -> bool:
        marks = {label.casefold() for label in fields.labels}
        return (
            OURS not in marks
            and (not self._types or fields.kind.name.casefold() in self._types)
            and (not self._projects or fields.project.key.casefold() in self._projects)
            and (not self._marks or not self._marks.isdisjoint(marks))
        )


def _alert(issue: _Issue, *, gone: bool) -> Alert:
    place = _API.match(issue.self_)
    if place is None:
        raise AlertRejected(f"'issue.self' is no address of Jira: it is not {KIND}")
    fields = issue.fields
    over = gone or fields.status.category.key == "done"
    told = labels.agreed(_told(issue))
    state = "deleted" if gone else fields.status.name
    return sent.alert(
        source=Jira.name,
        name=told.get("alertname") or fields.summary,
        fingerprint=labels.named("jira", place["host"] + place["path"], issue.id),
        firing=not over,
        severity=_severity(fields, told),
        labels=told,
        annotations={
            "summary": fields.summary,
            "description": plain_text(fields.description),
            "state": state,
        },
        starts_at=fields.created,
        ends_at=fields.resolved if over else None,
        link=f"https://{place['host']}{place['path']}/browse/{issue.key}",
    )


def _severity(fields: _Fields, told: dict[str, str]) -> Severity:
    said = fields.priority.name.casefold() if fields.priority else ""
    return SEVERITIES.get(said) or labels.severity(told)


def _told(issue: _Issue) -> Iterator[labels.Pair]:
    """Labels like service:shop are pairs; two components that differ are none."""
    yield "issue", issue.key
    yield "project", issue.fields.project.key
    yield "type", issue.fields.kind.name
    for one in issue.fields.components:
        yield "component", one.name
    for label in issue.fields.labels:
        if found := _LABEL.fullmatch(label):
            yield found[1], found[2]


def plain_text(description: JsonValue) -> str:
    """
    Reduce a description to its words: Jira writes wiki text, or the Atlassian document format.

    >>> plain_text({"type": "doc", "content": [{"type": "text", "text": "no answer"}]})
    'no answer'
    """
    if isinstance(description, str):
        return description[: sent.ANNOTATION].strip()
    parts: list[str] = []
    waiting: list[JsonValue] = [description]
    for _ in range(NODES):
        if not waiting:
            break
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        parts.append(_own_text(node))
        inside = node.get("content")
        if isinstance(inside, list):
            waiting.extend(inside[:NODES][::-1])
    lines = (line.strip() for line in "".join(parts)[: sent.ANNOTATION].splitlines())
    return "\n".join(line for line in lines if line)


def _own_text(node: dict[str, JsonValue]) -> str:
    attributes = node.get("attrs")
    held = attributes if isinstance(attributes, dict) else {}
    said = (node.get("text"), held.get("text"), held.get("url"))
    found = next((one for one in said if isinstance(one, str)), "")
    kind = node.get("type")
    return ("\n" if isinstance(kind, str) and kind in BLOCKS else "") + found


PLUGIN = Jira
