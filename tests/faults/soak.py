"""
A long life in short: one alert after the other is healed and cleared, and what grows is counted.

    python -m tests.faults.soak [--runs 2000]

Reads of the process what Linux says of it: memory, open files, threads. Exits with 1 when a run
was not healed, when files or threads grew, or when memory grew more than a life of a month allows.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from tests.faults import mortal
from tests.faults import stage as stages
from tests.faults.stage import Stage
from tests.faults.street import Book, House
from tests.journeys.scenes import PATIENCE

MOST = 90
"""Runs of one runbook, which may be tried a hundred times an hour."""
RATES = [{"per": "everything", "limit": 1000, "within": "1m"}]
AT_ONCE = 8
"""Services that break together."""
KILOBYTES = 40.0
"""What memory may grow by for each run, once it is warm: its share of what is remembered."""
SPARE = 4
"""Open files that come and go with calls under way."""
CALM = 25
"""Seconds within which a connection that is not used is closed."""


class Measured(NamedTuple):
    """What the process has after so many runs; memory in kilobytes."""

    runs: int
    memory: int
    files: int
    threads: int


@dataclass
class Soak:
    """So many runs, looked at several times."""

    runs: int
    looks: int = 10
    measured: list[Measured] = field(default_factory=list)

    async def play(self, directory: Path) -> None:
        """Heal all of them; AssertionError or TimeoutError when one is not healed."""
        names = [f"s{number:05}" for number in range(self.runs)]
        houses = {name: House() for name in names}
        books = [Book(named(number), unattended=True) for number in range(0, self.runs, MOST)]
        opened = stages.opened(
            directory, houses, books, life=mortal.hasten, rules={"rates": RATES}
        )  # fmt: skip
        async with opened as stage:
            await stage.scene.until(lambda: stage.alive.is_set())
            for done in range(0, self.runs, AT_ONCE):
                together = names[done : done + AT_ONCE]
                await self._round(stage, together, done + len(together))
                if self.looks * (done + AT_ONCE) // self.runs > len(self.measured):
                    self.measured.append(await self._look(stage, done + len(together)))
            assert stage.judged().faults == []

    async def _look(self, stage: Stage, runs: int) -> Measured:
        """Measure it, once the connections that nobody uses any more have been let go."""
        if not self.measured:
            return measured(stage, runs)
        for _ in range(CALM):
            if (found := measured(stage, runs)).files <= self.measured[0].files + SPARE:
                break
            await stage.clock.sleep(1)
        return found

    async def _round(self, stage: Stage, names: list[str], count: int) -> None:
        """Services that were never in trouble before: what comes back is asked for."""
        for status, kind in (("firing", "run.verified"), ("resolved", "incident.closed")):
            alert = named(count - 1)
            await asyncio.gather(*(stage.alert(alert, name, status) for name in names))
            sql = f"select count(*) from entry where kind = '{kind}'"
            async with asyncio.timeout(PATIENCE):
                while stage.asked(sql) < count:
                    await stage.clock.sleep(stages.AGAIN)

    @property
    def growth(self) -> float:
        """Kilobytes of memory for each run, over the later half."""
        later = self.measured[len(self.measured) // 2 :]
        return (later[-1].memory - later[0].memory) / (later[-1].runs - later[0].runs)

    @property
    def leaks(self) -> list[str]:
        """What grew that must not."""
        first, last = self.measured[0], self.measured[-1]
        found = [f"{name} from {before} to {after}"
                 for name, before, after in (("files", first.files, last.files),
                                             ("threads", first.threads, last.threads))
                 if after > before + SPARE]  # fmt: skip
        rising = all(early.files < late.files for early, late in pairwise(self.measured))
        return [*found, *(["files at each look"] if rising else [])]


def named(number: int) -> str:
    """The alert of one of the runs, whose runbook has few enough of them."""
    return f"Harmless{number // MOST}"


def measured(stage: Stage, runs: int) -> Measured:
    """Ask Linux about the bot."""
    bot = stage.scene.bot
    assert bot is not None
    process = Path(f"/proc/{bot.pid}")
    told = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    memory, threads = (int(told[word].split()[0]) for word in ("VmRSS", "Threads"))
    return Measured(runs, memory, len([*(process / "fd").iterdir()]), threads)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    soak = Soak(parser.parse_args().runs)
    with tempfile.TemporaryDirectory(prefix="heal-soak-") as place:
        asyncio.run(soak.play(Path(place)))
    print("runs  memory KiB  files  threads")
    for one in soak.measured:
        print(f"{one.runs:4}  {one.memory:10}  {one.files:5}  {one.threads:7}")
    print(f"memory grew {soak.growth:.1f} KiB a run; leaks: {', '.join(soak.leaks) or 'none'}")
    return int(soak.growth > KILOBYTES or bool(soak.leaks))


if __name__ == "__main__":
    sys.exit(main())
