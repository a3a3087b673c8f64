"""Moments as people type them on a command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.core.errors import ConfigurationError

DAY = timedelta(days=1)


def moment(text: str, *, end: bool = False) -> datetime | None:
    """
    Read a day or a time; nothing is None, and ConfigurationError says how to write one.

    A day is its beginning, or as an end all of it; a time without an offset is UTC.
    """
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"{text!r} is neither a day nor a time: write 2026-11-20 or 2026-11-20T16:00:00Z"
        ) from None
    whole_day = len(text) <= len("2026-11-20")
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at + DAY if end and whole_day else at
