"""Ledger: the append-only, hash-chained record, for the event loop; all returns after a commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import TypeVar

from sqlite_utils import Database

from bot.core.chain import Head
from bot.core.transcript import Brief, Draft, Entry
from bot.store.view import View
from bot.store.writer import Writer

T = TypeVar("T")
Subscriber = Callable[[Entry], None]


class Ledger:
    """What was recorded, and the one way to record more."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._subscribers: list[Subscriber] = []
        self._news: list[Entry] = []

    async def append(self, draft: Draft) -> tuple[Entry, bool]:
        """Record once: the entry that stands under the draft's key, and whether it is new."""
        return (await self.append_all((draft,)))[0]

    async def append_all(self, drafts: Sequence[Draft]) -> list[tuple[Entry, bool]]:
        """Record these in their order, all of them or none; each as `append` does."""
        return await self.transaction(lambda view: [view.append(draft) for draft in drafts])

    async def keep(self, those: Sequence[tuple[Draft, bytes]]) -> list[tuple[Entry, bool]]:
        """Record as `append_all` does that exhibits are kept, with their contents."""
        return await self.transaction(lambda view: [view.keep(*one) for one in those])

    async def transaction(self, act: Callable[[View], T]) -> T:
        """
        Read and append in one step that nothing can come between.

        `act` runs in the writer's thread, so it takes only what it was given and waits for
        nothing; what it raises undoes it and is raised here.
        """

        def job(db: Database) -> tuple[T, list[Entry]]:
            view = View(db)
            return act(view), view.added

        result, _ = await self._writer.submit(job, self._publish)
        return result

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """
        Call this with every entry after its commit, in order; returns how to stop that.

        An append returns after its entry was handed to the subscribers. They run on the event
        loop, so they only take note.
        """
        self._subscribers.append(subscriber)

        def stop() -> None:
            with suppress(ValueError):
                self._subscribers.remove(subscriber)

        return stop

    async def find(self, key: str) -> Entry | None:
        return await self.transaction(lambda view: view.find(key))

    async def of(self, incident: str, last_of: str = "") -> list[Entry]:
        """Read one incident's transcript, in order; of one kind the last entry only."""
        return await self.transaction(lambda view: view.of(incident, last_of))

    async def brief(self, incident: str) -> Brief:
        """Read one incident's transcript without the middle of the alerts that joined it."""
        return await self.transaction(lambda view: view.brief(incident))

    async def open_incidents(self) -> list[Entry]:
        """Read the opening entry of every incident that was not closed, oldest first."""
        return await self.transaction(View.open_incidents)

    async def head(self) -> Head:
        """Read where the chain ends: worth remembering elsewhere, for it proves the tail."""
        return await self.transaction(View.head)

    async def all(self, after: int = 0) -> AsyncIterator[Entry]:
        """Read the whole ledger behind `after`, page by page."""
        while page := await self.transaction(partial(View.after, seq=after)):
            for entry in page:
                yield entry
            after = page[-1].seq

    def _publish(self, committed: tuple[object, list[Entry]]) -> None:
        """Note what is to be told; one turn of the loop tells of all that one commit carried."""
        if not self._news:
            asyncio.get_running_loop().call_soon(self._tell)
        self._news += committed[1]

    def _tell(self) -> None:
        news, self._news = self._news, []
        for entry in news:
            for subscriber in tuple(self._subscribers):
                with _Apart():
                    subscriber(entry)


class _Apart:
    """Hands what is raised inside to the loop's handler: one that fails stops no other."""

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        said = {"message": "a subscriber of the ledger failed", "exception": error}
        asyncio.get_running_loop().call_exception_handler(said)
        return True
