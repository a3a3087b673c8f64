"""The form for a run in a real Chromium: searched by keys, filled in, corrected, and sent once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import builders
from tests.rehearsal import browsers
from tests.rehearsal.browsers import Browser
from tests.slack.house import House

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(browsers.ABSENT), reason=f"not run: no {''.join(browsers.ABSENT[:1])}"),
]
ENTER = "\ue007"
FIELD = '[data-block="restart-service:unit"]'
PARAMETERS = {
    "to": {"type": "integer", "min": 20, "max": 80, "value": 50},
    "unit": {"type": "string", "pattern": "[a-z]+"},
}


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with browsers.opened(tmp_path) as opened:
        yield opened


async def test_somebody_searches_fills_in_corrects_and_asks(house: House, browser: Browser) -> None:
    house.requests.known = [builders.a_service(), builders.a_service(name="web")]
    house.requests.books = [
        builders.a_runbook(),
        builders.a_runbook(runbook="restart-service", title="Restart it", parameters=PARAMETERS),
    ]
    await browser.ask("url", url=house.workspace.url)
    await browser.type("#main-text", f"/heal{ENTER}")
    await browser.type("dialog .search", "restart")
    await browser.shows(".search-list", "Restart it")
    await browser.type("dialog .search", ENTER)
    await browser.shows("dialog", "Give a string that matches [a-z]+")

    house.requests.misfit = {"unit": "'SHOP' does not fit"}
    await browser.run("document.querySelector('[data-block=place]').value = 'web in production'")
    await browser.type(FIELD, "SHOP")
    await browser.click("dialog button.primary")
    await browser.shows("dialog .error", "'SHOP' does not fit")
    house.requests.misfit = {}
    await browser.click("dialog button.primary")
    await browser.until("return !document.querySelector('dialog')")
    await house.workspace.until(lambda: house.requests.calls)
    ((_, (asked, channel, _)),) = house.requests.calls

    assert channel == "C0ALERTS"
    assert (asked.runbook, asked.dry_run) == ("restart-service", False)
    assert asked.given == {
        "to": "50", "unit": "SHOP", "service": "web", "environment": "production",
    }  # fmt: skip
    assert await browser.ask("se/log", type="browser") == []
