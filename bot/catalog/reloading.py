"""Hot reload: what was read last and was good stays in force until something better is read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from bot.core.errors import ConfigurationError

Loaded = TypeVar("Loaded")


async def _unrecorded(_: object) -> None:
    """Nobody wants to know."""


class Catalog(Generic[Loaded]):
    """Holds what one loader makes of the disk; readers see the old or the new, never a mixture."""

    def __init__(
        self, load: Callable[[], Loaded], accept: Callable[[Loaded], None] = lambda _: None
    ) -> None:
        """
        Load once; ConfigurationError stops the start.

        `load` reads in a thread, later on. `accept` looks at what was read where it will be used,
        and refuses it by a ConfigurationError.
        """
        self._load = load
        self._accept = accept
        self._current = load()
        accept(self._current)
        self._turn = asyncio.Lock()

    @property
    def current(self) -> Loaded:
        return self._current

    async def reload(
        self, record: Callable[[Loaded], Awaitable[None]] = _unrecorded
    ) -> tuple[str, ...]:
        """
        Read everything again and put it in force; return the problems that prevented it.

        With problems, nothing changes; nor when `record`, which is told before it is in force,
        raises. Reloads take turns, so that an older reading cannot replace a newer one.
        """
        async with self._turn:
            try:
                loaded = await asyncio.to_thread(self._load)
                self._accept(loaded)
            except ConfigurationError as error:
                return tuple(str(error).splitlines())
            await record(loaded)
            self._current = loaded
        return ()
