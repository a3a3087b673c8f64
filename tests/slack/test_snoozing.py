"""Whoever wanted to be reminded is, whatever goes wrong with the reminder of somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.core import facts
from bot.core.errors import StoreUnavailable
from bot.slack import snoozing
from bot.slack.needs import Place
from bot.slack.snoozing import Snoozing
from tests.builders import START, Told
from tests.fakes import FakeClock
from tests.slack import tales
from tests.slack.engine import Cases

FIRST, SECOND = "inc-7f3k2m", "inc-other7"


class Wants:
    """Takes every wish, after `error` was raised if there is one."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.error: Exception | None = None

    async def where(self, slot: str) -> Place | None:
        if self.error is not None:
            raise self.error
        return None

    async def withdraw(self, slots: Sequence[str]) -> bool:
        return False

    async def want(
        self, slot: str, channel: str, thread_slot: str | None, kind: str, priority: int,
        payload: str, at: datetime,
    ) -> bool:  # fmt: skip
        self.taken.append(slot.partition("/")[0])
        return True


class Links:
    """Says where a card stands, but for the one that it trips over."""

    trips = FIRST

    async def of(self, incident: str) -> str:
        if incident == self.trips:
            raise ValueError("a slip of ours")
        return ""


def snoozed(*names: str) -> Cases:
    cases = Cases()
    over = Told(facts.Snoozed(by="U0ANA", until=START - timedelta(minutes=1)), "U0ANA")
    for name in names:
        cases.tell(*tales.awaiting(), over, name=name)
    return cases


async def test_a_reminder_that_fails_keeps_no_other_from_being_written_and_is_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wants, links = Wants(), Links()
    one = Snoozing(snoozed(FIRST, SECOND), wants, FakeClock(), wake=lambda: None, link=links.of)
    rest = await one.tell()

    assert (wants.taken, rest) == ([SECOND], snoozing.BROKEN)
    assert "a slip of ours" in caplog.text

    links.trips = ""
    await one.tell()

    assert FIRST in wants.taken


async def test_a_store_that_is_away_is_asked_again_soon() -> None:
    wants, links = Wants(), Links()
    one = Snoozing(snoozed(SECOND), wants, FakeClock(), wake=lambda: None, link=links.of)
    wants.error = StoreUnavailable("the disk is full")
    away = await one.tell()
    wants.error = None

    assert (away, await one.tell()) == (snoozing.AGAIN, snoozing.LONGEST)
    assert wants.taken == [SECOND]
