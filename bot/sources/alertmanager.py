"""Alerts of Prometheus Alertmanager: its webhook, version 4, with a bearer token."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.core import labels, spelling
from bot.core.alert import Alert, AlertStatus
from bot.core.errors import AlertRejected, ConfigurationError
from bot.core.labels import Annotations, Labels, Name

SOURCE = "alertmanager"
MOST = 1000


class _Sent(BaseModel):
    """What Alertmanager writes; whatever a later version adds is passed over."""

    model_config = ConfigDict(strict=True, extra="ignore")


class _SentAlert(_Sent):
    status: Literal["firing", "resolved"]
    labels: Labels
    annotations: Annotations
    starts_at: AwareDatetime = Field(alias="startsAt")
    ends_at: AwareDatetime = Field(alias="endsAt")
    generator_url: str = Field(default="", alias="generatorURL")
    fingerprint: Name


class _Message(_Sent):
    version: Literal["4"]
    external_url: str = Field(default="", alias="externalURL")
    truncated_alerts: int = Field(default=0, ge=0, lt=2**63, alias="truncatedAlerts")
    alerts: list[_SentAlert] = Field(max_length=MOST)


class AlertmanagerSource:
    """The receiver of `webhook_configs`; `http_config.authorization` carries the secret."""

    def authentic(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """
        Compare the bearer token with every live secret, in the same time whichever it is.

        Several secrets, separated by commas, are all good while one replaces another. An empty
        secret is a ConfigurationError: it would let everybody in.
        """
        live = [each.strip() for each in secret.split(",") if each.strip()]
        if not live:
            raise ConfigurationError(
                "HEAL_ALERTMANAGER_TOKEN is empty: set it, and write the same under "
                "http_config.authorization.credentials in Alertmanager's receiver"
            )
        given = next((value for name, value in headers.items() if _is_ours(name)), "")
        scheme, _, token = given.partition(" ")
        matches = [hmac.compare_digest(_octets(token.strip()), _octets(each)) for each in live]
        return scheme.lower() == "bearer" and any(matches)

    def parse(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Alert]:
        try:
            message = _Message.model_validate_json(body)
        except ValidationError as error:
            raise _rejected(error) from None
        return list(_alerts(message))


def _alerts(message: _Message) -> Iterator[Alert]:
    for place, sent in enumerate(message.alerts):
        name = sent.labels.get("alertname", "")
        if not 0 < len(name) <= 200:
            raise AlertRejected(f"alerts.{place}.labels.alertname must be 1 to 200 characters")
        starts = labels.moment(sent.starts_at)
        if starts is None:
            raise AlertRejected(f"alerts.{place}.startsAt is not a time of this century")
        annotations = dict(sent.annotations)
        if message.truncated_alerts:
            annotations["truncated_alerts"] = (
                f"{message.truncated_alerts} more alerts of this group were not sent"
            )
        yield Alert(
            source=SOURCE,
            name=name,
            fingerprint=sent.fingerprint,
            status=AlertStatus(sent.status),
            severity=labels.severity(sent.labels),
            labels=sent.labels,
            annotations=annotations,
            starts_at=starts,
            ends_at=labels.moment(sent.ends_at),
            link=labels.link(sent.generator_url) or labels.link(message.external_url),
            confidence=labels.confidence(sent.labels),
        )


def _rejected(error: ValidationError) -> AlertRejected:
    """Name the first thing that is wrong; what was sent is not repeated, only where it stood."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(each) for each in first["loc"])
    if first["type"] == "json_invalid" or not place:
        return AlertRejected("the body is not JSON that Alertmanager sends")
    too_many = first["type"] == "too_long" and place == "alerts"
    return AlertRejected(
        f"{spelling.quoted(place)}: {first['msg']}: it is not Alertmanager's webhook version 4",
        status=413 if too_many else 400,
    )


def _is_ours(header: str) -> bool:
    return header.lower() == "authorization"


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


PLUGIN = AlertmanagerSource()
