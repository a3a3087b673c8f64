"""The one place that reads the time; everything else takes a clock or a `now`."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """Real time. A test passes its own object with the same three methods."""

    def now(self) -> datetime:
        """The date and time, aware, in UTC."""
        return datetime.now(tz=UTC)  # noqa: TID251 - the one place

    def monotonic(self) -> float:
        """Seconds that never run backwards: for durations and deadlines inside one process."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Lets others work for this many seconds; nothing at all for zero or less."""
        await asyncio.sleep(max(0.0, seconds))
