"""The load: so many senders, each with one line kept open, each asking as soon as it is answered.

One that is refused waits a second, as a sender does that is told to come again. The load runs in a
process of its own. A request costs it a few string joins, and an answer is read only as far as its
status and its length, so that it is not what is measured.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bot.bench import child, requests
from bot.bench.figures import quantile
from bot.clock import Clock

ROOM = 1 << 16
END = b"\r\n\r\n"
LENGTH = b"content-length: "
PAUSE = 1.0


class Tally:
    """What the answers were, over all senders."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.accepted: list[str] = []
        self.refused = 0
        self.broken = 0
        self.sent = 0
        """Those that were not refused."""
        self.made = 0


class Bounds(NamedTuple):
    """When senders stop: at a moment of the clock, or after so many accepted; and their rest."""

    until: float
    most: int
    rest: float


class Sender(asyncio.BufferedProtocol):
    """One line: sends, reads the status, sends the next; `ended` is set when it may stop."""

    def __init__(
        self, make: Callable[[int], requests.Asked], tally: Tally, clock: Clock, bounds: Bounds
    ) -> None:
        self._make, self._tally, self._clock, self._bounds = make, tally, clock, bounds
        self._buffer = bytearray(ROOM)
        self._filled = 0
        self._began = 0.0
        self._mark = ""
        self._transport: asyncio.Transport | None = None
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def get_buffer(self, sizehint: int) -> memoryview:
        return memoryview(self._buffer)[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        self._filled += nbytes
        head = self._buffer.find(END, 0, self._filled)
        if head < 0:
            return
        length = _length(bytes(self._buffer[:head]))
        if self._filled < head + len(END) + length:
            return
        self._filled = 0
        self._tally.waits.append(self._clock.monotonic() - self._began)
        if self._buffer[9:10] == b"2":
            self._tally.accepted.append(self._mark)
            self._again(self._bounds.rest)
        else:
            self._tally.refused += 1
            self._tally.sent -= 1
            self._again(PAUSE)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self._tally.broken += 1
            self.ended.set_result(None)

    def _again(self, rest: float) -> None:
        if rest:
            asyncio.get_running_loop().call_later(rest, self._next)
        else:
            self._next()

    def _next(self) -> None:
        assert self._transport is not None
        if self._tally.sent >= self._bounds.most or self._clock.monotonic() >= self._bounds.until:
            if not self.ended.done():
                self.ended.set_result(None)
            self._transport.close()
            return
        self._tally.sent += 1
        self._tally.made += 1
        self._mark, asked = self._make(self._tally.made)
        self._began = self._clock.monotonic()
        self._transport.write(asked)


def _write(file: str, marks: Sequence[str]) -> None:
    Path(file).write_text("\n".join(marks), encoding="ascii")


def _length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.find(LENGTH) + len(LENGTH)
    return int(lowered[start:].split(b"\r\n", 1)[0])


async def main(told: Mapping[str, Any]) -> None:
    """
    Load a port for some seconds; say the rate, the waits in milliseconds and who was accepted.

    Told: port, kind (of `requests`), clients, seconds, and accepted, a file for the marks of those
    that were, one a line. Perhaps `most`, how many shall be accepted at most, `rest`, the seconds
    between an answer and the next request, and `aside`, to go on until the owner lets go.
    """
    clock, tally, loop = Clock(), Tally(), asyncio.get_running_loop()
    make = requests.KINDS[told["kind"]](told)
    most, rest = told.get("most", sys.maxsize), told.get("rest", 0.0)
    began = clock.monotonic()
    bounds = Bounds(began + told["seconds"], most, rest)
    senders = []
    for _ in range(told["clients"]):
        _, sender = await loop.create_connection(
            lambda: Sender(make, tally, clock, bounds), "127.0.0.1", told["port"]
        )
        senders.append(sender)
    if told.get("aside"):
        child.say(begun=True)
        await child.until_let_go()
        return
    await asyncio.gather(*(sender.ended for sender in senders))
    took = clock.monotonic() - began
    _write(told["accepted"], tally.accepted)
    child.say(**_figures(tally, took))


def _figures(tally: Tally, took: float) -> dict[str, float]:
    waits = tally.waits or [float("nan")]
    return {
        "rate": len(tally.accepted) / took,
        "p50": quantile(waits, 0.5) * 1000,
        "p99": quantile(waits, 0.99) * 1000,
        "worst": max(waits) * 1000,
        "accepted": len(tally.accepted),
        "refused": tally.refused,
        "broken": tally.broken,
    }
