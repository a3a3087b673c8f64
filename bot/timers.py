"""The one door to APScheduler: it says when to look, and keeps no deadline of any run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler


class Timers:
    """A clock in memory: what it missed while we were away is looked at once, not many times."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def every(
        self,
        span: timedelta,
        name: str,
        look: Callable[[], Awaitable[None]],
        first: datetime | None = None,
    ) -> None:
        """
        Call `look` each `span`; a look that takes longer is not overtaken by the next.

        It begins after one `span`, or at `first`. What is called by the same name is called so no
        longer.
        """
        self._scheduler.add_job(
            look, "interval", seconds=span.total_seconds(), start_date=first, id=name, name=name,
            replace_existing=True,
        )  # fmt: skip

    def drop(self, name: str) -> None:
        """Call what has this name no more."""
        self._scheduler.remove_job(name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Call nothing any more; what is running ends by itself."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
