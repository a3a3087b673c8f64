"""A town that closes with the test, and its systemctl."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.rehearsal.sandbox import Town
from tests.rehearsal.sandbox import spoken


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Town.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def ctl(town: Town) -> spoken.Ctl:
    return functools.partial(spoken.call, town.systemctl)
