"""A deluge: few alerts, most of them repeated, every message delivered several times, a kill in it.

The sender is as patient as Alertmanager: what got no answer, or a 5xx, is sent again until it is
acknowledged; what was acknowledged is sent again all the same, as two replicas would.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import aiohttp

from bot.clock import Clock
from bot.core import facts
from tests.journeys import scenes, storms
from tests.journeys.scenes import TOKEN
from tests.journeys.storms import Storm
from tests.journeys.street import ALERTS

AGAIN, LONGER = 0.5, 1.5
"""Seconds before what was not acknowledged is sent again, and how much longer each time."""
SPREAD = 1.5
"""Seconds over which the deliveries of one message are spread."""


@dataclass(frozen=True)
class Size:
    """How much comes: alerts in all, how many are distinct, how many share a message."""

    seconds: float = 60
    alerts: int = 10_000
    distinct: int = 1_000
    together: int = 5
    deliveries: int = 4
    mends: int = 34
    asks: int = 6
    none: int = 10


@dataclass
class Deluge:
    """What was sent, how it was answered, and where it can be seen what came of it."""

    size: Size
    storm: Storm
    sent: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    """Seconds from each sending to its 202."""
    unanswered: int = 0
    kilobytes: int = 0
    """Most of memory that any life of the bot held."""

    async def fall(self) -> None:
        """Send everything at its time, whether or not what came before was answered; kill once."""
        clock, messages = Clock(), list(self._messages())
        began, pace = clock.monotonic(), self.size.seconds / len(messages)
        connector = aiohttp.TCPConnector(limit=0)
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            asyncio.TaskGroup() as all_,
        ):
            for number, alerts in enumerate(messages):
                await clock.sleep(max(0.0, began + number * pace - clock.monotonic()))
                for again in range(self.size.deliveries):
                    pause = 0.0 if again < 2 else random.uniform(0.1, SPREAD)
                    all_.create_task(self._deliver(session, alerts, pause))
                if number == len(messages) // 2:
                    all_.create_task(self._die())
                self._weigh()

    def _messages(self) -> Iterator[list[dict[str, object]]]:
        """Each distinct alert comes first at its place among repetitions of those before it."""
        size, known, group = self.size, list[dict[str, object]](), list[dict[str, object]]()
        for number in range(size.alerts):
            new = number * size.distinct // size.alerts >= len(known)
            if new:
                known.append(self._alert(len(known)))
            group.append(known[-1] if new else random.choice(known))
            if len(group) == size.together:
                yield group
                group = []
        if group:
            yield group

    def _alert(self, number: int) -> dict[str, object]:
        becomes = self.storm.street.becomes
        service = list(becomes)[number % len(becomes)]
        name = ALERTS[becomes[service]]
        made = scenes.one_alert(name, service, "firing", environment="street", pod=f"pod-{number}")
        made["fingerprint"] = f"{number:016x}"
        self.sent.add(f"{number:016x}")
        return made

    async def _deliver(
        self, session: aiohttp.ClientSession, alerts: list[dict[str, object]], pause: float
    ) -> None:
        await asyncio.sleep(pause)
        url = f"http://127.0.0.1:{self.storm.scene.port}/alerts/alertmanager"
        message, clock, rest = scenes.webhook(alerts), Clock(), AGAIN
        while True:
            began = clock.monotonic()
            try:
                async with session.post(
                    url, json=message, headers={"Authorization": f"Bearer {TOKEN}"}
                ) as answer:
                    self.answers[answer.status] += 1
                    if answer.status < 500:
                        self.waits.append(clock.monotonic() - began)
                        return
            except (aiohttp.ClientError, OSError):
                self.unanswered += 1
            await asyncio.sleep(rest * random.uniform(0.5, 1.5))
            rest *= LONGER

    async def _die(self) -> None:
        """`kill -9`, and another life on the same file."""
        self.storm.scene.kill()
        await self.storm.scene.death()
        await self.storm.scene.start()

    def _weigh(self) -> None:
        with suppress(OSError, StopIteration):  # it is dead at this moment
            self.kilobytes = max(self.kilobytes, self.storm.memory())

    async def over(self) -> None:
        """Wait until all is dealt with, every question stands in Slack, and the digest does."""
        storm, size = self.storm, self.size
        await storm.scene.until(lambda: not storm.scene.waiting())
        await storm.scene.until(lambda: len(storms.shown(storm)) >= size.asks)
        await storm.scene.until(lambda: storms.mended(storm) >= size.mends)
        await storm.scene.until(lambda: storms.digests(storm))
        self._weigh()

    def figures(self) -> Figures:
        """Count at the workspace, at the street and in the ledger file."""
        recorded, workspace = self._recorded(), self.storm.scene.workspace
        posts = [c.at for c in workspace.called("chat.postMessage") if c.error is None]
        edits = [call.at for call in workspace.called("chat.update")]
        puts = Counter(self.storm.street.puts)
        waits = sorted(self.waits)
        return Figures(
            alerts=self.size.alerts,
            distinct=len(self.sent),
            deliveries=self.answers.total() + self.unanswered,
            unanswered=self.unanswered,
            answers=dict(self.answers),
            lost=len(self.sent - set(recorded)),
            recorded_twice=sum(count > 1 for count in recorded.values()),
            acted_twice=sum(count > 1 for count in puts.values()),
            waiting=self.storm.scene.waiting(),
            posts=len(posts),
            posts_per_second=max(0, storms.most_within(10, posts) - 3) / 10,
            edits_per_minute=storms.most_within(60, edits),
            refused=sum(call.error == "ratelimited" for call in workspace.calls),
            digests=len(storms.digests(self.storm)),
            megabytes=self.kilobytes / 1024,
            p50=1000 * waits[len(waits) // 2],
            p99=1000 * quantiles(waits, n=100)[98],
        )

    def _recorded(self) -> Counter[str]:
        """How many entries tell of each alert, of which each fires once and never clears."""
        told: Counter[str] = Counter()
        for entry in self.storm.scene.entries():
            match facts.read(entry.body):
                case facts.Joined(alert=alert):
                    told[alert.fingerprint] += 1
                case facts.Opened(alert=alert) if alert is not None:
                    told[alert.fingerprint] += 1
        return told


class Figures(NamedTuple):
    """What a deluge came to."""

    alerts: int
    distinct: int
    deliveries: int
    unanswered: int
    """Sendings that met a dead bot, and were made again."""
    answers: dict[int, int]
    lost: int
    recorded_twice: int
    acted_twice: int
    waiting: int
    posts: int
    posts_per_second: float
    edits_per_minute: int
    refused: int
    digests: int
    megabytes: float
    p50: float
    """Milliseconds from a sending to its 202, as the sender saw it."""
    p99: float


@asynccontextmanager
async def opened(directory: Path, size: Size) -> AsyncIterator[Deluge]:
    """The stage of a storm, for a deluge."""
    street = storms.Size(mends=size.mends, asks=size.asks, none=size.none)
    async with storms.opened(directory, street) as storm:
        yield Deluge(size, storm)
