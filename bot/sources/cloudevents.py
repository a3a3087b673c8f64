"""
Alerts as CloudEvents 1.0 over HTTP: structured, in batches, or binary with `ce-` headers.

CloudEvents say how an event is wrapped, not what is in it: `data` has to be an alert as it is
described in docs/alerts.md, and what is none is refused.
"""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import unquote

from pydantic import AwareDatetime, Field, RootModel, ValidationError

from bot.clients.senders import Sender
from bot.core import labels, sent, values
from bot.core.alert import Alert
from bot.core.errors import AlertRejected
from bot.core.labels import Annotations, Labels, Name
from bot.core.posted import Posted
from bot.core.sent import Sent

KIND = "a CloudEvent 1.0 with an alert as its data"
MOST = 1000
STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time")


class _Trouble(Sent):
    """What `data` holds."""

    status: Literal["firing", "resolved"]
    alertname: str = ""
    fingerprint: str = ""
    severity: str = ""
    summary: str = ""
    labels: Labels = {}
    annotations: Annotations = {}
    starts_at: AwareDatetime | None = Field(default=None, alias="startsAt")
    ends_at: AwareDatetime | None = Field(default=None, alias="endsAt")
    link: str = ""


class _Wrapping(Sent):
    """What CloudEvents add to it: `source` and `id` together name one event."""

    specversion: Literal["1.0"]
    id: str = Field(min_length=1)
    source: str = Field(min_length=1)
    type: Name
    subject: str = ""
    time: AwareDatetime | None = None


class _Event(_Wrapping):
    data: _Trouble


class _Events(RootModel[Annotated[list[_Event], Field(max_length=MOST)]]):
    pass


class Cloudevents(Sender):
    """Any sender that speaks CloudEvents: a token proves who it is."""

    name = "cloudevents"
    reads = frozenset({"content-type", *(f"ce-{name}" for name in ATTRIBUTES)})

    def delivery(self, posted: Posted) -> str:
        events = _events(posted)
        return values.digest([[one.source, one.id] for one in events]) if events else ""

    def parse(self, posted: Posted) -> list[Alert]:
        return [_alert(event, posted) for event in _events(posted)]


def _events(posted: Posted) -> list[_Event]:
    """Take it out of its wrapping, of which the headers say which one it is."""
    media = posted.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == BATCH:
        return sent.read(_Events, posted.body, KIND).root
    if media == STRUCTURED:
        return [sent.read(_Event, posted.body, KIND)]
    if "ce-specversion" not in posted.headers:
        raise AlertRejected(
            f"it says neither Content-Type: {STRUCTURED} nor ce-specversion: it is not {KIND}"
        )
    told = {name: unquote(posted.headers.get(f"ce-{name}", "")) for name in ATTRIBUTES}
    given = {name: text for name, text in told.items() if text}
    try:
        around = _Wrapping.model_validate_json(values.canonical({**given}))
    except ValidationError as error:
        raise sent.rejected(error, f"{KIND}, in its ce- headers") from None
    data = sent.read(_Trouble, posted.body, KIND)
    return [
        _Event.model_construct(**{name: getattr(around, name) for name in ATTRIBUTES}, data=data)
    ]


def _alert(event: _Event, posted: Posted) -> Alert:
    data, at = event.data, event.time or posted.at
    over = data.status == "resolved"
    name = data.alertname or data.labels.get("alertname", "") or event.type
    known = data.fingerprint or labels.fingerprint(data.labels)
    severity = data.severity or data.labels.get("severity", "")
    return sent.alert(
        source=Cloudevents.name,
        name=name,
        fingerprint=labels.named(Cloudevents.name, event.source, event.subject, name, known),
        firing=not over,
        severity=labels.severity({"severity": severity}),
        labels=data.labels,
        annotations={"summary": data.summary, **data.annotations},
        starts_at=data.starts_at or at,
        ends_at=(data.ends_at or at) if over else None,
        link=data.link,
        confidence=labels.confidence(data.labels),
    )


PLUGIN = Cloudevents
