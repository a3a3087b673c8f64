"""
The campaign of several replicas: runs under kills, freezes and restarts of Postgres.

    python -m tests.replicas [--runs 240] [--kills 9] [--freezes 4] [--restarts 2] [--outages 1]
                             [--seed 11] [--brisk]

Three replicas as real processes with the times of production, or brisk ones; prints the table of
the report. Exits with 1 when anything was done twice unknowing or was lost, when a chain is
broken, or when a take-over took longer than it may.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from pathlib import Path

from bot.durable.member import Times
from tests.clients.postgreses import a_postgres
from tests.faults import checker
from tests.replicas.campaign import FREEZE, KILL, OUTAGE, RESTART, Chaos
from tests.replicas.lives import BRISK

MOST = {KILL: 10.0, FREEZE: 60.0}
"""Seconds until another has to have taken over."""


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.replicas", description=__doc__)
    parser.add_argument("--runs", type=int, default=240)
    parser.add_argument("--kills", type=int, default=9, help="of who is active, by kill -9")
    parser.add_argument("--freezes", type=int, default=4, help="of who is active, by SIGSTOP")
    parser.add_argument("--restarts", type=int, default=2, help="of Postgres, at once")
    parser.add_argument("--outages", type=int, default=1, help="of Postgres, for 60 s")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--brisk", action="store_true", help="short times, for a quick look")
    asked = parser.parse_args()
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # it tells of every line that broke
    mishaps = [KILL] * asked.kills + [FREEZE] * asked.freezes + [RESTART] * asked.restarts
    mishaps += [OUTAGE] * asked.outages
    random.Random(asked.seed).shuffle(mishaps)
    times = BRISK if asked.brisk else Times()
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)

    chaos = Chaos(asked.runs, 0, asked.seed, mishaps=mishaps, times=times, tell=tell)
    print(f"{asked.runs} runs over 3 replicas, seed {asked.seed}, {times}", flush=True)
    with tempfile.TemporaryDirectory(prefix="heal-replicas-") as place, a_postgres() as postgres:
        try:
            await chaos.on(Path(place), postgres)
        except* (AssertionError, TimeoutError) as group:
            says = "; ".join(f"{type(one).__name__} {one}" for one in group.exceptions)
            chaos.verdict.blame(checker.STUCK, says)
    return told(chaos, time.monotonic() - began)


def told(chaos: Chaos, seconds: float) -> int:
    """Print the report; the exit code."""
    counts, late = chaos.verdict.counts, False
    print(f"{'mishap':18} {'times':>5} {'fastest':>9} {'slowest':>9}   another acts after")
    for mishap in (KILL, FREEZE):
        took = [span for what, span in chaos.took if what == mishap]
        if took:
            late |= max(took) > MOST[mishap]
            print(f"{mishap:18} {len(took):5} {min(took):7.2f} s {max(took):7.2f} s   "
                  f"at most {MOST[mishap]:.0f} s")  # fmt: skip
    for mishap in (RESTART, OUTAGE):
        print(f"{mishap:18} {chaos.mishaps.count(mishap):5}")
    print(f"{chaos.goes_on} of these were outlived by the active one, in its epoch; "
          f"{chaos.by_chance} that stood by were killed too")  # fmt: skip
    print(f"runs {counts['runs']}, effects {counts['effects']}, executed twice unknowing "
          f"{counts[checker.DOUBLE]}, redone knowingly {counts['redone knowingly']}, lost "
          f"{counts[checker.LOST]}, stuck {counts[checker.STUCK]}, "
          f"broken chains {counts[checker.BROKEN]}; {seconds:.0f} s")  # fmt: skip
    print(*chaos.verdict.faults, sep="\n")
    return int(late or bool(chaos.verdict.faults) or counts["runs"] < chaos.runs)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
