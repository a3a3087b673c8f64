"""Proving: whether the ledger takes a write now, said in time for whoever asks."""

from __future__ import annotations

import asyncio

from bot.core.errors import StoreUnavailable
from bot.store.writer import Writer

PROVING = 3.0
"""Seconds in which the ledger has to take a write for Heal to be called ready."""


async def why_not(writer: Writer) -> str:
    """Why nothing can be recorded now; empty when it can."""
    try:
        async with asyncio.timeout(PROVING):
            await writer.prove()
    except StoreUnavailable as error:
        return str(error)
    except TimeoutError:
        return f"the ledger could not be written within {PROVING:g} s"
    return ""
