"""Runs of the engine, ours and the floor's: how soon they act, how long a step takes, how many."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp

from bot.bench import children, outside
from bot.bench.children import Child
from bot.bench.figures import quantile
from bot.bench.measure import NotMeasured, Play, Sample, Trial
from bot.bench.stopwatch import STEPS

FLOOR = "F2 bare engine"
RULES = 10
FEW = 100
"""Runbooks at most, when it is only to be seen that it runs."""
BURST = 2000
PAUSE = 0.2
"""Seconds between a run's end and the next alert that comes alone: its cards are told by then."""
PATIENCE = aiohttp.ClientTimeout(total=300)


class Run(NamedTuple):
    """
    Moments of one run: its alert was sent, its first action was felt outside, its second and its
    last began, it ended.
    """

    sent: float
    first: float
    second: float
    last: float
    end: float


def ours(runbooks: int) -> Any:
    """Ours, with so many runbooks of five steps that do nothing: healer.py says what it does."""

    @asynccontextmanager
    async def opened(trial: Trial, services: int, reached: int) -> AsyncIterator[Child]:
        told = {
            "ledger": str(trial.directory / "heal.db"), "services": services, "outside": reached,
            "runbooks": trial.count(runbooks, min(runbooks, FEW)),
        }  # fmt: skip
        core = trial.cores.server
        async with children.started("bot.bench.healer", told, trial.directory, core) as child:
            yield child

    return opened


def floor(rules: int) -> Any:
    """SQLite behind aiohttp, and the least that could be called an engine: floors/engine.py."""

    @asynccontextmanager
    async def opened(trial: Trial, _services: int, reached: int) -> AsyncIterator[Child]:
        told = {
            "file": str(trial.directory / "floor.db"), "rules": trial.count(rules, min(rules, FEW)),
            "outside": reached,
        }  # fmt: skip
        core = trial.cores.server
        async with children.started(
            "bot.bench.floors.engine", told, trial.directory, core
        ) as child:
            yield child

    return opened


def alone(contestant: Any, rules: int = RULES) -> Play:
    """
    Alerts that come one by one, each to a contestant that has nothing else to do.

    `p50` and `p99` are milliseconds from the moment an alert is sent to the moment its first
    action is felt outside; `step` is the median of what one step that calls nobody takes, from its
    beginning to the next.
    """

    async def play(trial: Trial) -> Sample:
        count = trial.count(max(20, int(trial.seconds / PAUSE)), 3)
        async with outside.opened(trial) as out, contestant(trial, count, out.port) as server:
            runs = await _played(trial, server, out, count, PAUSE, rules)
        waits = [(run.first - run.sent) * 1000 for run in runs]
        steps = [(run.last - run.second) * 1000 / (STEPS - 2) for run in runs]
        values = {
            "p50": quantile(waits, 0.5), "p99": quantile(waits, 0.99),
            "step": quantile(steps, 0.5),
        }  # fmt: skip
        return Sample(values)

    return play


def burst(contestant: Any, rules: int, *, tolled: bool = False) -> Play:
    """
    Many alerts at once: `rate` is runs a second, from the first alert to the end of the last run.

    `cpu` is milliseconds of processor a run. With `tolled`, `kept` is the share of throughput
    that is left by the chain, policy and redaction: toll.py says how that is known.
    """

    async def play(trial: Trial) -> Sample:
        count = trial.count(BURST, 20)
        async with outside.opened(trial) as out, contestant(trial, count, out.port) as server:
            before = server.cpu
            runs = await _played(trial, server, out, count, 0, rules)
            used = server.cpu - before
            toll = sum((await _told(server.port, "toll")).values()) if tolled else 0.0
        took = max(run.end for run in runs) - min(run.sent for run in runs)
        values = {"rate": count / took, "cpu": used * 1000 / count}
        return Sample(values | ({"kept": max(0.0, 1 - toll / used)} if tolled and used else {}))

    return play


async def _played(
    trial: Trial, server: Child, out: Child, count: int, pause: float, rules: int
) -> list[Run]:
    """Send that many, and wait until all their runs have ended; NotMeasured when one did not."""
    rules = trial.count(rules, min(rules, FEW))
    alerts = int(server.said.get("alerts", server.port))
    told = {
        "port": alerts, "watch": server.port, "count": count, "pause": pause, "rules": rules,
    }  # fmt: skip
    salvo = await children.result("bot.bench.salvo", told, trial.directory, trial.cores.client)
    watch = await _told(server.port, f"stopwatch?runs={count}")
    if watch["fails"] or salvo["refused"]:
        raise NotMeasured(watch["fails"] or f"{salvo['refused']} alerts were refused")
    runs: Mapping[str, list[float]] = watch["runs"]
    felt = await _told(out.port, "moments")
    return [Run(sent, felt[mark], *runs[mark]) for mark, sent in salvo["sent"].items()]


async def _told(port: int, what: str) -> Any:
    async with (
        aiohttp.ClientSession(timeout=PATIENCE) as session,
        session.get(f"http://127.0.0.1:{port}/{what}") as answer,
    ):
        return json.loads(await answer.read())
