"""Alerts of Prometheus Alertmanager: its webhook, version 4."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import AwareDatetime, Field

from bot.clients.senders import Sender
from bot.core import labels, sent
from bot.core.alert import Alert, AlertStatus
from bot.core.errors import AlertRejected
from bot.core.labels import Annotations, Labels, Name
from bot.core.posted import Posted
from bot.core.sent import Sent

MOST = 1000
KIND = "Alertmanager's webhook version 4"


class _SentAlert(Sent):
    status: Literal["firing", "resolved"]
    labels: Labels
    annotations: Annotations
    starts_at: AwareDatetime = Field(alias="startsAt")
    ends_at: AwareDatetime = Field(alias="endsAt")
    generator_url: str = Field(default="", alias="generatorURL")
    fingerprint: Name


class _Message(Sent):
    version: Literal["4"]
    external_url: str = Field(default="", alias="externalURL")
    truncated_alerts: int = Field(default=0, ge=0, lt=2**63, alias="truncatedAlerts")
    alerts: list[_SentAlert] = Field(max_length=MOST)


class Alertmanager(Sender):
    """The receiver of `webhook_configs`; `http_config.authorization` carries the token."""

    name = "alertmanager"

    def parse(self, posted: Posted) -> list[Alert]:
        return list(_alerts(sent.read(_Message, posted.body, KIND)))


def _alerts(message: _Message) -> Iterator[Alert]:
    for place, one in enumerate(message.alerts):
        name = one.labels.get("alertname", "")
        if not (name.strip() and len(name) <= 200):
            raise AlertRejected(f"alerts.{place}.labels.alertname must be 1 to 200 characters")
        starts = labels.moment(one.starts_at)
        if starts is None:
            raise AlertRejected(f"alerts.{place}.startsAt is not a time of this century")
        annotations = dict(one.annotations)
        if message.truncated_alerts:
            annotations["truncated_alerts"] = (
                f"{message.truncated_alerts} more alerts of this group were not sent"
            )
        yield Alert(
            source=Alertmanager.name,
            name=name,
            fingerprint=one.fingerprint,
            status=AlertStatus(one.status),
            severity=labels.severity(one.labels),
            labels=one.labels,
            annotations=annotations,
            starts_at=starts,
            ends_at=labels.moment(one.ends_at),
            link=labels.link(one.generator_url) or labels.link(message.external_url),
            confidence=labels.confidence(one.labels),
        )


PLUGIN = Alertmanager
