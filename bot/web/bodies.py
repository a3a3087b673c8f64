"""Bodies: read before anybody is believed, so only so many at once, so large and for so long."""

from __future__ import annotations

import asyncio
from collections import Counter

from aiohttp import web

from bot.core.errors import AlertRejected, TooFast

LARGEST = 1 << 20
"""Bytes of one body at most; alert batches are tens of kilobytes."""
TOO_LARGE = f"the body is larger than {LARGEST} bytes: send smaller groups"
ROOM = 64 * LARGEST
"""Bytes that are read at one door at once: a flood there takes neither memory nor others' turn."""
LEAST = 1 << 12
"""Bytes that each counts at least, for its connection takes room too."""
WITHIN = 10.0
"""Seconds in which a body has to come."""
SOON = 1
"""Seconds after which one more may be read."""


class Bodies:
    """Counts the bytes that may be on their way at each door."""

    def __init__(self, *, room: int = ROOM, within: float = WITHIN) -> None:
        self._room = room
        self._within = within
        self._reading: Counter[str] = Counter()

    async def read(self, door: str, request: web.Request) -> bytes:
        """Read one; AlertRejected or TooFast says why not, and with which status."""
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            # A few bytes can unpack to anything, before anybody is believed.
            raise AlertRejected("its body is packed: send it without Content-Encoding", 415)
        if (request.content_length or 0) > LARGEST:
            raise AlertRejected(TOO_LARGE, 413)
        if request.content.is_eof():  # it came with its headers, as most do
            return await self._read(request)
        size = max(LEAST, min(LARGEST, request.content_length or LARGEST))
        if self._reading[door] + size > self._room:
            raise TooFast("too many messages come in at this moment: send it again", 503, SOON)
        self._reading[door] += size
        try:
            async with asyncio.timeout(self._within):
                return await self._read(request)
        except TimeoutError:
            raise AlertRejected(f"it did not come within {self._within:g} s", 408) from None
        finally:
            self._reading[door] -= size

    async def _read(self, request: web.Request) -> bytes:
        try:
            return await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise AlertRejected(TOO_LARGE, 413) from None
        except web.RequestPayloadError:
            raise AlertRejected("its body is broken on the way: send it again", 400) from None
