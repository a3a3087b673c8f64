"""Starts and ends the sandbox's services on request, as systemd would; bringing back is Heal's job.

Requests come through a unix socket, as one line of JSON each, from the program `systemctl`. The
children live no longer than their supervisor: their input is a pipe that ends when it dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import sys
import tempfile
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Self

from bot import ports
from bot.clock import Clock
from bot.core.errors import PermanentError
from bot.rehearsal.sandbox.child import Child, State, Streams, Unit
from bot.rehearsal.sandbox.effects import Effects
from bot.tasks import Tasks

GRACE = 5.0
LONGEST = 90
"""Bytes of a directory in which a socket's path stays below the 104 that every system allows."""
CLIENT = Path(__file__).with_name("systemctl.py")


class Supervisor:
    """The units of one sandbox; `systemctl` is the command that speaks to them."""

    def __init__(
        self, directory: Path, tasks: Tasks, effects: Effects, leash: int, clock: ports.Clock
    ) -> None:
        self.systemctl = directory.absolute() / "systemctl"
        self._directory = directory
        self._tasks = tasks
        self._effects = effects
        self._leash = leash
        self._clock = clock
        self._children: dict[str, Child] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, directory: Path, tasks: Tasks, clock: ports.Clock | None = None
    ) -> AsyncIterator[Self]:
        """Listens until the end of the block, and then ends every unit and `tasks`."""
        clock = clock or Clock()
        with (
            Effects(directory / "effects.log", clock) as effects,
            _leash() as leash,
            _socket_place(directory) as socket,
        ):
            supervisor = cls(directory, tasks, effects, leash, clock)
            server = await asyncio.start_unix_server(supervisor._hear, socket)
            _write_client(supervisor.systemctl, socket)
            try:
                yield supervisor
            finally:
                server.close()
                await tasks.close(GRACE)
                await supervisor._end_all()

    async def add(self, unit: Unit) -> None:
        """Take a unit in and start it; PermanentError when it does not come up."""
        streams = Streams(
            self._leash, self._effects.descriptor, self._directory / f"{unit.name}.errors"
        )
        self._children[unit.name] = Child(unit, streams, self._clock)
        await self.start(unit.name)

    def state(self, unit: str) -> State:
        return self._children[unit].state

    def pid(self, unit: str) -> int:
        """The process that runs now, 0 when none does."""
        return self._children[unit].pid

    async def start(self, unit: str) -> None:
        """Start unless it runs; PermanentError when it does not come up."""
        if why := await self._children[unit].start():
            raise PermanentError(f"the unit {unit} cannot be started: {why}")

    async def kill(self, unit: str) -> None:
        """Kill the process as an accident would; returns when it is gone."""
        child = self._children[unit]
        self._effects.write(unit, child.pid, "kill")
        await child.kill()

    async def ended(self, unit: str) -> None:
        """Wait until the unit's process is gone."""
        await self._children[unit].ended()

    def _hear(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._tasks.start(self._serve(reader, writer), name="sandbox control")

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            asked = json.loads(await reader.readline())
            reply = await self._do(asked["verb"], asked["unit"])
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        except (ConnectionError, ValueError):
            return  # whoever asked is gone
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _do(self, verb: str, name: str) -> dict[str, Any]:
        """Answer with the exit code, what to say on standard error, and the unit's properties."""
        service = name if name.endswith(".service") else f"{name}.service"
        child = self._children.get(service.removesuffix(".service"))
        names = {"Id": service, "Names": service}
        if child is None:
            said = f"Failed to {verb} {service}: Unit {service} not found."
            unknown = {"LoadState": "not-found", "ActiveState": "inactive", "SubState": "dead",
                       "MainPID": "0", "NRestarts": "0", "ActiveEnterTimestamp": ""}  # fmt: skip
            return {"code": 5, "says": said, "properties": names | unknown}
        verbs: dict[str, Callable[[], Awaitable[str]]] = {
            "start": child.start, "stop": child.stop, "restart": child.restart,
        }  # fmt: skip
        why = ""
        if verb in verbs:
            self._effects.write(child.unit.name, child.pid, "ask", verb)
            why = await verbs[verb]()
        said = f"Job for {service} failed: {why}" if why else ""
        return {"code": int(bool(why)), "says": said, "properties": names | child.properties()}

    async def _end_all(self) -> None:
        await asyncio.gather(*(child.stop() for child in self._children.values()))


@contextlib.contextmanager
def _leash() -> Iterator[int]:
    """The end of a pipe to read from; the other end is nobody's but this process's."""
    held, kept = os.pipe()
    with os.fdopen(held, "rb"), os.fdopen(kept, "wb"):
        yield held


@contextlib.contextmanager
def _socket_place(directory: Path) -> Iterator[Path]:
    """In the directory, unless its path is too long for a socket."""
    directory = directory.absolute()
    with contextlib.ExitStack() as stack:
        if len(os.fsencode(directory)) > LONGEST:
            made = stack.enter_context(tempfile.TemporaryDirectory(prefix="heal-"))
            directory = Path(made)
        socket = directory / "control"
        stack.callback(socket.unlink, missing_ok=True)
        yield socket


def _write_client(path: Path, socket: Path) -> None:
    """A shell passes the words on: a shebang has no room for long paths, or ones with spaces."""
    words = shlex.join([sys.executable, "-I", "-S", str(CLIENT), str(socket)])
    path.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    path.chmod(0o700)
