"""Alarms of Amazon CloudWatch, as Amazon SNS posts them over HTTPS, signed by SNS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import AfterValidator, AwareDatetime, Field, JsonValue, TypeAdapter

from bot.clients import senders, sns
from bot.clients.senders import Sender, WebhookSettings
from bot.clients.sns import Message, Sns
from bot.core import labels, sent
from bot.core.alert import Alert
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.core.sent import Sent
from bot.plugins import Words

AGE = timedelta(hours=1)
"""SNS says when it was published, and sends it again for up to an hour; each counts once."""
KIND = "a message of Amazon SNS"
ALARM = "an alarm of CloudWatch"
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]{0,20}):cloudwatch:(?P<region>[a-z0-9-]{1,30}):"
    r"(?P<account>\d{12}):alarm:(?P<name>.{1,255})",
    re.ASCII | re.DOTALL,
)
_OBJECT = TypeAdapter(dict[str, JsonValue])


def _topics(words: Sequence[str]) -> tuple[str, ...]:
    for word in words:
        if not sns.host(word):
            raise ValueError("one is not like arn:aws:sns:eu-west-1:123456789012:alarms")
    return tuple(words)


class CloudwatchSettings(WebhookSettings):
    """Of alarms that come by SNS."""

    topics: Annotated[Words, AfterValidator(_topics)] = Field(
        default=(),
        description="ARNs of the SNS topics that are believed, with commas; it is shut without one",
    )


class _Dimension(Sent):
    name: str = Field(max_length=300)
    value: str = Field(max_length=1100)


class _Trigger(Sent):
    metric: str = Field(default="", alias="MetricName", max_length=300)
    namespace: str = Field(default="", alias="Namespace", max_length=300)
    dimensions: list[_Dimension] = Field(default=[], alias="Dimensions", max_length=100)


class _Alarm(Sent):
    arn: str = Field(alias="AlarmArn", max_length=600)
    state: Literal["ALARM", "OK", "INSUFFICIENT_DATA"] = Field(alias="NewStateValue")
    before: str = Field(default="", alias="OldStateValue", max_length=40)
    reason: str = Field(default="", alias="NewStateReason")
    changed: AwareDatetime = Field(alias="StateChangeTime")
    description: str | None = Field(default=None, alias="AlarmDescription")
    trigger: _Trigger | None = Field(default=None, alias="Trigger")


class Cloudwatch(Sender):
    """Believes the signature of SNS, and of it only the topics that are listed."""

    name = "cloudwatch"
    config = CloudwatchSettings
    keys = ("topics",)

    def __init__(self, config: CloudwatchSettings, rig: Any = None) -> None:
        super().__init__(config, rig)
        self._topics = frozenset(config.topics)
        self._sns = Sns(rig) if config.topics else None

    @cached_property
    def locks(self) -> tuple[str, ...]:
        return self.keys if self._topics else ()

    async def authentic(self, posted: Posted) -> str:
        """Ask for the other proofs that are set, the topic, the time and SNS's signature."""
        if why := await super().authentic(posted):
            return why
        try:
            message = _message(posted)
        except AlertRejected:
            raw = "x-amz-sns-rawdelivery" in posted.headers
            said = ": turn off raw message delivery, which has no signature" if raw else ""
            return f"it is not {KIND}{said}"
        if self._sns is None or message.topic not in self._topics:
            return "its topic is not one of HEAL_CLOUDWATCH_WEBHOOK_TOPICS"
        stale = senders.stale(sns.at(message), posted.at, AGE)
        return stale or await self._sns.unsigned(message, posted.at)

    async def greeted(self, posted: Posted) -> str:
        """Confirm a subscription of a listed topic; `authentic` came before."""
        message = _message(posted)
        if message.kind == "Notification" or self._sns is None:
            return ""
        if message.kind == "UnsubscribeConfirmation":
            return f"{message.topic} was unsubscribed: no alarm of it comes any more"
        await self._sns.confirm(message)
        return f"the subscription to {message.topic} is confirmed"

    def delivery(self, posted: Posted) -> str:
        return _message(posted).id

    def parse(self, posted: Posted) -> list[Alert]:
        message = _message(posted)
        if message.kind != "Notification":
            raise AlertRejected(f"'Type': it is not {ALARM}, but a {message.kind}")
        alarm = sent.read(_Alarm, message.text, f"{ALARM} in 'Message'")
        own = _ARN.fullmatch(alarm.arn)
        if own is None:
            raise AlertRejected(f"'AlarmArn' in 'Message' is no ARN: it is not {ALARM}")
        if alarm.state == "INSUFFICIENT_DATA":
            return []  # what is not seen is neither broken nor healthy
        return [_alert(alarm, own)]


def _message(posted: Posted) -> Message:
    return sent.read(Message, posted.body, KIND)


def _alert(alarm: _Alarm, own: re.Match[str]) -> Alert:
    told = {**labels.agreed(_told(alarm)), **_own(own)}
    over = alarm.state == "OK"
    summary = alarm.reason[: sent.LABEL] or f"{own['name']} is {alarm.state}"
    return sent.alert(
        source=Cloudwatch.name,
        name=own["name"],
        fingerprint=labels.named("cloudwatch", own["account"], own["region"], own["name"]),
        firing=not over,
        severity=labels.severity(told),
        labels=told,
        annotations={"summary": summary, "description": alarm.description or ""},
        starts_at=alarm.changed,
        ends_at=alarm.changed if over else None,
        link=_page(own),
    )


def _told(alarm: _Alarm) -> Iterator[labels.Pair]:
    """What the dimensions say, and the description where it is a JSON object."""
    trigger = alarm.trigger or _Trigger()
    yield "metric", trigger.metric
    yield "metric_namespace", trigger.namespace
    yield from ((one.name, one.value) for one in trigger.dimensions)
    for name, value in _described(alarm.description or "").items():
        if isinstance(value, str):
            yield name[: sent.NAME], value


def _described(text: str) -> Mapping[str, JsonValue]:
    try:
        return _OBJECT.validate_json(text)
    except ValueError:
        return {}


def _own(own: re.Match[str]) -> dict[str, str]:
    return {"alarm": own["name"], "region": own["region"], "account": own["account"]}


def _page(own: re.Match[str]) -> str:
    """The alarm's page in the console, in the partition that all have."""
    if own["partition"] != "aws":
        return ""
    place = f"https://{own['region']}.console.aws.amazon.com/cloudwatch/home"
    return f"{place}?region={own['region']}#alarmsV2:alarm/{quote(own['name'], safe='')}"


PLUGIN = Cloudwatch
