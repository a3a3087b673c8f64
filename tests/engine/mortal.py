"""A ledger that dies with its process, after so many entries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.core.transcript import Draft, Entry
from bot.store.ledger import Ledger
from bot.store.view import View
from bot.store.writer import Writer

T = TypeVar("T")


class DeadError(Exception):
    """The process is gone."""


class MortalLedger(Ledger):
    """Takes so many entries and not one more: then the process is dead and answers nothing."""

    def __init__(self, writer: Writer, entries: int) -> None:
        super().__init__(writer)
        self.dead = asyncio.Event()
        self._left = entries

    async def append_all(self, drafts: Sequence[Draft]) -> list[tuple[Entry, bool]]:
        """Each by itself, as earlier versions recorded them: any of them may be the last one."""
        return [(await super(MortalLedger, self).append_all([draft]))[0] for draft in drafts]

    async def transaction(self, act: Callable[[View], T]) -> T:
        def counted(view: View) -> T:
            result = act(view)
            if len(view.added) > self._left:
                raise DeadError
            self._left -= len(view.added)
            return result

        try:
            return await super().transaction(counted)
        except DeadError:
            self.dead.set()
            return await asyncio.Event().wait()  # type: ignore[return-value]
