"""The one place where background tasks are made: named, referenced and supervised.

A bare task can be collected while it runs, and its exception is lost until then. A room that
needs work to go on in the background is handed a `Tasks` and closes it when it goes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")
PATIENCE_SECONDS = 5  # a task may miss a cancellation (wait_for before 3.12): it is told again
log = logging.getLogger(__name__)


class Tasks:
    """The background tasks of one owner."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._running)

    def start(self, coro: Coroutine[Any, Any, Result], *, name: str) -> asyncio.Task[Result]:
        """Runs `coro` in the background; its failure is logged under `name`, never lost.

        Raises RuntimeError once closed: work that nobody would wait for is not begun.
        """
        if self._closed:
            coro.close()
            raise RuntimeError(f"cannot start the task {name!r}: its owner is closed")
        task = asyncio.get_running_loop().create_task(coro, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def attempt(self, coro: Coroutine[Any, Any, Result], *, name: str) -> Result | None:
        """Does one of many: its failure, which is logged, keeps none of the others from its turn.

        Gives what `coro` gives, None when it failed or was cancelled.
        """
        task = self.start(coro, name=name)
        await asyncio.wait({task})
        return None if task.cancelled() or task.exception() is not None else task.result()

    async def close(self, grace: float) -> None:
        """Waits `grace` seconds for what runs, cancels what is left and waits for its end."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace
        while (others := self._others()) and (left := deadline - loop.time()) > 0:
            await asyncio.wait(others, timeout=left)
        self._closed = True
        while others := self._others():
            for task in others:
                task.cancel()
            await asyncio.wait(others, timeout=PATIENCE_SECONDS)

    def _others(self) -> set[asyncio.Task[Any]]:
        """All but the caller: a task may close the owner it belongs to."""
        return self._running - {asyncio.current_task()}

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            log.error("background task %r failed", task.get_name(), exc_info=error)
