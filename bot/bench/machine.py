"""The machine: what the figures were taken on, and how long its disk needs to be sure."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from bot.bench.figures import quantile
from bot.bench.measure import Cores
from bot.clock import Clock

BLOCK = b"\0" * 4096
BUSY = 0.5
"""Load per core from which on a run says that it was not alone."""
SLOW = 5.0
"""Milliseconds of an fdatasync's p99 beyond which the disk says more than the program."""


class Machine(NamedTuple):
    """Facts for the head of the table; the two waits are of fdatasync, in milliseconds."""

    cpu: str
    cores: int
    system: str
    python: str
    sqlite: str
    load: float
    sync_p50: float
    sync_p99: float

    @property
    def doubts(self) -> list[str]:
        """Why these figures should not be published."""
        doubts = []
        if self.load > BUSY * self.cores:
            doubts.append(f"others were at work: the load was {self.load:.2f}")
        if self.sync_p99 > SLOW:
            doubts.append(f"the disk is slow or busy: fdatasync p99 {self.sync_p99:.1f} ms")
        return doubts


def look(directory: Path, times: int = 200) -> Machine:
    """Look at this machine, and at the disk that a directory is on; blocks for a moment."""
    waits = _syncs(directory, times)
    return Machine(
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)),
        system=f"{platform.system()} {platform.release()}",
        python=sys.version.partition(" ")[0],
        sqlite=sqlite3.sqlite_version,
        load=os.getloadavg()[0],
        sync_p50=quantile(waits, 0.5),
        sync_p99=quantile(waits, 0.99),
    )


def cores() -> Cores:
    """Servers get the first core and their load the second, where there are two."""
    free = sorted(os.sched_getaffinity(0))
    return Cores(free[0], free[1]) if len(free) > 1 else Cores()


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _syncs(directory: Path, times: int) -> list[float]:
    clock, waits = Clock(), []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(times):
            file.write(BLOCK)
            file.flush()
            before = clock.monotonic()
            os.fdatasync(file.fileno())
            waits.append((clock.monotonic() - before) * 1000)
    return waits
