"""A ledger with two incidents of which one is the other's return, and pages over it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.rehearsal.workspace import Workspace
from tests import builders
from tests.fakes import FakeClock
from tests.web.pages import axe, sites
from tests.web.pages.sites import Place


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return axe.book_of(tmp_path_factory.mktemp("pages"))


@pytest.fixture
async def place(ledger: Path) -> AsyncIterator[Place]:
    clock = FakeClock(builders.START + timedelta(hours=1))
    async with sites.served(ledger, clock=clock, proxies=["127.0.0.1"]) as opened:
        yield opened


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace.open() as opened:
        yield opened
