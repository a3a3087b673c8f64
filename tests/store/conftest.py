"""A real SQLite file in a folder of the test, its writer closed when the test ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.ledger import Ledger
from bot.store.shared.sharing import Shared
from bot.store.writer import Writer
from tests.store import sharers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "heal.db"


@pytest.fixture(params=["alone", "shared"])
def shared(request: pytest.FixtureRequest) -> Shared | None:
    """What a writer shares its file by: nothing, or a real Postgres."""
    if request.param == "alone":
        return None
    return sharers.shared(request.getfixturevalue("schema_url"))


@pytest.fixture
async def writer(path: Path, shared: Shared | None) -> AsyncIterator[Writer]:
    opened = await Writer.open(path, busy=0.1, shared=shared)
    yield opened
    await opened.close()


@pytest.fixture
def ledger(writer: Writer) -> Ledger:
    return Ledger(writer)
