"""Children: contestants in processes of their own, started, watched, killed and ended."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot import settings
from bot.bench.measure import NotMeasured

PATIENCE = 120.0
"""Seconds for a child's line: a load says it only when it is through."""
GRACE = 30.0
PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")


class Child:
    """A process that has said its line; `said` is what it told."""

    def __init__(self, process: Process, said: Mapping[str, Any]) -> None:
        self._process = process
        self.said = said

    @property
    def port(self) -> int:
        return int(self.said["port"])

    @property
    def rss(self) -> float:
        """Resident memory now, in MiB."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * PAGE / (1 << 20)

    @property
    def cpu(self) -> float:
        """Seconds of processor that it has used so far, all its threads together."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii")
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    async def kill(self) -> None:
        """End it as a power cut would: SIGKILL, no goodbye."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def end(self) -> None:
        """Let go of it, and kill it when it does not go."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(GRACE):
                await self._process.wait()
        except TimeoutError:
            await self.kill()


@asynccontextmanager
async def started(
    module: str, told: Mapping[str, Any], directory: Path, core: int | None
) -> AsyncIterator[Child]:
    """Run `module.main(told)` elsewhere until this ends; NotMeasured when it says nothing."""
    log = directory / f"{module.rpartition('.')[2]}.log"
    options, surroundings = _compiled_once()
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *options, "-m", "bot.bench.child", module,
            json.dumps([dict(told), core]),
            stdin=PIPE, stdout=PIPE, stderr=errors, env=surroundings,
        )  # fmt: skip
    child = Child(process, {})
    try:
        child.said = await _first_line(process, module, log)
        yield child
    finally:
        await child.end()


@functools.cache
def _shelf() -> TemporaryDirectory[str]:
    """Where bytecode lies while this bench runs."""
    return TemporaryDirectory(prefix="heal-bench-bytecode-")


def _compiled_once() -> tuple[list[str], dict[str, str] | None]:
    """
    How a child finds its modules compiled, as those of an installation are.

    Where Python was told to write no bytecode, every start would compile all of them.
    """
    if not sys.dont_write_bytecode:
        return [], None
    surroundings = settings.environment() | {"PYTHONDONTWRITEBYTECODE": ""}
    return ["-X", f"pycache_prefix={_shelf().name}"], surroundings


async def result(
    module: str, told: Mapping[str, Any], directory: Path, core: int | None
) -> Mapping[str, Any]:
    """Run `module.main(told)` elsewhere to its end; the line that it said."""
    async with started(module, told, directory, core) as child:
        return child.said


async def _first_line(process: Process, module: str, log: Path) -> Mapping[str, Any]:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            line = await process.stdout.readline()
    except TimeoutError:
        line = b""
    if not line:
        raise NotMeasured(f"{module} said nothing; its log ends:\n{_tail(log)}")
    said: Mapping[str, Any] = json.loads(line)
    return said


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]
