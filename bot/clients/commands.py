"""
Commands on this machine: a list of arguments, never a shell, and never without an end.

A command sees PATH, LANG and HOME only, reads nothing, and leads a process group of its own, so
that a timeout ends what it started as well. Its output is read to the end but kept to 64 KiB,
without control characters: what a command prints ends up in front of people.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from bot.core.errors import PermanentError, TemporaryError

KEPT = 64 * 1024
GRACE = 5.0
LINGER = 0.5
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
VISIBLE = ("PATH", "LANG", "HOME")
_led: set[int] = set()
"""The groups of commands that run now: whoever leaves at once ends them all."""
_UNSEEN = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor moves
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links and other strings
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that ended by itself; `seconds` is how long it took."""

    code: int
    out: str
    err: str
    seconds: float


class Run(Protocol):
    """Run one command and wait for its end, `within` seconds."""

    async def __call__(self, *argv: str, within: float) -> Finished: ...


class Commands:
    """Runs commands here; of `environment` they see PATH, LANG and HOME; `grace` is in seconds."""

    def __init__(self, environment: Mapping[str, str] | None = None, grace: float = GRACE) -> None:
        given = environment or {}
        self._environment = {"PATH": PATH} | {k: given[k] for k in VISIBLE if k in given}
        self._grace = grace

    async def __call__(self, *argv: str, within: float) -> Finished:
        """
        Run `argv` and return how it ended, whatever its exit code.

        Raises PermanentError when it cannot be started at all, and TemporaryError when it was
        still running after `within` seconds: then its whole group has been ended.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with _listening() as (out, to_out), _listening() as (err, to_err):
            process = await self._start(argv, to_out, to_err)
            _led.add(process.pid)
            to_out.close()
            to_err.close()
            try:
                async with asyncio.timeout(within):
                    code = await process.wait()
            except TimeoutError:
                raise TemporaryError(f"{argv[0]} did not end within {within:g} s") from None
            finally:
                if process.returncode is None:
                    await self._end(process)
                _led.discard(process.pid)
            with contextlib.suppress(TimeoutError):  # a child left behind may hold them open
                async with asyncio.timeout(LINGER):
                    await out.ended.wait()
                    await err.ended.wait()
        return Finished(code, out.text, err.text, loop.time() - began)

    async def _start(self, argv: tuple[str, ...], out: BinaryIO, err: BinaryIO) -> Process:
        try:
            return await asyncio.create_subprocess_exec(
                *argv,
                stdin=DEVNULL,
                stdout=out,
                stderr=err,
                env=self._environment,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise PermanentError(
                f"the command {argv[0]!r} is not on this machine: install it, or set its path"
            ) from None
        except (OSError, ValueError) as error:
            raise PermanentError(f"the command {argv[0]!r} cannot be started: {error}") from error

    async def _end(self, process: Process) -> None:
        """Ask the whole group to go, then make it: a grandchild may outlive its parent."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, sign)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._grace):
                    await process.wait()


def end_all() -> int:
    """End every command that runs now, and what it started, without a wait; how many there were."""
    for leader in _led:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)
    return len(_led)


class Output(asyncio.Protocol):
    """Keeps the beginning of one stream and lets the rest pass."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.cut = False
        self.ended = asyncio.Event()

    @property
    def text(self) -> str:
        """What a person may see of it."""
        shown = printable(self.kept.decode("utf-8", "replace"))
        return f"{shown}… [cut after {KEPT // 1024} KiB]" if self.cut else shown

    def data_received(self, data: bytes) -> None:
        room = KEPT - len(self.kept)
        self.kept += data[:room]
        self.cut = self.cut or len(data) > room

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()


@contextlib.asynccontextmanager
async def _listening() -> AsyncIterator[tuple[Output, BinaryIO]]:
    """A stream that is ours to close, unlike those of asyncio.subprocess."""
    read, write = os.pipe()
    with os.fdopen(write, "wb", buffering=0) as writer:
        transport, output = await asyncio.get_running_loop().connect_read_pipe(
            Output, os.fdopen(read, "rb", buffering=0)
        )
        try:
            yield output, writer
        finally:
            transport.close()
            await output.ended.wait()


def printable(text: str) -> str:
    r"""
    Take out what moves a cursor, colours, hides or reorders text; newlines and tabs stay.

    >>> printable("\x1b[31mred\x1b[0m\x00 alert")
    'red alert'
    """
    return _UNSEEN.sub("", text)
