"""Incidents of ServiceNow, posted by the business rule that docs/alerts.md shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from bot.clients import senders
from bot.clients.senders import Sender, SignedSettings
from bot.core import labels, sent
from bot.core.alert import Alert, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.core.sent import Sent
from bot.core.ticket import DISPLAY

KIND = "an incident of ServiceNow"
SIGNATURE = "x-heal-signature"
OVER = {
    **dict.fromkeys(("1", "new", "2", "in progress", "3", "on hold"), False),
    **dict.fromkeys(("6", "resolved", "7", "closed", "8", "canceled", "cancelled"), True),
}
"""States by number and by name; an incident that was canceled is nobody's trouble any more."""
SEVERITIES = {
    **dict.fromkeys(("1", "2"), Severity.CRITICAL),
    "3": Severity.WARNING,
    **dict.fromkeys(("4", "5"), Severity.INFO),
}
"""By priority: critical, high, moderate, low, planning."""
TOLD = ("number", "priority", "urgency", "impact", "cmdb_ci", "business_service",
        "assignment_group")  # fmt: skip
OWN = "u_"
"""What the names of an installation's own columns begin with."""


class _Field(Sent):
    """A column as the Table API shows it with sysparm_display_value=all."""

    value: str | None = Field(default=None, max_length=sent.ANNOTATION)
    shown: str | None = Field(default=None, alias="display_value", max_length=sent.ANNOTATION)


class _Incident(Sent):
    """Every column is a text, or both of its texts; a column that is missing was empty."""

    sys_id: str | _Field
    number: str | _Field
    state: str | _Field
    short_description: str | _Field
    opened_at: str | _Field
    description: str | _Field | None = None
    priority: str | _Field | None = None
    urgency: str | _Field | None = None
    impact: str | _Field | None = None
    cmdb_ci: str | _Field | None = None
    business_service: str | _Field | None = None
    assignment_group: str | _Field | None = None
    resolved_at: str | _Field | None = None
    closed_at: str | _Field | None = None
    sys_mod_count: str | _Field | None = None
    correlation_display: str | _Field | None = None
    link: str = Field(default="", max_length=2000)
    own: dict[str, str | _Field | None] = Field(default={}, max_length=100)


class Servicenow(Sender):
    """A bearer token, a user, or an HMAC in base64 as ServiceNow's scripts can make it."""

    name = "servicenow"
    config = SignedSettings

    def __init__(self, config: SignedSettings, rig: Any = None) -> None:
        super().__init__(config, rig)
        self._secrets = [one.encode() for one in senders.live(config.secret)]

    def unsigned(self, posted: Posted) -> str:
        if not self._secrets:
            return ""
        given = posted.headers.get(SIGNATURE, "")
        right = senders.signed_in_64(posted.body, [given], self._secrets)
        return "" if right else "its signature is missing or wrong"

    def delivery(self, posted: Posted) -> str:
        """Name the version of the record: the rule runs once for each."""
        incident = sent.read(_Incident, posted.body, KIND)
        version = _value(incident.sys_mod_count)
        return f"{_value(incident.sys_id)}/{version}" if version else ""

    def parse(self, posted: Posted) -> list[Alert]:
        incident = sent.read(_Incident, posted.body, KIND)
        if not _value(incident.sys_id):
            raise AlertRejected(f"'sys_id' is empty: it is not {KIND}")
        if _value(incident.correlation_display) == DISPLAY:
            return []  # Heal opened it for an incident of its own
        over = _over(incident.state)
        told = labels.agreed(_told(incident))
        ended = _moment(incident.resolved_at) or _moment(incident.closed_at)
        return [
            sent.alert(
                source=self.name,
                name=told.get("alertname") or _value(incident.short_description),
                fingerprint=labels.named("servicenow", _value(incident.sys_id)),
                firing=not over,
                severity=_severity(incident),
                labels=told,
                annotations={
                    "summary": _value(incident.short_description),
                    "description": _value(incident.description),
                },
                starts_at=_opened(incident.opened_at),
                ends_at=ended if over else None,
                link=incident.link,
            )
        ]


def _value(field: str | _Field | None) -> str:
    """What is stored; empty for nothing."""
    found = field.value if isinstance(field, _Field) else field
    return (found or "").strip()


def _shown(field: str | _Field | None) -> str:
    """What people see: a reference is stored as an id."""
    found = field.shown if isinstance(field, _Field) else field
    return (found or "").strip() or _value(field)


def _over(state: str | _Field) -> bool:
    """By number or name, whichever is known; AlertRejected when none is, or they differ."""
    said = {OVER.get(text.lower()) for text in (_value(state), _shown(state))} - {None}
    if len(said) != 1:
        raise AlertRejected(f"'state' is no state of an incident that is known: it is not {KIND}")
    return said == {True}


def _severity(incident: _Incident) -> Severity:
    return SEVERITIES.get(_value(incident.priority)[:1], Severity.WARNING)


def _told(incident: _Incident) -> Iterator[labels.Pair]:
    for name in TOLD:
        yield name, _shown(getattr(incident, name))
    for name, field in incident.own.items():
        yield name.removeprefix(OWN), _shown(field)


def _moment(field: str | _Field | None) -> datetime | None:
    """ServiceNow stores times in UTC, without saying so."""
    try:
        return datetime.strptime(_value(field), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _opened(field: str | _Field) -> datetime:
    if (found := _moment(field)) is None:
        raise AlertRejected(f"'opened_at' is not like 2026-11-21 03:00:00: it is not {KIND}")
    return found


PLUGIN = Servicenow
