"""Reports are made before anybody asks for them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from bot.tasks import Tasks
from bot.web.pages.reports import RENEWED, Reports
from bot.web.pages.runs import SPANS
from tests.fakes import FakeClock


class Slow:
    """A ledger that answers when it is let."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.asked: list[timedelta] = []

    async def between(self, since: datetime, until: datetime) -> tuple[()]:
        self.asked.append(until - since)
        await self.answers.wait()
        return ()


async def test_whoever_comes_after_hours_is_shown_a_report_while_a_newer_one_is_made() -> None:
    shelf: Any = Slow()
    clock, tasks = FakeClock(), Tasks()
    reports = Reports(shelf, clock, tasks)
    shelf.answers.set()
    for _ in range(20):
        await reports.renew()
        clock.advance(RENEWED.total_seconds())
    shelf.answers.clear()

    shown = [await asyncio.wait_for(reports.shown(name), 30) for name in SPANS]
    await tasks.close(0)

    assert shelf.asked[: len(SPANS)] == list(SPANS.values())
    assert all("Made 2026-" in str(one) for one in shown)
