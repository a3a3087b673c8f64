"""Turns: what concerns one trouble is done one after the other, other troubles beside it."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """A lock for each name, kept as long as somebody has it or waits for it, in order."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        """How many names somebody has, or waits for."""
        return len(self._locks)

    def __call__(self, name: str) -> asyncio.Lock:
        """The lock of this name; `async with` it at once, for nothing else keeps it."""
        return self._locks.setdefault(name, asyncio.Lock())
