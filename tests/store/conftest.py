"""A real SQLite file in a folder of the test, its writer closed when the test ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.ledger import Ledger
from bot.store.writer import Writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "heal.db"


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    opened = await Writer.open(path, busy=0.1)
    yield opened
    await opened.close()


@pytest.fixture
def ledger(writer: Writer) -> Ledger:
    return Ledger(writer)
