"""A wire to Postgres that can be cut, before a question arrives or before its answer does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum

READY = b"Z\x00\x00\x00\x05I"
"""How Postgres ends an answer, when what it did is committed."""


class Cut(Enum):
    """Where the wire breaks at the next question; new connections are refused from then on."""

    NOWHERE = "nowhere"
    QUESTION = "before the question arrives"
    ANSWER = "before the answer comes"
    END = "in the last octets of the answer"


class Wire:
    """Its own port, and the server's; `cut` says what is to happen, `was_cut` that it did."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.cut = Cut.NOWHERE
        self.was_cut = asyncio.Event()
        self.mended = asyncio.Event()
        self.mended.set()
        self.tried = asyncio.Event()
        """Somebody tried to come in while it was cut."""
        self._server = port

    def break_at(self, cut: Cut) -> None:
        self.cut = cut
        self.was_cut.clear()
        self.mended.clear()

    def mend(self) -> None:
        self.cut = Cut.NOWHERE
        self.mended.set()

    async def carry(self, ours: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if self.was_cut.is_set() and not self.mended.is_set():
            self.tried.set()
            back.close()
            return
        theirs, to = await asyncio.open_connection("127.0.0.1", self._server)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._ask(ours, to, back))
                both.create_task(self._answer(theirs, back, to))
        finally:
            to.close()
            back.close()

    async def _ask(
        self, ours: asyncio.StreamReader, to: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        while told := await ours.read(1 << 16):
            if self.cut is Cut.QUESTION:
                break
            to.write(told)
            await to.drain()
        self._end(to, back)

    async def _answer(
        self, theirs: asyncio.StreamReader, back: asyncio.StreamWriter, to: asyncio.StreamWriter
    ) -> None:
        while told := await theirs.read(1 << 16):
            if self.cut in {Cut.ANSWER, Cut.END} and told.endswith(READY):
                if self.cut is Cut.END:
                    back.write(told[: -len(READY)])
                    await back.drain()
                break
            back.write(told)
            await back.drain()
        self._end(to, back)

    def _end(self, *ends: asyncio.StreamWriter) -> None:
        if self.cut is not Cut.NOWHERE:
            self.was_cut.set()
        for end in ends:
            end.close()


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[Wire]:
    made = Wire(port)
    server = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
