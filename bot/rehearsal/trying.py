"""Trying a source: what becomes of a message, as its sender would hear it, touching nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from bot import ports
from bot.core import redaction, visible
from bot.core.alert import Alert
from bot.core.errors import AlertRejected
from bot.core.library import Library
from bot.core.matching import Considered
from bot.core.posted import Posted

LAST = "generic"
"""It reads more than its own: asked when no other source knows a message."""


class Tried(NamedTuple):
    """Which source reads it, and the alerts; without one, each source's reason."""

    source: str
    alerts: tuple[Alert, ...]
    refused: Mapping[str, str]


def ordered(names: Iterable[str]) -> list[str]:
    """
    Put those that take anything behind those that know their own.

    >>> ordered(["alertmanager", "generic", "zabbix"])
    ['alertmanager', 'zabbix', 'generic']
    """
    return sorted(names, key=lambda name: name == LAST)


def read(posted: Posted, sources: Mapping[str, ports.Source]) -> Tried:
    """Ask each source in turn; the first that does not refuse it reads it."""
    refused: dict[str, str] = {}
    for name, source in sources.items():
        try:
            found = source.read(posted)
        except AlertRejected as error:
            refused[name] = f"{error.status}, {error}"
        else:
            return Tried(name, tuple(redaction.of_alert(one) for one in found), refused)
    return Tried("", (), refused)


def considered(alert: Alert, library: Library) -> Considered:
    """Which runbook is meant, and why others are not."""
    service = library.service(alert.service, alert.environment)
    return library.shelf.consider(alert, service)


def lines(alert: Alert, found: Considered) -> Iterator[str]:
    """One alert for a terminal: nothing in it can move the cursor or hide."""
    yield f"{alert.status.upper()} {visible.line(alert.name)}"
    rows = {
        "service": alert.service or "not said, so a person is called",
        "environment": alert.environment or "not said, so a person is called",
        "severity": str(alert.severity),
        "summary": alert.summary,
        "began": f"{alert.starts_at:%Y-%m-%d %H:%M:%S} UTC",
        "ended": f"{alert.ends_at:%Y-%m-%d %H:%M:%S} UTC" if alert.ends_at else "",
        "confidence": f"{alert.confidence:g}" if alert.confidence < 1 else "",
        "link": alert.link or "",
        "fingerprint": alert.fingerprint,
        "labels": ", ".join(f"{name}={text}" for name, text in sorted(alert.labels.items())),
        "runbook": found.chosen or "none",
        "because": found.reason,
    }
    for name, text in rows.items():
        if text:
            yield f"  {name:<12} {visible.line(text)}"
    for miss in found.misses:
        yield f"  {'':<12} not {miss.runbook}: {visible.line(miss.reason)}"


def as_json(source: str, alert: Alert, found: Considered) -> dict[str, Any]:
    return {
        "source": source,
        "alert": alert.model_dump(mode="json"),
        "runbook": found.chosen,
        "reason": found.reason,
        "not": {miss.runbook: miss.reason for miss in found.misses},
    }
