"""One unit and the process that it runs, in systemd's words; nothing is started by itself.

Called by the supervisor. What is asked of one unit is done one after the other; how it stands can
be read at any time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import Process
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bot import ports

GRACE = 5.0
"""Seconds that a process has for its end, and for its first answer."""
LOOK_AGAIN = 0.01
CLEAN = {0, -signal.SIGHUP, -signal.SIGINT, -signal.SIGPIPE, -signal.SIGTERM}
"""Ends that systemd takes for an orderly one."""


class State(StrEnum):
    """systemd's ActiveState."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    FAILED = "failed"
    ACTIVATING = "activating"
    DEACTIVATING = "deactivating"


SUB_STATES = {
    State.ACTIVE: "running",
    State.INACTIVE: "dead",
    State.FAILED: "failed",
    State.ACTIVATING: "start",
    State.DEACTIVATING: "stop-sigterm",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A program that serves on a loopback port; it is up when the port takes a connection."""

    name: str
    argv: tuple[str, ...]
    port: int


@dataclass(frozen=True, slots=True)
class Streams:
    """What a child gets: input that ends when its owner dies, output and a place for errors."""

    leash: int
    output: int
    errors: Path


class Child:
    """The life of one unit, process after process."""

    def __init__(self, unit: Unit, streams: Streams, clock: ports.Clock) -> None:
        self.unit = unit
        self._streams = streams
        self._clock = clock
        self._lock = asyncio.Lock()
        self._process: Process | None = None
        self._doing: State | None = None
        self._entered: datetime | None = None

    @property
    def state(self) -> State:
        if self._doing is not None:
            return self._doing
        if self._process is None:
            return State.INACTIVE
        if self._process.returncode is None:
            return State.ACTIVE
        return State.INACTIVE if self._process.returncode in CLEAN else State.FAILED

    @property
    def pid(self) -> int:
        """The process that runs now, 0 when none does."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else 0

    def properties(self) -> dict[str, str]:
        """What `systemctl show` knows; NRestarts counts those nobody asked for, so it stays 0."""
        entered = self._entered
        return {
            "LoadState": "loaded",
            "ActiveState": self.state,
            "SubState": SUB_STATES[self.state],
            "MainPID": str(self.pid),
            "NRestarts": "0",
            "ActiveEnterTimestamp": f"{entered:%a %Y-%m-%d %H:%M:%S UTC}" if entered else "",
        }

    async def start(self) -> str:
        """Start unless it runs; returns when it answers, with why it does not if so."""
        async with self._lock:
            return await self._start()

    async def stop(self) -> str:
        async with self._lock:
            await self._end(signal.SIGTERM)
        return ""

    async def restart(self) -> str:
        """End what runs and start anew; returns as `start` does."""
        async with self._lock:
            await self._end(signal.SIGTERM)
            return await self._start()

    async def kill(self) -> None:
        """End it the hard way, from outside; returns when it is gone."""
        async with self._lock:
            await self._end(signal.SIGKILL)

    async def ended(self) -> None:
        """Wait until nothing runs."""
        if self._process is not None:
            await self._process.wait()

    async def _start(self) -> str:
        if self.pid:
            return ""
        self._doing = State.ACTIVATING
        try:
            with self._streams.errors.open("ab") as errors:
                self._process = process = await asyncio.create_subprocess_exec(
                    *self.unit.argv,
                    stdin=self._streams.leash,
                    stdout=self._streams.output,
                    stderr=errors,
                    start_new_session=True,
                )
            if not await self._answers(process):
                await self._end(signal.SIGKILL)
                return f"it did not answer on port {self.unit.port}: see {self._streams.errors}"
            self._entered = self._clock.now()
        finally:
            self._doing = None
        return ""

    async def _answers(self, process: Process) -> bool:
        deadline = self._clock.monotonic() + GRACE
        while process.returncode is None and self._clock.monotonic() < deadline:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.unit.port)
                writer.close()
                await writer.wait_closed()
                return True
            await self._clock.sleep(LOOK_AGAIN)
        return False

    async def _end(self, sign: signal.Signals) -> None:
        """Send `sign` to the whole group, and what cannot be ignored if it is."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._doing = State.DEACTIVATING
        try:
            for each in (sign, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, each)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(GRACE):
                        await process.wait()
                        return
        finally:
            self._doing = None
