"""What a gateway is told when its service was verified healed: a RECOVERY_SIGNAL of ours."""

from __future__ import annotations

from bot.core import redaction
from bot.core.alert import Alert
from bot.core.incident import Incident
from bot.core.telling import record
from bot.core.values import Facts

HEAL = "heal"
"""Who says so: a signal that comes back to Heal is known by it, and ends no alert."""
PLACE = ("upstream", "route", "client", "cause")
"""What a gateway says of the place of a trouble, beside its service and environment."""


def mark(incident: Incident) -> str:
    """What the signal is known by: the same whenever it is sent."""
    return f"recovery-{incident.id}"


def recovered(incident: Incident) -> Facts:
    """The event, with what its receiver needs to join it to its own; empty unless verified."""
    said = record.signal(incident)
    if not said:
        return {}
    alert = incident.opened.alert
    told: Facts = {
        "id": mark(incident),
        "type": said["event"],
        "timestamp": said["timestamp"],
        "severity": "INFO",
        "confidence": 1.0,
        "summary": f"Recovery successful for plan {incident.run}",
        "data": {
            "metric": "recovery_status",
            "current_value": said["value"],
            "threshold": said["threshold"],
            "window": said["window"],
            "trend": "STABLE",
            "unit": said["unit"],
        },
        "context": {
            "source": HEAL,
            "incident_id": incident.id,
            "plan_id": incident.run,
            "service": incident.service,
            "environment": incident.environment,
            **(_of(alert) if alert else {}),
        },
    }
    return redaction.of_facts(told)


def _of(alert: Alert) -> Facts:
    """Which event of the gateway it was, and where."""
    event = alert.annotations.get("event_id", "")
    told = {"recovers": alert.name, "recovered_event_id": event}
    told |= {name: alert.labels.get(name, "") for name in PLACE}
    return {name: text for name, text in told.items() if text}
