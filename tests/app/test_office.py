"""What is told of the settings is never a secret, and the ledger is walked once at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.app.office import SECRET, Office
from bot.settings import Settings
from bot.store.writer import Writer


def settings(ledger: Path) -> Settings:
    return Settings(
        SLACK_BOT_TOKEN="xoxb-very-secret",
        SLACK_APP_TOKEN="xapp-very-secret",
        HEAL_ALERTMANAGER_URL="https://me:hidden-word@am.example.org",
        HEAL_LEDGER=ledger,
    )


def test_what_was_set_is_told_and_of_secrets_only_that_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEAL_PAGERDUTY_TOKEN_FILE", "/run/pager-key")
    sections = {"report": {"channel": "#daily"}, "pages": {"key": "page-secret"}}
    office = Office(settings(tmp_path / "heal.db"), lambda name: sections.get(name, {}))
    told = {one.variable: one.value for one in office.settings()}

    assert told["HEAL_ALERTMANAGER_URL"] == "https://…@am.example.org"
    assert told["HEAL_REPORT_CHANNEL"] == "#daily"
    assert {told[name] for name in (
        "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "HEAL_PAGES_KEY", "HEAL_PAGERDUTY_TOKEN",
    )} == {SECRET}  # fmt: skip
    assert "SLACK_PORT" not in told
    for hidden in ("very-secret", "hidden-word", "page-secret", "pager-key"):
        assert hidden not in str(told)


async def test_the_ledger_is_walked_for_one_at_a_time(tmp_path: Path) -> None:
    writer = await Writer.open(tmp_path / "heal.db")
    await writer.close()
    office = Office(settings(tmp_path / "heal.db"), lambda _: {})
    first, second = await asyncio.gather(office.verify(), office.verify())
    broken = await Office(settings(tmp_path / "none.db"), lambda _: {}).verify()

    assert first is not None
    assert (first.sound, second) == (True, None)
    assert broken is not None
    assert (broken.sound, "there is no file" in broken.line) == (False, True)
