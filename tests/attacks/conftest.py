"""The Slack room behind its doors, and the engine by itself, for attacks on either."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.conftest import path
from tests.engine.houses import House
from tests.slack.conftest import by_http, workspace
from tests.slack.conftest import house as room

__all__ = ["by_http", "engine", "path", "room", "workspace"]


@pytest.fixture
async def engine(path: Path) -> AsyncIterator[House]:
    built = House(path)
    await built.open()
    yield built
    await built.close()
