"""Blocking work on files, in a thread that stops when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
Stopped = Callable[[], bool]

PATIENCE = 5.0
"""Seconds; a disk that does not answer must not hold up the loop for ever."""


async def in_thread(work: Callable[[Stopped], T]) -> T:
    """
    Return what `work` returns; it asks its argument, often, whether it should stop.

    When the wait is cancelled, the work is told and waited for: whoever goes on, to put things
    back for example, must not meet a thread that is still changing them.
    """
    stop = threading.Event()
    within = contextvars.copy_context()  # so that it may say how far it is
    running = asyncio.get_running_loop().run_in_executor(None, within.run, work, stop.is_set)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([running], timeout=PATIENCE)
        if running.done():
            running.exception()  # looked at, so that asyncio does not complain that nobody did
        raise
