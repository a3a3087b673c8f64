"""Hot reload: what was read last and was good stays in force until something better is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from bot.core.errors import ConfigurationError

Loaded = TypeVar("Loaded")


class Catalog(Generic[Loaded]):
    """Holds what one loader makes of the disk; readers see the old or the new, never a mixture."""

    def __init__(self, load: Callable[[], Loaded]) -> None:
        """Load once; ConfigurationError stops the start."""
        self._load = load
        self._current = load()
        self._turn = asyncio.Lock()

    @property
    def current(self) -> Loaded:
        return self._current

    async def reload(self) -> tuple[str, ...]:
        """
        Read everything again and put it in force; return the problems that prevented it.

        With problems, nothing changes. Reloads take turns, so that an older reading cannot
        replace a newer one.
        """
        async with self._turn:
            try:
                self._current = await asyncio.to_thread(self._load)
            except ConfigurationError as error:
                return tuple(str(error).splitlines())
        return ()
