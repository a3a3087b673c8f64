"""
What the pages cost with 100,000 runs in the ledger: `python -m tests.pages`.

Each page is asked for over HTTP in this process; what is counted is the processor's time of server
and browser together, in milliseconds, beside that of a page which says one sentence: the floor.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

from bot.store.register import Register
from tests.builders import START
from tests.fakes import FakeClock
from tests.store import years
from tests.web.pages import sites
from tests.web.pages.sites import Place

RUNS = 100_000
TIMES = 30
LIMIT = 100.0
"""Milliseconds."""
PAGES = {
    "floor: a page of one sentence": "/sign-in",
    "/runs": "/runs",
    "/runs, one word": "/runs?words=shop",
    "/runs, three words": "/runs?words=restart+shop+slow",
    "/runs, a word of few": "/runs?words=inc-a{name}",
    "/runs, nothing found": "/runs?words=nosuchword",
    "/runs, a beginning": "/runs?words=res*",
    "/runs, all filters": "/runs?words=down&state=resolved&service=shop&environment=production"
    "&runbook=raise-pool&when=last+30d",
    "/runs, deep down": "/runs?words=shop&before=20000",
    "/runs, one day": "/runs?day={day}",
    "/incidents/…": "/incidents/inc-a{name}",
    "/reports, 24h, kept": "/reports?for=24h",
    "/reports, 7d, kept": "/reports?for=7d",
    "/reports, 30d, kept": "/reports?for=30d",
}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--runs", type=int, default=RUNS)
    asked.add_argument("--ledger", type=Path, default=None, help="one that was written before")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ledger = given.ledger or Path(folder) / "heal.db"
        if not ledger.exists():
            seconds = _timed(lambda: years.write(ledger, given.runs))
            print(f"{given.runs} incidents written in {seconds:.0f} s of processor time")
        asyncio.run(_measure(ledger, given.runs))


def _timed(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


async def _measure(ledger: Path, runs: int) -> None:
    made = Register(ledger)
    seconds = _timed(lambda: all(iter(made.follow, 0)))
    size = made.path.stat().st_size / ledger.stat().st_size
    print(f"the list of them made in {seconds:.1f} s; it takes {size:.0%} of the ledger's room")
    clock = FakeClock(START + timedelta(minutes=runs + 60))
    async with sites.served(ledger, clock=clock) as place:
        for span in ("24h", "7d", "30d"):
            first = await _asked(place, f"/reports?for={span}")
            print(f"the report of {span}, made for the first time: {first:.0f} ms")
        print(f"{'page':32} {'p50':>7} {'p95':>7}   ms")
        for name, path in PAGES.items():
            took = [await _asked(place, _filled(path, n, runs)) for n in range(TIMES)]
            p95 = quantiles(took, n=20)[-1]
            print(f"{name:32} {median(took):7.1f} {p95:7.1f}   {'' if p95 < LIMIT else 'OVER'}")


def _filled(path: str, number: int, runs: int) -> str:
    name = runs // (TIMES + 1) * (number + 1)
    return path.format(name=name, day=f"{START + timedelta(minutes=name):%F}")


async def _asked(place: Place, path: str) -> float:
    cookie = "" if path == "/sign-in" else place.signed_in()
    asking: Awaitable[object] = place.get(path, cookie)
    began = time.process_time()
    await asking
    return 1000 * (time.process_time() - began)


if __name__ == "__main__":
    main()
