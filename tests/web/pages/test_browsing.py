"""The pages in a real Chromium: on a phone, in the dark, on paper, under axe, and hostile."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal import browsers
from tests.rehearsal.browsers import Browser
from tests.web.pages import sites
from tests.web.pages.conftest import AGAIN, FIRST, HOSTILE
from tests.web.pages.sites import Place

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(browsers.ABSENT), reason=f"not run: no {''.join(browsers.ABSENT[:1])}"),
]

AXE = (resources.files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
PAGES = ("/runs", "/runs?words=nosuchword", f"/incidents/{FIRST}", f"/incidents/{AGAIN}",
         "/reports?for=30d", "/incidents/none")  # fmt: skip
FOUND = """
const done = arguments[0];
axe.run({resultTypes: ['violations']}).then(found => done(found.violations
  .filter(one => ['serious', 'critical'].includes(one.impact))
  .map(one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.html.slice(0, 200)))));
"""
WIDER = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOADED = "return performance.getEntriesByType('resource').length"
LIVE = "return document.querySelectorAll('script, img, iframe, [onload], [onerror]').length"


async def told(browser: Browser, **media: str) -> None:
    """Let the window prefer something, as Chromium's own tools do."""
    features = [{"name": name.replace("_", "-"), "value": one} for name, one in media.items()]
    params = {"media": media.pop("media", ""), "features": features}
    await browser.ask("goog/cdp/execute", cmd="Emulation.setEmulatedMedia", params=params)


async def faults(browser: Browser) -> Any:
    """What axe finds on this page that is serious."""
    await browser.run(AXE)
    return await browser.ask("execute/async", script=FOUND, args=[])


async def enter(browser: Browser, place: Place) -> None:
    """Come in by a link, and then as somebody who signed in."""
    await browser.ask("url", url=f"{place.url}{place.link(FIRST)}")
    await browser.shows("h1", FIRST)
    name, _, value = place.signed_in().partition("=")
    cookie = {"name": name, "value": value, "path": "/", "secure": True, "httpOnly": True}
    await browser.ask("cookie", cookie=cookie)


async def test_no_page_has_a_serious_fault_in_light_in_dark_or_on_a_phone(
    ledger: Path, tmp_path: Path
) -> None:
    seen: dict[str, Any] = {}
    async with (
        sites.served(ledger) as place,
        browsers.opened(tmp_path / "profile", "500,900") as browser,
    ):
        await browser.ask("url", url=f"{place.url}/sign-in")
        seen["/sign-in"] = await faults(browser)
        await enter(browser, place)
        for size, scheme in ((500, "light"), (1280, "dark")):
            await browser.ask("window/rect", width=size, height=900)
            await told(browser, prefers_color_scheme=scheme)
            for path in PAGES:
                await browser.ask("url", url=f"{place.url}{path}")
                seen[f"{path} {size} {scheme}"] = await faults(browser)
                assert await browser.run(WIDER) <= 0, f"{path} is wider than {size}"

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
        await told(browser, media="print")
        after = [await browser.run(shown, one) for one in ("nav", ".search", ".list")]

    assert before == ["flex", "flex"]
    assert after == ["none", "none", "block"]
