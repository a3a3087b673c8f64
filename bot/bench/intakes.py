"""Intakes under load, ours and the floor's: how many a second, how long each waited, none lost.

A turn loads the door, kills the process while it still works, and then looks for every alert that
was answered with 202 in the file that is left. The kill proves that an answer comes after the
commit; that a commit outlives a power cut is SQLite's promise with synchronous = FULL.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.bench import children, house
from bot.bench.children import Child
from bot.bench.measure import NotMeasured, Play, Sample, Trial
from bot.bench.requests import SERVICES
from bot.clock import Clock

FLOOR = "F1 bare intake"
PATIENCE = 120.0
KINDS = 1000
"""How many different alerts there are in a long night."""
_MARKS = re.compile(r'"fingerprint": ?"([0-9a-f]{16})"')


def ours(clients: int) -> Play:
    """
    The production bot, Slack and all, in HTTP mode; PodCrashLooping of 50 services, no pod twice.

    Before the turn each service has its incident, with its plan, its card and its approval open.
    In the turn everything goes on behind the door: every alert joins its incident, is recorded,
    and makes the card new. What is not worked off yet waits in the inbox, and a full one is 503.
    """

    async def play(trial: Trial) -> Sample:
        async with house.opened(trial) as bot:
            await warmed(trial, bot)
            said = await loaded(trial, bot, clients)
            await bot.kill()
        return proved(said, kept_by_us(house.ledger(trial)), trial)

    return play


def floor(clients: int) -> Play:
    """SQLite behind aiohttp, and nothing else: floors/intake.py."""

    async def play(trial: Trial) -> Sample:
        file, core = trial.directory / "floor.db", trial.cores.server
        told = {"file": str(file)}
        async with children.started(
            "bot.bench.floors.intake", told, trial.directory, core
        ) as floor:
            said = await loaded(trial, floor, clients)
            await floor.kill()
        return proved(said, kept_by_the_floor(file), trial)

    return play


async def remembered(trial: Trial) -> Sample:
    """What the production bot holds in memory before and after 100,000 alerts, in MiB."""
    count = trial.count(100_000, 200)
    async with house.opened(trial) as bot:
        await Clock().sleep(trial.seconds)
        idle = bot.rss
        said = await loaded(trial, bot, 20, seconds=600, most=count, kinds=KINDS)
        await _until(lambda: not _waiting(house.ledger(trial)), "the inbox was not worked off")
        after = bot.rss
        await bot.kill()
    values = {"idle": idle, "after": after, "growth": after / idle}
    short = f"{count - said['accepted']} of {count} alerts were not accepted"
    return Sample(values, short if said["accepted"] < count else "")


async def warmed(trial: Trial, bot: Child) -> None:
    """Post one alert of each service, and wait until all their plans ask for approval."""
    await loaded(trial, bot, 5, seconds=PATIENCE, most=SERVICES, prefix="b")
    file = house.ledger(trial)
    await _until(lambda: _asked(file) == SERVICES, "the plans of the warming were not made")


async def _until(held: Callable[[], bool], why_not: str) -> None:
    clock = Clock()
    end = clock.monotonic() + PATIENCE
    while not held():
        if clock.monotonic() > end:
            raise NotMeasured(why_not)
        await clock.sleep(0.05)


async def loaded(trial: Trial, server: Child, clients: int, **more: Any) -> Mapping[str, Any]:
    """Load one server with alerts; what the load said, and what the server used for it."""
    told = {
        "port": server.port, "kind": "alert", "clients": clients, "seconds": trial.seconds,
        "token": house.TOKEN, "prefix": "a", "accepted": str(_marks(trial)), **more,
    }  # fmt: skip
    before = server.cpu
    said = await children.result("bot.bench.load", told, trial.directory, trial.cores.client)
    used = server.cpu - before
    return {**said, "cpu_ms": used * 1000 / max(1, said["accepted"])}


def proved(said: Mapping[str, Any], kept: set[str], trial: Trial) -> Sample:
    """The figures of a load, unless an alert that it saw accepted is not in what was kept."""
    accepted = _marks(trial).read_text(encoding="ascii").split()
    lost = [mark for mark in accepted if mark not in kept]
    values = {name: float(value) for name, value in said.items()}
    if lost:
        return Sample(values, f"{len(lost)} of {len(accepted)} accepted alerts are not on disk")
    return Sample(values, "" if accepted else "no alert was accepted")


def kept_by_us(file: Path) -> set[str]:
    """Every fingerprint in the ledger and in what waits in the inbox."""
    with closing(sqlite3.connect(file)) as conn:
        waiting = conn.execute("select body from inbox where state = 'new'")
        recorded = conn.execute("select body from entry")
        bodies = [body.decode() for (body,) in waiting] + [body for (body,) in recorded]
    return {mark for body in bodies for mark in _MARKS.findall(body)}


def kept_by_the_floor(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as conn:
        return {mark for (mark,) in conn.execute("select fingerprint from alert")}


def _asked(file: Path) -> int:
    """How many approvals were asked for, as the ledger's file says it."""
    return _count(file, "select count(*) from entry where kind = 'approval.asked'")


def _waiting(file: Path) -> int:
    return _count(file, "select count(*) from inbox where state = 'new'")


def _count(file: Path, sql: str) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
        return int(conn.execute(sql).fetchone()[0])


def _marks(trial: Trial) -> Path:
    return trial.directory / "accepted"
