"""Thirty runs at once: Slack's budget is kept, and the newest state of each is told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.slack.letters import Kind, Post, Priority
from bot.slack.needs import Row
from bot.slack.pacing import Pace
from bot.slack.posting import Poster
from bot.slack.sending import Method, Sender, Sent
from bot.store.outbox import Outbox, Wanted
from bot.store.writer import Writer
from tests.fakes import FakeClock

RUNS, CHANNELS, SECONDS = 30, 3, 90


class Call(NamedTuple):
    """One call of Slack, by the fake clock."""

    at: float
    how: Method
    channel: str
    slot: str
    text: str


@dataclass
class Heard(Sender):
    """Takes everything at once, and remembers when."""

    clock: FakeClock
    calls: list[Call] = field(default_factory=list)

    async def send(self, row: Row, how: Method) -> Sent:
        text = Post.model_validate_json(row.payload).text
        self.calls.append(Call(self.clock.monotonic(), how, row.channel, row.slot, text))
        return Sent(row.channel, row.ts or f"{len(self.calls)}.0", row.version)

    async def find(self, row: Row, *, since: float, now: float) -> Sent | None:
        return None

    def forget(self) -> None:
        """Nothing was read."""


class Watched(Outbox):
    """The outbox, and how often the poster looked into it."""

    looked = 0

    async def due(self) -> list[Wanted]:
        found = await super().due()
        self.looked += 1
        return found


@dataclass
class Runs:
    """What is wanted, and who sends it."""

    outbox: Watched
    poster: Poster
    heard: Heard
    clock: FakeClock
    wanted: dict[str, str] = field(default_factory=dict)

    async def want(self, number: int, text: str) -> None:
        slot = f"inc-{number}/progress"
        self.wanted[slot] = text
        said = Post(text=text).model_dump_json()
        await self.outbox.want(
            slot, f"C{number % CHANNELS}", None, Kind.MESSAGE, Priority.PROGRESS, said,
            self.clock.now(),
        )  # fmt: skip

    async def pass_(self, seconds: int) -> None:
        """Each second the poster looks until there is nothing left that it may send now."""
        for _ in range(seconds):
            self.clock.advance(1)
            sent = -1
            while sent != len(self.heard.calls):
                sent, before = len(self.heard.calls), self.outbox.looked
                self.poster.wake()
                while self.outbox.looked < before + 2:
                    self.poster.wake()
                    await asyncio.sleep(0.005)


@pytest.fixture
async def runs(tmp_path: Path) -> AsyncIterator[Runs]:
    writer, clock = await Writer.open(tmp_path / "heal.db"), FakeClock()
    outbox, heard = Watched(writer), Heard(clock)
    poster = Poster(outbox, heard, clock, Pace())
    await poster.start()
    yield Runs(outbox, poster, heard, clock)
    await poster.close()
    await writer.close()


def most_within(seconds: float, moments: list[float]) -> int:
    return max(sum(at <= one < at + seconds for one in moments) for at in moments)


async def test_thirty_runs_at_once_keep_slacks_budget_and_each_tells_its_newest_state(
    runs: Runs,
) -> None:
    for second in range(0, SECONDS, 5):
        for number in range(RUNS):
            await runs.want(number, f"run {number} at {second}")
        begun = len(runs.heard.calls)
        await runs.pass_(5)
        late = [one for one in runs.heard.calls[begun:] if one.text != runs.wanted[one.slot]]
        assert late == [], "an older state was told though a newer one was there"
    while await runs.outbox.pending():
        await runs.pass_(1)

    calls, stands = runs.heard.calls, dict[str, str]()
    edits = [one.at for one in calls if one.how is Method.EDIT]
    posts = defaultdict[str, list[float]](list)
    for one in calls:
        stands[one.slot] = one.text
        if one.how is Method.POST:
            posts[one.channel].append(one.at)
    assert stands == runs.wanted
    assert sum(map(len, posts.values())) == RUNS
    assert 40 <= most_within(60, edits) <= 45
    assert all(most_within(n, one) <= n + 3 for one in posts.values() for n in (1, 5, 10))
    assert {one.slot for one in calls if one.how is Method.EDIT} == set(stands), "none starves"
