"""The pages in a real Chromium: on a phone, in the dark, on paper, under axe, and hostile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import START
from tests.fakes import FakeClock
from tests.rehearsal import browsers
from tests.web.pages import axe, sites
from tests.web.pages.axe import AGAIN, FIRST, HOSTILE, View, enter

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(browsers.ABSENT), reason=f"not run: no {''.join(browsers.ABSENT[:1])}"),
]

PAGES = ("/runs", "/runs?words=nosuchword", f"/incidents/{FIRST}", f"/incidents/{AGAIN}",
         "/reports?for=30d", "/incidents/none")  # fmt: skip
SHARE = (View(axe.PHONE, "light"), View(axe.DESKTOP, "dark"))
"""The others are looked at by `python -m tests.web.pages.axe`."""
LOADED = "return performance.getEntriesByType('resource').length"
LIVE = "return document.querySelectorAll('script, img, iframe, [onload], [onerror]').length"


async def test_no_page_has_a_serious_fault_in_light_in_dark_or_on_a_phone(
    ledger: Path, tmp_path: Path
) -> None:
    seen: dict[str, list[str]] = {}
    clock = FakeClock(START + timedelta(days=1))
    async with (
        sites.served(ledger, clock=clock) as place,
        browsers.opened(tmp_path / "profile", "500,900") as browser,
    ):
        _, seen["/sign-in"] = await axe.looked(browser, f"{place.url}/sign-in", SHARE[0])
        await enter(browser, place)
        for view in SHARE:
            for path in PAGES:
                rules, seen[f"{path} {view}"] = await axe.looked(
                    browser, f"{place.url}{path}", view
                )
                assert rules > 10, "axe looked at it"

    assert {page: found for page, found in seen.items() if found} == {}


async def test_what_is_hostile_is_a_text_and_nothing_is_loaded_from_anywhere(
    ledger: Path, tmp_path: Path
) -> None:
    async with (
        sites.served(ledger) as place,
        browsers.opened(tmp_path / "profile", "500,900") as browser,
    ):
        await enter(browser, place)
        for path in (f"/incidents/{AGAIN}", "/runs", "/reports?for=30d"):
            await browser.ask("url", url=f"{place.url}{path}")
            counted = await browser.run(LIVE)
            assert (counted, await browser.run("return document.title != 'in'")) == (0, True)
            assert await browser.run(LOADED) <= 1, "but for the icon that browsers ask for"
        await browser.ask("url", url=f"{place.url}/incidents/{AGAIN}")
        assert HOSTILE[:30] in await browser.run("return document.body.innerText")
        outside = "return [...document.links].filter(a => a.host != location.host).length"
        assert await browser.run(outside) == 0
        assert await browser.run("return document.cookie") == ""


async def test_on_paper_there_is_no_menu(ledger: Path, tmp_path: Path) -> None:
    shown = "return getComputedStyle(document.querySelector(arguments[0])).display"
    async with (
        sites.served(ledger) as place,
        browsers.opened(tmp_path / "profile", "1280,900") as browser,
    ):
        await enter(browser, place)
        await browser.ask("url", url=f"{place.url}/runs")
        before = [await browser.run(shown, one) for one in ("nav", ".search")]
        await axe.seen_with(browser, View(axe.PAPER, "light", "print"))
        after = [await browser.run(shown, one) for one in ("nav", ".search", ".list")]

    assert before == ["flex", "flex"]
    assert after == ["none", "none", "block"]
