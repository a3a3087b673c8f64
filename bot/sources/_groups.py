"""Groups of alerts in Alertmanager's format, which others took over and added to."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from bot.core import labels
from bot.core.alert import Alert, AlertStatus
from bot.core.errors import AlertRejected
from bot.core.labels import Annotations, Labels, Name
from bot.core.sent import Sent

MOST = 1000
"""Alerts in one message at most."""


class Member(Sent):
    """One alert of a group; its fingerprint is the hash of its labels, the same when it is over."""

    status: Literal["firing", "resolved"]
    labels: Labels
    annotations: Annotations
    starts_at: AwareDatetime = Field(alias="startsAt")
    ends_at: AwareDatetime = Field(alias="endsAt")
    generator_url: str = Field(default="", alias="generatorURL")
    fingerprint: Name


class Group(Sent):
    """What is said of all; each format lists its own members as `alerts`."""

    external_url: str = Field(default="", alias="externalURL")
    truncated_alerts: int = Field(default=0, ge=0, lt=2**63, alias="truncatedAlerts")


def alert(source: str, place: int, one: Member, group: Group) -> Alert:
    """Make an alert of the member at this place; AlertRejected when it has no name or no start."""
    name = one.labels.get("alertname", "")
    if not 0 < len(name) <= 200:
        raise AlertRejected(f"alerts.{place}.labels.alertname must be 1 to 200 characters")
    starts = labels.moment(one.starts_at)
    if starts is None:
        raise AlertRejected(f"alerts.{place}.startsAt is not a time of this century")
    annotations = dict(one.annotations)
    if group.truncated_alerts:
        annotations["truncated_alerts"] = (
            f"{group.truncated_alerts} more alerts of this group were not sent"
        )
    return Alert(
        source=source,
        name=name,
        fingerprint=one.fingerprint,
        status=AlertStatus(one.status),
        severity=labels.severity(one.labels),
        labels=one.labels,
        annotations=annotations,
        starts_at=starts,
        ends_at=labels.moment(one.ends_at),
        link=labels.link(one.generator_url) or labels.link(group.external_url),
        confidence=labels.confidence(one.labels),
    )
