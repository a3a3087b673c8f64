"""`heal bench`: how fast Heal is here, next to the least that the same work can cost."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.bench import machine, measures, rounds, table
from bot.bench.figures import Verdict
from bot.bench.measure import Measure
from bot.bench.rounds import Plan, Row
from bot.core.errors import ConfigurationError


def add(verbs: Any) -> None:
    verb = verbs.add_parser("bench", help="measure speed and memory here", description=__doc__)
    verb.add_argument(
        "--only", default="", metavar="IDS", help="these measures, with commas: P1,P7"
    )
    verb.add_argument("--rounds", type=int, default=5, help="turns of each contestant; default: 5")
    verb.add_argument("--seconds", type=float, default=3.0, help="length of a turn; default: 3")
    verb.add_argument(
        "--dir", type=Path, default=None, help="on the disk to measure; default: /tmp"
    )
    verb.add_argument("--quick", action="store_true", help="one short round: only that it runs")
    verb.add_argument("--json", action="store_true", help="one JSON object a line")
    verb.set_defaults(act=act)


def act(given: argparse.Namespace) -> int:
    """Return 1 when a goal was missed or a contestant failed."""
    chosen = _chosen(given.only)
    if given.rounds < 1 or given.seconds <= 0:
        raise ConfigurationError("--rounds and --seconds must be more than nothing")
    count, seconds = (1, 0.2) if given.quick else (given.rounds, given.seconds)
    directory = given.dir or Path(tempfile.gettempdir())
    plan = Plan(directory, count, seconds, machine.cores(), quick=given.quick)
    told = asyncio.run(_measure(chosen, plan, as_json=given.json))
    bad = {Verdict.FAIL} if given.quick else {Verdict.FAIL, Verdict.MISSED}
    return 1 if any(row.verdict in bad for row in told) else 0


def _chosen(only: str) -> Sequence[Measure]:
    every = measures.every()
    names = {name.strip().upper() for name in only.split(",") if name.strip()}
    if unknown := names - {one.id for one in every}:
        known = ", ".join(one.id for one in every)
        raise ConfigurationError(f"no measure is called {', '.join(sorted(unknown))}: {known}")
    return [one for one in every if not names or one.id in names]


async def _measure(chosen: Sequence[Measure], plan: Plan, *, as_json: bool) -> list[Row]:
    found = machine.look(plan.directory)
    print(table.line_of(found, plan) if as_json else table.head(found, plan), flush=True)
    told: list[Row] = []
    for measure in chosen:
        samples = await rounds.play(measure, plan, _tell)
        judged = rounds.rows(measure, samples)
        told += judged
        if as_json:
            for row in judged:
                print(table.line(row, samples), flush=True)
    if not as_json:
        print(f"\n{table.table(told)}\n\n{table.PEERS}")
        if plan.quick:
            print(table.QUICK)
    return told


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
