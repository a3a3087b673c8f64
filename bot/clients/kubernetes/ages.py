"""How long ago something was, of the times that Kubernetes writes: pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


def when(text: object) -> datetime | None:
    """
    Read a time; nothing when there is none.

    >>> when("2026-11-21T10:00:00Z").isoformat(), when(None)
    ('2026-11-21T10:00:00+00:00', None)
    """
    return datetime.fromisoformat(str(text)) if text else None


def since(text: object, now: datetime) -> float | None:
    """Seconds from then until now, never less than none."""
    at = when(text)
    return None if at is None else max(0.0, round((now - at).total_seconds(), 1))


def newest(texts: Iterable[object]) -> str:
    """The latest of several times, as it is written; empty when there is none."""
    dated = [(at, str(text)) for text in texts if (at := when(text)) is not None]
    return max(dated)[1] if dated else ""
