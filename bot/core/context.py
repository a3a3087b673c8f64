"""What every expression may speak of: the alert and the service, under their own field names."""

from __future__ import annotations

from bot.core.alert import Alert
from bot.core.catalogue import Service
from bot.core.references import Names
from bot.core.values import Facts

NAMES: Names = {
    "alert": frozenset(Alert.model_fields),
    "service": frozenset(Service.model_fields),
}
"""The names that are there when an alert is matched; later come params and the evidence."""


def of(alert: Alert, service: Service) -> Facts:
    """Write both down as JSON; times are text, for CEL's timestamp() to read."""
    return {"alert": alert.model_dump(mode="json"), "service": service.model_dump(mode="json")}
