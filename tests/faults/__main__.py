"""
The whole fault campaign: every point of the table, then hundreds of runs under random kills.

    python -m tests.faults [--runs 420] [--kills 12] [--seed 11] [--at-once 6]

Prints the table and the totals. Exits with 1 when anything was done twice unknowing or was lost,
when a chain is broken, or when a moment never came.

    python -m tests.faults away [--minutes 10] [--kill]

Lets Slack be away in the middle of runs, in every way and at its real pace, and with --kill the bot
dies meanwhile. Prints what stands in Slack then, and exits with 1 when it is not once and as it is.

    python -m tests.faults matrix [D03 …] [--full]

Runs the tests of the rows of docs/faults.md and docs/attacks.md, all of them without a name, and
with --full their campaigns too. Exits with 1 when a row did not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests import tally
from tests.faults import checker, outage, points
from tests.faults.campaign import Random
from tests.faults.hastened import Hastened
from tests.faults.points import POINTS, Seen


def main() -> int:
    """Play the campaign or the outage, or run the matrix."""
    if sys.argv[1:2] == ["away"]:
        return asyncio.run(away())
    if sys.argv[1:2] != ["matrix"]:
        return asyncio.run(campaign())
    parser = argparse.ArgumentParser(prog="python -m tests.faults matrix", description=__doc__)
    parser.add_argument("rows", nargs="*", type=str.upper, help="rows, all of them without any")
    parser.add_argument("--full", action="store_true", help="play the large campaigns as well")
    asked = parser.parse_args(sys.argv[2:])
    return tally.run(asked.rows, full=asked.full)


async def campaign() -> int:
    """Kill it at every point of the table, then at random."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=420, help="runs under random kills")
    parser.add_argument("--kills", type=int, default=12, help="random kills")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--at-once", type=int, default=6, help="points that are played at once")
    asked = parser.parse_args()
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # it tells of every line that broke
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="heal-faults-") as place:
        seen = await every_point(Path(place), asked.at_once)
        held = sum(not one.why for one in seen)
        kills = sum(len(one.point.deaths) for one in seen)
        print(f"\n{held} of {len(seen)} points hold, {kills} kills", flush=True)
        totals = sum((one.verdict.counts for one in seen), Counter[str]())
        chance = await at_random(Path(place) / "random", asked)
    totals += chance.verdict.counts
    runs, kills = totals["runs"], kills + len(chance.under_way)
    sound = "valid" if not totals[checker.BROKEN] else f"{totals[checker.BROKEN]} BROKEN"
    print(f"in all: runs {runs}, kills {kills}, double executions {totals[checker.DOUBLE]}, "
          f"redone knowingly {totals['redone knowingly']}, lost {totals[checker.LOST]}, "
          f"chains {sound}; {time.monotonic() - began:.0f} s")  # fmt: skip
    return int(held < len(seen) or bool(chance.verdict.faults))


async def away() -> int:
    """Play the outage in the world's time, with the bot as a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults away", description=__doc__)
    parser.add_argument("--minutes", type=float, default=outage.MINUTES, help="without Slack")
    parser.add_argument("--kill", action="store_true", help="kill the bot in the middle of it")
    asked = parser.parse_args(sys.argv[2:])
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="heal-away-") as place:
        async with outage.opened(Path(place), Hastened(), inside=False) as one:
            one.minutes = asked.minutes
            await outage.play(one, killed=asked.kill)
            faults = outage.faults_when_back(one)
            await outage.answer(one)
            faults += outage.faults_at_the_end(one)
            print(one.table())
            print(f"{one.back - one.began:.0f} s without Slack, {one.stage.died} kills, "
                  f"{one.most_edits()} edits in a minute at most, {one.told_meanwhile} notes in "
                  f"the ticket meanwhile, all told {one.caught_up - one.back:.0f} s after it was "
                  f"back")  # fmt: skip
            print(*(faults or ["all of it holds"]), sep="\n")
    return int(bool(faults))


async def every_point(place: Path, at_once: int) -> list[Seen]:
    """Play the table, some at once, and print each row in its turn."""
    gate = asyncio.Semaphore(at_once)

    async def one(number: int) -> Seen:
        directory = place / str(number)
        directory.mkdir()
        async with gate:
            return await points.play(POINTS[number], directory)

    print(f"{'part':9} {'killed':58} {'story':12} {'seen':54} verdict")
    playing = [asyncio.create_task(one(number)) for number in range(len(POINTS))]
    seen = []
    for task in playing:
        seen.append(await task)
        print(seen[-1].line, flush=True)
    return seen


async def at_random(directory: Path, asked: argparse.Namespace) -> Random:
    """Play the random campaign, and print what was under way at each kill."""
    directory.mkdir()
    chance = Random(asked.runs, asked.kills, asked.seed)
    print(f"\n{asked.runs} runs under {asked.kills} random kills, seed {asked.seed}", flush=True)
    try:
        await chance.play(directory)
    except* (AssertionError, TimeoutError) as group:
        says = "; ".join(f"{type(one).__name__} {one}" for one in group.exceptions)
        chance.verdict.blame(checker.STUCK, says)
    told = ", ".join(f"{opened}/{running}" for opened, running in chance.under_way)
    print(f"open incidents/runs under way at each kill: {told}")
    print(chance.verdict.line)
    print(*chance.verdict.faults, sep="\n")
    return chance


if __name__ == "__main__":
    sys.exit(main())
