"""Incidents of PagerDuty: its generic webhooks, version 3."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import AwareDatetime, Field, JsonValue

from bot.clients import senders
from bot.clients.pagerduty import SYSTEM
from bot.clients.proofs import Pairs
from bot.clients.senders import Sender, SignedSettings
from bot.core import labels, sent
from bot.core.alert import Alert, Severity
from bot.core.errors import AlertRejected
from bot.core.labels import Name, Pair
from bot.core.posted import Posted
from bot.core.sent import Sent
from bot.core.ticket import PAGED
from bot.sources._resources import typed

KIND = "PagerDuty's webhook version 3"
SIGNATURES, VERSION = "x-pagerduty-signature", "v1="
TRIGGERED, REOPENED, RESOLVED = "incident.triggered", "incident.reopened", "incident.resolved"
TAKEN = "incident.acknowledged"
READ = frozenset({TRIGGERED, REOPENED, RESOLVED})
"""What begins or ends an incident; whatever else becomes of it changes nothing here."""
RETRIED = timedelta(hours=49)
"""PagerDuty tries for two days; what is older was recorded and is played again."""
URGENCIES = {"high": Severity.CRITICAL, "low": Severity.WARNING}


class PagerdutyWebhookSettings(SignedSettings):
    """How PagerDuty proves to be it, and what its services are called here."""

    services: Pairs = Field(
        default=(),
        description="service/environment=PagerDuty's name or id of the service, with commas: "
        "api/production=API Service; the environment may be left out",
    )


class _Reference(Sent):
    id: str = ""
    summary: str | None = None
    name: str = ""

    @property
    def called(self) -> str:
        return (self.summary or self.name).strip()


class _About(Sent):
    details: JsonValue = None


class _Incident(Sent):
    id: Name
    title: str
    urgency: str | None = None
    html_url: str | None = None
    incident_key: str | None = None
    created_at: AwareDatetime | None = None
    reopened_at: AwareDatetime | None = None
    service: _Reference | None = None
    priority: _Reference | None = None
    custom_fields: JsonValue = None
    custom_details: JsonValue = None
    body: _About | None = None


class _Glimpse(Sent):
    id: str = Field(default="", max_length=200)
    event_type: str = ""
    occurred_at: AwareDatetime | None = None
    incident: JsonValue = None


class _Any(Sent):
    event: _Glimpse


class _Event(Sent):
    id: Name
    event_type: Name
    occurred_at: AwareDatetime
    data: _Incident


class _Message(Sent):
    event: _Event


class _Example(Sent):
    """As tutorials post it by hand: no version of PagerDuty does."""

    event_type: Name = TRIGGERED
    incident: _Incident


class _ByHand(Sent):
    event: _Example


class _Happened(NamedTuple):
    what: str
    incident: _Incident
    at: datetime


class PagerDuty(Sender):
    """A subscription that signs with `secret`, or has the token as a custom header."""

    name = SYSTEM
    config = PagerdutyWebhookSettings
    paths = ("/pagerduty/webhook",)

    def __init__(self, config: PagerdutyWebhookSettings, rig: object = None) -> None:
        super().__init__(config, rig)
        self._secrets = senders.live(config.secret)
        pairs = (pair.partition("=") for pair in config.services)
        self._services = {theirs.strip(): ours.strip() for ours, _, theirs in pairs}

    def unsigned(self, posted: Posted) -> str:
        if not self._secrets:
            return ""
        given = [one.strip() for one in posted.headers.get(SIGNATURES, "").split(",")]
        known = [one.removeprefix(VERSION) for one in given if one.startswith(VERSION)]
        if not senders.signed(posted.body, known, self._secrets):
            return "none of its signatures is made with a secret of this source"
        try:
            said = sent.read(_Any, posted.body, KIND).event.occurred_at
        except AlertRejected:
            return ""  # it is PagerDuty's, and `parse` says what is wrong with it
        return senders.stale(said, posted.at, RETRIED)

    def delivery(self, posted: Posted) -> str:
        return sent.read(_Any, posted.body, KIND).event.id

    def hints(self, posted: Posted) -> bool:
        glimpse = sent.read(_Any, posted.body, KIND).event
        return glimpse.event_type == TAKEN and glimpse.incident is None

    def parse(self, posted: Posted) -> list[Alert]:
        if (happened := _happened(posted)) is None:
            return []
        if (happened.incident.incident_key or "").startswith(PAGED):
            return []  # Heal's own page
        incident, said = happened.incident, self._said(happened.incident)
        over = happened.what == RESOLVED
        began = incident.created_at or happened.at
        if happened.what == REOPENED:
            began = incident.reopened_at or happened.at
        severity = URGENCIES.get(incident.urgency or "", Severity.WARNING)
        return [
            sent.alert(
                source=self.name,
                name=said.get("alertname") or incident.title,
                fingerprint=labels.named(SYSTEM, incident.id),
                firing=not over,
                severity=labels.severity(said) if "severity" in said else severity,
                labels=said,
                annotations=_annotations(incident),
                starts_at=began,
                ends_at=happened.at if over else None,
                link=incident.html_url or "",
                confidence=labels.confidence(said),
            )
        ]

    def _said(self, incident: _Incident) -> dict[str, str]:
        """Labels: custom fields, the service as it is called here, urgency and priority."""
        details = [*_details(incident)]
        said = labels.agreed([*details, *self._ours(incident.service, details)])
        priority = incident.priority.called if incident.priority else ""
        own = {"urgency": incident.urgency or "", "priority": priority}
        return said | typed(said) | {name: text for name, text in own.items() if text}

    def _ours(self, service: _Reference | None, details: list[Pair]) -> Iterator[Pair]:
        """What the setting calls it; else a field does, else it has PagerDuty's own name."""
        if service is None:
            return
        mapped = self._services.get(service.called) or self._services.get(service.id)
        if mapped:
            yield from zip(("service", "environment"), mapped.split("/", 1), strict=False)
        elif all(name.lower() != "service" for name, _ in details):
            yield "service", service.called


def _happened(posted: Posted) -> _Happened | None:
    """What became of which incident, and when; None for what neither begins nor ends one."""
    glimpse = sent.read(_Any, posted.body, KIND).event
    if glimpse.incident is not None:
        shown = sent.read(_ByHand, posted.body, KIND).event
        happened = _Happened(shown.event_type, shown.incident, glimpse.occurred_at or posted.at)
        return happened if shown.event_type in READ else None
    if glimpse.event_type and glimpse.event_type not in READ:
        return None
    event = sent.read(_Message, posted.body, KIND).event
    return _Happened(event.event_type, event.data, event.occurred_at)


def _details(incident: _Incident) -> Iterator[Pair]:
    """Every text that somebody wrote beside it: an object, or a list of names and values."""
    about = incident.body.details if incident.body else None
    for told in (incident.custom_fields, incident.custom_details, about):
        each = told if isinstance(told, list) else [told]
        for one in each:
            if isinstance(one, dict):
                listed = isinstance(told, list)
                pairs = [(one.get("name"), one.get("value"))] if listed else one.items()
                yield from ((k, v) for k, v in pairs if isinstance(k, str) and isinstance(v, str))


def _annotations(incident: _Incident) -> dict[str, str]:
    service = incident.service.called if incident.service else ""
    own = {"pagerduty_incident": incident.id, "pagerduty_service": service}
    return {"summary": incident.title, **own}


PLUGIN = PagerDuty
