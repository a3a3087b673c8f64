"""Bodies: read before anybody is believed, so only so many at once, so large and for so long."""

from __future__ import annotations

import asyncio
from collections import Counter

from aiohttp import web

from bot.core.errors import AlertRejected, TooFast

LARGEST = 1 << 20
"""Bytes of one body at most; alert batches are tens of kilobytes."""
AT_ONCE = 256
"""Bodies that are read at one door at once: a flood there takes neither memory nor others' turn."""
WITHIN = 10.0
"""Seconds in which a body has to come."""
SOON = 1
"""Seconds after which one more may be read."""


class Bodies:
    """Counts who is being read at each door."""

    def __init__(self, *, at_once: int = AT_ONCE, within: float = WITHIN) -> None:
        self._at_once = at_once
        self._within = within
        self._reading: Counter[str] = Counter()

    async def read(self, door: str, request: web.Request) -> bytes:
        """Read one; AlertRejected or TooFast says why not, and with which status."""
        if request.content.is_eof():  # it came with its headers, as most do
            return await self._read(request)
        if self._reading[door] >= self._at_once:
            raise TooFast("too many messages come in at this moment: send it again", 503, SOON)
        self._reading[door] += 1
        try:
            async with asyncio.timeout(self._within):
                return await self._read(request)
        except TimeoutError:
            raise AlertRejected(f"it did not come within {self._within:g} s", 408) from None
        finally:
            self._reading[door] -= 1

    async def _read(self, request: web.Request) -> bytes:
        try:
            return await request.read()
        except web.HTTPRequestEntityTooLarge:
            said = f"the body is larger than {LARGEST} bytes: send smaller groups"
            raise AlertRejected(said, 413) from None
