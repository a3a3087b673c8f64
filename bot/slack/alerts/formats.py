"""The formats that are understood, in the order in which they are tried: one file each; pure."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from pydantic import JsonValue, ValidationError

from bot.slack.alerts import (
    alertmanager,
    amazon_q,
    datadog,
    dynatrace,
    grafana,
    opsgenie,
    pagerduty,
    said,
    sentry,
    zabbix,
)
from bot.slack.alerts.told import Told

FORMATS = {
    "zabbix": zabbix.read,
    "opsgenie": opsgenie.read,
    "datadog": datadog.read,
    "pagerduty": pagerduty.read,
    "sentry": sentry.read,
    "amazon_q": amazon_q.read,
    "dynatrace": dynatrace.read,
    "grafana": grafana.read,
    "alertmanager": alertmanager.read,
}
"""The more particular first: Grafana begins as Alertmanager does, and has a footer of its own."""


def read(message: Mapping[str, JsonValue]) -> Told | None:
    """Read the alerts that a message speaks of; None when it is no alert's message."""
    return which(message)[1]


def which(message: Mapping[str, JsonValue]) -> tuple[str, Told | None]:
    """
    The name of the format that reads it, and what it tells; an empty name when none does.

    What no alert can hold, such as half a sign, is read by none.
    """
    parts = said.parts(message)
    for name, reader in FORMATS.items():
        with suppress(ValidationError):
            if (told := reader(parts)) is not None:
                return name, told
    return "", None
