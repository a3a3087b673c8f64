"""Sentry's addresses: an organization has a host of its own there, and an issue has two."""

from __future__ import annotations

CLOUD = "sentry.io"


def home(host: str) -> str:
    """
    Name the installation that a host is of: links of one issue lead to either.

    >>> home("acme.sentry.io"), home("sentry.io"), home("sentry.acme.example")
    ('sentry.io', 'sentry.io', 'sentry.acme.example')
    """
    return CLOUD if host.endswith(f".{CLOUD}") else host
