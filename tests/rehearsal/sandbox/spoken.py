"""Speaking to a town as a program outside of it would."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple, Protocol


class Said(NamedTuple):
    code: int
    out: str
    err: str


class Ctl(Protocol):
    """The town's systemctl."""

    async def __call__(self, *words: str) -> Said: ...


async def call(command: Path, *words: str) -> Said:
    """Run it with nothing in its environment."""
    process = await asyncio.create_subprocess_exec(command, *words, env={}, stdout=-1, stderr=-1)
    out, err = await process.communicate()
    assert process.returncode is not None
    return Said(process.returncode, out.decode(), err.decode())
