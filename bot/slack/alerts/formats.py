"""The formats that are understood, in the order in which they are tried: one file each; pure."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from bot.slack.alerts import alertmanager, grafana, said
from bot.slack.alerts.told import Told

FORMATS = (grafana.read, alertmanager.read)
"""The more particular first: Grafana begins as Alertmanager does, and has a footer of its own."""


def read(message: Mapping[str, JsonValue]) -> Told | None:
    """Read the alerts that a message speaks of; None when it is no alert's message."""
    parts = said.parts(message)
    return next((told for reader in FORMATS if (told := reader(parts)) is not None), None)
