"""
Events of FlexGate, a gateway that judges its own traffic: what it sees wrong, and that it is over.

The event's type is the alert's name. What `data` and `context` say becomes labels, by which
runbooks choose; nothing of `ai_metadata` is read, for advice of a model decides nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, get_args

from pydantic import AliasChoices, AwareDatetime, BeforeValidator, Field, JsonValue, RootModel

from bot.clients import senders
from bot.clients.senders import Sender, SignedSettings
from bot.core import labels, sent, spelling, values
from bot.core.alert import Alert
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.core.sent import Sent

KIND = "an event of FlexGate, or a list of them"
MOST = 100
"""Events of one message: each that something is over may end alerts of every kind."""
Trouble = Literal[
    "CIRCUIT_BREAKER_CANDIDATE",
    "RATE_LIMIT_BREACH",
    "LATENCY_ANOMALY",
    "ERROR_RATE_SPIKE",
    "COST_ALERT",
    "RETRY_STORM",
    "UPSTREAM_DEGRADATION",
    "SECURITY_ANOMALY",
    "CAPACITY_WARNING",
]
RECOVERY = "RECOVERY_SIGNAL"
ALSO = {
    "error_rate": ("errorRate", "error_rate_percent"),
    "utilization": ("utilisation", "memory_utilization", "memory_utilization_percent"),
    "cause": ("resourceType", "resource_type"),
    "category": ("errorCategory", "error_category", "trafficType", "traffic_type"),
    "client": ("client_id", "clientId"),
    "backup_service": ("backupService",),
    "event_type": ("eventType",),
}
"""What runbooks call it, and what events call it; its own name stands before the others."""
IDENTITY = ("service", "environment", "upstream", "route", "client", "cause")
LARGEST = 10**18
"""What is no such number either way is none: not finite, or longer than anybody measures."""
_AnyCase = BeforeValidator(lambda said: said.lower() if isinstance(said, str) else said)
_Told = dict[str, JsonValue]


class _Event(Sent):
    type: Literal[Trouble, "RECOVERY_SIGNAL"] = Field(
        validation_alias=AliasChoices("event_type", "eventType", "type")
    )
    id: str = Field(default="", validation_alias=AliasChoices("event_id", "eventId", "id"))
    timestamp: AwareDatetime | None = None
    severity: Annotated[Literal["info", "warning", "critical"], _AnyCase]
    confidence: JsonValue = None
    summary: str = ""
    description: str = ""
    service: str = ""
    environment: str = ""
    data: _Told = {}
    context: _Told = {}


class _Events(RootModel[Annotated[list[_Event], Field(max_length=MOST)]]):
    pass


class Flexgate(Sender):
    """Signs as FlexGate's webhooks do; the time that is signed with it is the event's own."""

    name = "flexgate"
    config = SignedSettings
    settings: SignedSettings

    def unsigned(self, posted: Posted) -> str:
        secrets = senders.live(self.settings.secret)
        if not secrets:
            return ""
        given = posted.headers.get("x-webhook-signature", "").removeprefix("sha256=")
        if not senders.signed(posted.body, [given], secrets):
            return "it is not signed with the secret of this source"
        times = [event.timestamp for event in _events(posted.body) if event.timestamp]
        return senders.stale(max(times, default=None), posted.at)

    def delivery(self, posted: Posted) -> str:
        """By the ids of its events, unless one of them has none."""
        events = _events(posted.body)
        if not events or not all(event.id for event in events):
            return ""
        return values.digest([[one.type, one.id, str(one.timestamp)] for one in events])

    def parse(self, posted: Posted) -> list[Alert]:
        return [alert for event in _events(posted.body) for alert in _alerts(event, posted)]


def _events(body: bytes) -> list[_Event]:
    if body.lstrip()[:1] == b"[":
        return sent.read(_Events, body, KIND).root
    return [sent.read(_Event, body, KIND)]


def _alerts(event: _Event, posted: Posted) -> Iterator[Alert]:
    told = _told(event)
    if event.type == RECOVERY and told.get("source") == "heal":
        return  # our own word that came back: what Heal thinks ends no alert of the gateway
    for name in _recovered(told) if event.type == RECOVERY else (event.type,):
        own = [name, *(told.get(one, "") for one in IDENTITY)]
        at = event.timestamp or posted.at
        yield sent.alert(
            source=Flexgate.name,
            name=name,
            fingerprint=labels.named(Flexgate.name, *own),
            firing=event.type != RECOVERY,
            severity=labels.severity({"severity": event.severity}),
            labels=told,
            annotations={
                "summary": event.summary or event.description,
                "description": event.description,
                "event_id": event.id,
            },
            starts_at=at,
            ends_at=at if event.type == RECOVERY else None,
            confidence=_confidence(event.confidence),
        )


def _recovered(told: Mapping[str, str]) -> tuple[str, ...]:
    """What is over: the type that it names, else whatever was wrong in the same place."""
    named = told.get("recovers") or told.get("event_type") or ""
    if named and named not in get_args(Trouble):
        raise AlertRejected(f"'recovers' is not one of {', '.join(get_args(Trouble))}")
    return (named,) if named else get_args(Trouble)


def _told(event: _Event) -> dict[str, str]:
    """What it says, as labels; of two words for one thing that in `data` stands."""
    said: dict[str, str] = {}
    whose = [("service", event.service), ("environment", event.environment)]
    for place, part in (("data", event.data), ("context", event.context)):
        for name, value in part.items():
            text = _text(value, f"{place}.{name}")
            if name.lower() in labels.OURS:
                whose.append((name, text))
            elif text:
                said.setdefault(name, text)
    if (metric := said.get("metric")) and metric.lower() not in labels.OURS:
        said.setdefault(metric, said.get("current_value", ""))
    for ours, others in ALSO.items():
        said.setdefault(ours, next((said[one] for one in others if said.get(one)), ""))
    first = {one: said.pop(one) for one in IDENTITY if said.get(one)}
    return {**labels.agreed(whose), **first, **{name: text for name, text in said.items() if text}}


def _text(value: JsonValue, place: str) -> str:
    """Write what is one word or number; what holds more is left to whoever reads the event."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, int | float):
        return ""
    if not -LARGEST < value < LARGEST:
        raise AlertRejected(f"{spelling.quoted(place)} is not a number that can be compared")
    return str(value)


def _confidence(said: JsonValue) -> float:
    """What is not said, or is no share, is none at all: a person decides."""
    if isinstance(said, bool) or not isinstance(said, int | float):
        return 0.0
    return float(said) if 0 <= said <= 1 else 0.0


PLUGIN = Flexgate
