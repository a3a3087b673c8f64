"""
What it costs to share a ledger by Postgres: `python -m tests.sharing`, about two minutes.

Each figure stands beside that of a file alone, measured in turns on the same disk, for no disk is
as fast tomorrow as it is today. Postgres waits for its disk, as it does where Heal is used.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bot.clients.postgres import Postgres
from bot.core.chain import GENESIS, Head, chained
from bot.store.ledger import Ledger
from bot.store.shared import shipping
from bot.store.shared.cargo import Cargo
from bot.store.shared.copy import Copy
from bot.store.writer import Writer
from tests.clients.postgreses import a_postgres
from tests.store import sharers
from tests.store.drafts import draft

ROUNDS, ALONE, TOGETHER, WIDE = 5, 200, 3000, 64
RUNS, OF_A_RUN, AT_ONCE = 400, 14, 20
"""A run of five steps says about so much; each of its entries waits for the one before."""
LONG = 200_000
ROWS = (
    ("one append, p50", "ms"),
    (f"{WIDE} at a time", "appends/s"),
    (f"{AT_ONCE} runs at a time", f"runs/s of {OF_A_RUN} entries"),
)
BODY = '{"says": "' + "x" * 300 + '"}'


async def measured(folder: Path, name: str, url: str) -> list[float]:
    """One append that nobody shares in ms, appends a second of 64 at a time, runs a second."""
    shared = sharers.shared(url) if url else None
    writer = await Writer.open(folder / f"{name}.db", shared=shared)
    ledger = Ledger(writer)
    took = []
    for number in range(ALONE):
        began = time.perf_counter()
        await ledger.append(draft(f"one-{number}", body=BODY))
        took.append((time.perf_counter() - began) * 1000)

    async def lane(name: str, count: int) -> None:
        for number in range(count):
            await ledger.append(draft(f"{name}-{number}", body=BODY))

    async def rate(name: str, lanes: int, count: int) -> float:
        began = time.perf_counter()
        await asyncio.gather(*(lane(f"{name}-{number}", count) for number in range(lanes)))
        return lanes * count / (time.perf_counter() - began)

    found = [median(took), await rate("wide", WIDE, TOGETHER // WIDE)]
    found.append(await rate("run", AT_ONCE, RUNS // AT_ONCE * OF_A_RUN) / OF_A_RUN)
    await writer.close()
    return found


def pages(count: int) -> Iterator[Cargo]:
    """A ledger of so many entries."""
    head = Head(0, GENESIS)
    for start in range(0, count, 1000):
        page = []
        for number in range(start, start + 1000):
            page.append(chained(head, draft(f"key-{number}", body=BODY)))
            head = Head(page[-1].seq, page[-1].hash)
        yield Cargo(page)


def lay_down(url: str, count: int) -> None:
    """Put it into Postgres, without its triggers: that is not what is measured."""
    session = sharers.laid_down(url)
    session.rows("alter table heal_entry disable trigger heal_entry_follows")
    for page in pages(count):
        shipping.add(session, page)
    session.rows("update heal_state set lsn = 1")
    session.close()


def peak() -> int:
    """The most memory that this process ever had, in kB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


async def filled(path: Path, url: str) -> None:
    """Fill an empty disk, and say what it took: run by itself, for the memory of it alone."""
    copy = await Copy.open(path, Postgres(url))
    before = peak()
    began = time.perf_counter()
    reached = await copy.follow()
    took = time.perf_counter() - began
    most = peak() - before
    began = time.perf_counter()
    await copy.follow()
    again = (time.perf_counter() - began) * 1000
    await copy.close()
    print(f"an empty disk is filled with {reached.entries:,} entries in {took:.1f} s "
          f"({reached.entries / took:,.0f}/s), {most / 1024:.0f} MB more memory; "
          f"a look that finds nothing new takes {again:.1f} ms")  # fmt: skip


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name, a_postgres() as server:
        folder = Path(name)
        alone, shared = [], []
        with server.database() as url:
            for turn in range(ROUNDS):
                alone.append(asyncio.run(measured(folder, f"alone-{turn}", "")))
                with server.schema(url.rpartition("/")[2]) as own:
                    shared.append(asyncio.run(measured(folder, f"shared-{turn}", own)))
        print("                        a file alone   on Postgres   ratio")
        for place, (row, unit) in enumerate(ROWS):
            one, two = (median(each[place] for each in turns) for turns in (alone, shared))
            print(f"{row:<20}{one:>12,.2f}{two:>14,.2f}   {unit}, {two / one:.2f} times")
        with server.database() as url:
            lay_down(url, LONG)
            command = [sys.executable, "-m", "tests.sharing", str(folder / "long.db"), url]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        asyncio.run(filled(Path(sys.argv[1]), sys.argv[2]))
    else:
        main()
