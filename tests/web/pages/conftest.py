"""A ledger with two incidents of which one is the other's return, and pages over it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.facts import CameBack
from bot.rehearsal.workspace import Workspace
from tests import builders
from tests.fakes import FakeClock
from tests.slack.cards import stories
from tests.store import books
from tests.web.pages import sites
from tests.web.pages.sites import Place

HOSTILE = (
    "<script>document.title='in'</script><img src=x onerror=\"document.title='in'\">' \" onload=x "
    "javascript:alert(1) \u202e `&lt;` " + "W" * 300
)
FIRST, AGAIN, OTHER = builders.INCIDENT, "inc-again7", "inc-other7"


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    again = CameBack(alert=builders.an_alert(), again=AGAIN)
    told = [*stories.STORIES["resolved"](), again]
    opened = builders.an_opening(title=HOSTILE, service="<b>shop</b>")
    lines = books.story(FIRST, told)
    for name in (AGAIN, OTHER):
        more = [opened, *stories.STORIES["rolled_back"]()[1:]]
        lines += [line._replace(after=line.after + 600) for line in books.story(name, more)]
    return books.written(tmp_path_factory.mktemp("pages") / "heal.db", lines)


@pytest.fixture
async def place(ledger: Path) -> AsyncIterator[Place]:
    clock = FakeClock(builders.START + timedelta(hours=1))
    async with sites.served(ledger, clock=clock, proxies=["127.0.0.1"]) as opened:
        yield opened


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace.open() as opened:
        yield opened
