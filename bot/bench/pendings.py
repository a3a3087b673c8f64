"""Pendings, ours and the floor's: what it costs to wait for very many people at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.bench import children, copies, newcomer, starts
from bot.bench.children import Child
from bot.bench.measure import Sample, Trial
from bot.clock import Clock

FLOOR = "F5 bare waits"
PENDING = 2000
IDLE = 20.0
"""Seconds of an idle turn: shorter, and a tick of the kernel's would be half a percent."""
MIB = (1 << 20) / 1e6
"""MB of a MiB: what must hold is told in MB."""
CALM = 0.05
"""Seconds of processor within a second: less, and a start has settled."""


async def ours(trial: Trial) -> Sample:
    """
    The production bot after a kill, with 2,000 plans that wait for a yes, all told in Slack.

    Armed is: each life waits for its letter again, with its own deadline.
    """
    count = trial.count(PENDING, 10)
    ledger = await starts.prepared(trial, "asked", count, _told_in_slack)
    async with starts.told(trial, ledger, 1, count) as told:
        return await _idles(trial, newcomer.__name__, {**told, "wait": count})


async def floor(trial: Trial) -> Sample:
    """The same file read by floors/waits.py, which waits for as many letters."""
    count = trial.count(PENDING, 10)
    ledger = await starts.prepared(trial, "asked", count, _told_in_slack)
    return await _idles(trial, "bot.bench.floors.waits", {"ledger": str(ledger), "wait": count})


async def _told_in_slack(trial: Trial, count: int) -> Path:
    """A first life wants every card in Slack; then its process is killed."""
    ledger = await copies.asked(trial, count)
    async with (
        starts.told(trial, ledger, 1, count) as told,
        children.started(
            newcomer.__name__, {**told, "wait": count}, trial.directory, trial.cores.server
        ) as bot,
    ):
        await _settled(ledger, count)
        await bot.kill()
    copies.posted(ledger)
    return ledger


async def _settled(ledger: Path, least: int) -> None:
    """Wait until no message is added any more."""
    last = -1
    while last < least or copies.messages(ledger) != last:
        last = copies.messages(ledger)
        await asyncio.sleep(1)


async def _idles(trial: Trial, module: str, told: Mapping[str, Any]) -> Sample:
    clock, seconds = Clock(), trial.count(int(IDLE), 1)
    began = clock.monotonic()
    async with children.started(module, told, trial.directory, trial.cores.server) as one:
        armed = clock.monotonic() - began
        await _calm(one)
        settled = clock.monotonic() - began
        before = one.cpu
        await clock.sleep(seconds)
        cpu, rss = 100 * (one.cpu - before) / seconds, one.rss
        await one.kill()
    return Sample({"armed": armed, "rss": rss * MIB, "cpu": max(cpu, 0.01), "settled": settled})


async def _calm(one: Child) -> None:
    """Wait until it has looked through its cards, as it does after each start."""
    spent = CALM
    while spent >= CALM:
        before = one.cpu
        await asyncio.sleep(1)
        spent = one.cpu - before
