"""The page of evidence in a real Chromium: on a phone, on paper, and with hostile texts in it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli import exporting
from bot.store.reading import Choice
from tests import builders
from tests.rehearsal import browsers
from tests.slack.cards import stories
from tests.store import books

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(browsers.ABSENT), reason=f"not run: no {''.join(browsers.ABSENT[:1])}"),
]

HOSTILE = "<img src=x onerror=\"document.title='in'\">" + "W" * 400
WIDER = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOADED = "return performance.getEntriesByType('resource').length"


async def test_it_fits_a_phone_loads_nothing_and_lets_nothing_in(tmp_path: Path) -> None:
    told = [builders.an_opening(title=HOSTILE), *stories.STORIES["rolled_back"]()[1:]]
    ledger = books.written(tmp_path / "heal.db", books.story(builders.INCIDENT, told))
    page = tmp_path / "evidence.html"
    exporting.export(ledger, page, Choice(), builders.START + timedelta(days=1))
    async with browsers.opened(tmp_path / "profile", "500,900") as browser:
        await browser.ask("url", url=page.as_uri())
        await browser.shows("h1 ~ h1", HOSTILE[:20])

        assert await browser.run(WIDER) <= 0
        assert await browser.run(LOADED) == 0
        assert await browser.run("return document.title") == "Evidence from the ledger of Heal"
        assert await browser.run("return document.querySelectorAll('img, script, a').length") == 0
        told_of = await browser.run(
            "return getComputedStyle(document.querySelector('.many td'), '::before').content"
        )
        assert "UTC" in told_of, "a cell says what it is, where the head of its table is not seen"
