"""Events of Amazon EventBridge, by an API destination: alarms of CloudWatch, and AWS Health."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue, TypeAdapter, ValidationError

from bot.clients.senders import Sender
from bot.core import labels, sent
from bot.core.alert import Alert, Severity
from bot.core.errors import AlertRejected
from bot.core.labels import Name, Pair
from bot.core.posted import Posted
from bot.core.sent import Sent

KIND = "an event of EventBridge"
ALARM, HEALTH, ABUSE = (
    "CloudWatch Alarm State Change",
    "AWS Health Event",
    "AWS Health Abuse Event",
)
CATEGORIES = {"issue": Severity.WARNING, "investigation": Severity.WARNING}
"""How bad AWS Health is: what it only announces, or has planned, is for information."""
_SAID = TypeAdapter(dict[str, JsonValue])


class _Event(Sent):
    id: str = Field(min_length=1)
    kind: Name = Field(alias="detail-type")
    source: str
    account: str = Field(min_length=1, max_length=40)
    region: str = Field(max_length=40)
    time: AwareDatetime


class _Metric(Sent):
    dimensions: dict[str, str] = {}
    name: str = ""
    namespace: str = ""


class _Stat(Sent):
    metric: _Metric = _Metric()


class _Measured(Sent):
    stat: _Stat = Field(default=_Stat(), alias="metricStat")


class _Configuration(Sent):
    description: str = ""
    metrics: list[_Measured] = Field(default=[], max_length=100)


class _State(Sent):
    value: Literal["ALARM", "OK", "INSUFFICIENT_DATA"]
    reason: str = ""


class _Alarm(Sent):
    name: Name = Field(alias="alarmName")
    state: _State
    configuration: _Configuration = _Configuration()


class _AlarmEvent(_Event):
    source: Literal["aws.cloudwatch"]
    detail: _Alarm


class _Words(Sent):
    text: str = Field(default="", alias="latestDescription")


class _Entity(Sent):
    value: str = Field(default="", alias="entityValue")
    tags: dict[str, str] = {}


class _Health(Sent):
    arn: str = Field(alias="eventArn", min_length=1)
    code: Name = Field(alias="eventTypeCode")
    category: str = Field(default="", alias="eventTypeCategory")
    status: Literal["open", "closed", "upcoming"] = Field(default="open", alias="statusCode")
    aws_service: str = Field(default="", alias="service")
    region: str = Field(default="", alias="eventRegion")
    account: str = Field(default="", alias="affectedAccount")
    began: str = Field(default="", alias="startTime", max_length=60)
    said: list[_Words] = Field(default=[], alias="eventDescription", max_length=100)
    entities: list[_Entity] = Field(default=[], alias="affectedEntities", max_length=1000)


class _HealthEvent(_Event):
    source: Literal["aws.health"]
    detail: _Health


class Eventbridge(Sender):
    """An API destination with a connection of the kind API key or basic; each event by itself."""

    name = "eventbridge"

    def delivery(self, posted: Posted) -> str:
        return sent.read(_Event, posted.body, KIND).id

    def parse(self, posted: Posted) -> list[Alert]:
        kind = sent.read(_Event, posted.body, KIND).kind
        if kind == ALARM:
            event = sent.read(_AlarmEvent, posted.body, KIND)
            unseen = event.detail.state.value == "INSUFFICIENT_DATA"
            return [] if unseen else [_of_alarm(event)]
        if kind in {HEALTH, ABUSE}:
            return [_of_health(sent.read(_HealthEvent, posted.body, KIND))]
        raise AlertRejected(f"'detail-type' is none of {ALARM}, {HEALTH} and {ABUSE}")


def _of_alarm(event: _AlarmEvent) -> Alert:
    alarm, over = event.detail, event.detail.state.value == "OK"
    told = labels.agreed(_told(alarm.configuration))
    return sent.alert(
        source=Eventbridge.name,
        name=alarm.name,
        fingerprint=labels.named(Eventbridge.name, ALARM, event.account, event.region, alarm.name),
        firing=not over,
        severity=labels.severity(told),
        labels={**told, "account": event.account, "region": event.region},
        annotations={
            "summary": alarm.state.reason[: sent.LABEL] or f"{alarm.name} is {alarm.state.value}",
            "description": alarm.configuration.description,
        },
        starts_at=event.time,
        ends_at=event.time if over else None,
    )


def _told(configured: _Configuration) -> Iterator[Pair]:
    """What its description says when that is a JSON object, and what it measures."""
    try:
        said: Mapping[str, JsonValue] = _SAID.validate_json(configured.description)
    except ValidationError:
        said = {}
    yield from ((name, text) for name, text in said.items() if isinstance(text, str))
    for one in configured.metrics:
        metric = one.stat.metric
        yield from metric.dimensions.items()
        yield from (("metric", metric.name), ("metric_namespace", metric.namespace))


def _of_health(event: _HealthEvent) -> Alert:
    health, over = event.detail, event.detail.status == "closed"
    account = health.account or event.account
    tags = [pair for entity in health.entities for pair in entity.tags.items()]
    own = {
        "account": account,
        "region": health.region or event.region,
        "aws_service": health.aws_service,
        "category": health.category,
        "resource": health.entities[0].value if len(health.entities) == 1 else "",
    }
    text = health.said[0].text if health.said else ""
    return sent.alert(
        source=Eventbridge.name,
        name=health.code,
        fingerprint=labels.named(Eventbridge.name, HEALTH, account, health.arn),
        firing=not over,
        severity=CATEGORIES.get(health.category, Severity.INFO),
        labels={**labels.agreed(tags), **own},
        annotations={"summary": text[: sent.LABEL] or health.code, "description": text},
        starts_at=_began(health.began) or event.time,
        ends_at=event.time if over else None,
    )


def _began(said: str) -> datetime | None:
    """Read a time as AWS Health writes it, like `Fri, 27 Jan 2023 06:02:51 GMT`."""
    try:
        found = parsedate_to_datetime(said)
        return labels.moment(found) if found.tzinfo else None
    except (ValueError, TypeError, OverflowError):
        return None


PLUGIN = Eventbridge
