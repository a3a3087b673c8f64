"""What a running house does with what is old: told by one setting, finished at a start."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.keeping import NAME, Keeping
from bot.core.errors import ConfigurationError
from bot.core.facts import LedgerSealed
from bot.store import reading
from bot.store.inbox import Inbox
from bot.store.ledger import Ledger
from bot.store.outbox import Outbox
from bot.store.sealing import Sealing
from bot.store.writer import Writer
from bot.timers import Timers
from tests.fakes import FakeClock
from tests.store.drafts import draft


class Calls(Timers):
    """Notes what shall be called, and calls nothing."""

    def every(self, span: timedelta, name: str, *_: object, **__: object) -> None:
        self.noted = (span, name)


async def kept(path: Path, told: dict[str, str]) -> list[str]:
    """Let a house that was told this look once at a ledger that began 200 days ago."""
    clock = FakeClock()
    writer = await Writer.open(path)
    try:
        ledger = Ledger(writer)
        then = clock.now() - timedelta(days=200)
        refused = draft("old", kind="door.refused", incident="", at=then)
        await ledger.append_all([refused, draft("new", kind="door.refused", incident="")])
        inbox, outbox = await Inbox.open(writer), Outbox(writer)
        sealing = Sealing(path, writer, ledger)
        keeping = Keeping(lambda _: told, sealing, inbox, outbox, clock)
        timers = Calls()
        await keeping.begin(timers)
        await keeping.look()
        assert timers.noted == (timedelta(hours=6), NAME)
    finally:
        await writer.close()
    return [entry.kind for entry in reading.entries(path)]


@pytest.mark.parametrize("told", [{}, {"keep": ""}])
async def test_nothing_is_sealed_unless_somebody_asked_for_it(
    tmp_path: Path, told: dict[str, str]
) -> None:
    assert await kept(tmp_path / "heal.db", told) == ["door.refused"] * 2


async def test_what_is_older_than_the_setting_says_is_sealed(tmp_path: Path) -> None:
    sealed = LedgerSealed.model_fields["kind"].default

    assert await kept(tmp_path / "a.db", {"keep": "120d"}) == ["door.refused"] * 2 + [sealed]
    assert await kept(tmp_path / "b.db", {"keep": "190d"}) == ["door.refused"] * 2


@pytest.mark.parametrize(
    ("given", "why"), [("29d", "write 30d or more"), ("long", "HEAL_LEDGER_KEEP")]
)
async def test_a_setting_that_is_wrong_stops_the_start(
    tmp_path: Path, given: str, why: str
) -> None:
    with pytest.raises(ConfigurationError, match=why):
        await kept(tmp_path / "heal.db", {"keep": given})
