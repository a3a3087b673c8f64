"""A house that is open, on a real file of the test's own; in memory, for each commit is synced."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.engine.houses import House

MEMORY = Path("/dev/shm")


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder) / "heal.db"


@pytest.fixture
async def house(path: Path) -> AsyncIterator[House]:
    built = House(path)
    await built.open()
    yield built
    await built.close()
