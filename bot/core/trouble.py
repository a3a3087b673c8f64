"""Trouble: what alerts are taken together by, one service in one environment."""

from __future__ import annotations

from bot.core.alert import Alert


def of(alert: Alert) -> str:
    """Group by service and environment; an alert without a service stands for itself."""
    return named(alert.service, alert.environment, alert.fingerprint)


def named(service: str, environment: str, fingerprint: str) -> str:
    """
    Name one that is known by its labels alone.

    >>> named("shop", "production", "f1"), named("", "", "f1")
    ('production/shop', 'alert:f1')
    """
    return f"{environment}/{service}" if service else f"alert:{fingerprint}"
