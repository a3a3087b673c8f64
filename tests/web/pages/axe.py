"""
What axe finds on every page, on each kind of screen and on paper: `python -m tests.web.pages.axe`.

One real Chromium looks at all of them; a page that takes longer than it is given ends the command,
below the rows of those before it. The table shows how many rules each page was held to and what it
broke that is serious; it ends with 1 when anything is.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from bot.core.facts import CameBack
from tests import builders
from tests.fakes import FakeClock
from tests.rehearsal import browsers
from tests.rehearsal.browsers import Browser
from tests.slack.cards import stories
from tests.store import books
from tests.web.pages import sites
from tests.web.pages.sites import Place

HOSTILE = (
    "<script>document.title='in'</script><img src=x onerror=\"document.title='in'\">' \" onload=x "
    "javascript:alert(1) \u202e `&lt;` " + "W" * 300
)
FIRST, AGAIN, OTHER = builders.INCIDENT, "inc-again7", "inc-other7"
AXE = (resources.files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
FOUND = """
const done = arguments[0];
axe.run({resultTypes: ['violations']}).then(found => done({
  rules: found.passes.length + found.violations.length,
  serious: found.violations
    .filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.html.slice(0, 200)))}));
"""
WIDER = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
WITHIN = 120.0
"""Seconds for one page: a stalled browser is to be named, not waited for."""


class View(NamedTuple):
    """What a page is looked at with; the width is in CSS pixels, without a bar to scroll."""

    width: int
    scheme: str
    media: str = "screen"

    def __str__(self) -> str:
        return f"{self.width} {self.scheme}{'' if self.media == 'screen' else ' ' + self.media}"


PHONE, DESKTOP, PAPER = 400, 1280, 718
"""Widths; of paper that of A4 within its margins."""
VIEWS = tuple(
    View(width, scheme, "print" if width == PAPER else "screen")
    for width in (PHONE, DESKTOP, PAPER)
    for scheme in ("light", "dark")
)
SIGNED_OUT = {
    "/sign-in": "/sign-in",
    "a link that has expired": "{expired}",
    "a sign-in that failed": "/sign-in/back?state=none&code=none",
}
SIGNED_IN = {
    "/runs": "/runs",
    "/runs, nothing found": "/runs?words=nosuchword",
    "/runs, filtered": "/runs?words=shop&state=resolved&when=last+30d",
    "/incidents/…, healed and back": f"/incidents/{FIRST}",
    "/incidents/…, rolled back": f"/incidents/{AGAIN}",
    "/reports, 24h": "/reports?for=24h",
    "/reports, 7d": "/reports?for=7d",
    "/reports, 30d": "/reports?for=30d",
    "no such page": "/incidents/none",
    "only posted to": "/sign-out",
}
KEPT_OUT = {"kept out": "/runs"}
NO_PAGES = {
    "/": "leads to /runs",
    "/runs/{run}": "leads to its incident",
    "/sign-in/slack": "leads to Slack",
    "/incidents/{incident}/proof.json": "is JSON",
    "/incidents/{incident}/files/{name}": "is a text or a picture",
}


def book_of(folder: Path) -> Path:
    """A ledger with three incidents, of which one is another's return, hostile text in all."""
    again = CameBack(alert=builders.an_alert(), again=AGAIN)
    told = [*stories.STORIES["resolved"](), again]
    opened = builders.an_opening(title=HOSTILE, service="<b>shop</b>")
    lines = books.story(FIRST, told)
    for name in (AGAIN, OTHER):
        more = [opened, *stories.STORIES["rolled_back"]()[1:]]
        lines += [line._replace(after=line.after + 600) for line in books.story(name, more)]
    return books.written(folder / "heal.db", lines)


async def seen_with(browser: Browser, view: View) -> None:
    """Let the window be so wide and prefer this, as Chromium's own tools do."""
    size = {"width": view.width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    await browser.ask("goog/cdp/execute", cmd="Emulation.setDeviceMetricsOverride", params=size)
    features = [{"name": "prefers-color-scheme", "value": view.scheme}]
    params = {"media": view.media, "features": features}
    await browser.ask("goog/cdp/execute", cmd="Emulation.setEmulatedMedia", params=params)


async def enter(browser: Browser, place: Place) -> None:
    """Come in by a link, and then as somebody who signed in."""
    await browser.ask("url", url=f"{place.url}{place.link(FIRST)}")
    await browser.shows("h1", FIRST)
    name, _, value = place.signed_in().partition("=")
    cookie = {"name": name, "value": value, "path": "/", "secure": True, "httpOnly": True}
    await browser.ask("cookie", cookie=cookie)


async def looked(browser: Browser, url: str, view: View) -> tuple[int, list[str]]:
    """Open a page: how many rules it was held to, and what is serious or wider than the window."""
    async with asyncio.timeout(WITHIN):
        await seen_with(browser, view)
        await browser.ask("url", url=url)
        await browser.run(AXE)
        found: dict[str, Any] = await browser.ask("execute/async", script=FOUND, args=[])
        wider = await browser.run(WIDER)
    return found["rules"], found["serious"] + ([f"{wider} px too wide"] if wider > 0 else [])


async def rows(folder: Path) -> AsyncIterator[tuple[str, View, int, list[str]]]:
    """Each page with each view, as somebody who may see it or may not."""
    clock = FakeClock(builders.START + timedelta(hours=1))
    async with (
        sites.served(book_of(folder), clock=clock) as place,
        browsers.opened(folder / "profile") as browser,
    ):
        expired = place.link(FIRST)
        clock.advance(timedelta(days=1).total_seconds())
        for pages in (SIGNED_OUT, SIGNED_IN, KEPT_OUT):
            if pages is SIGNED_IN:
                await enter(browser, place)
            if pages is KEPT_OUT:
                place.members.kept_out["U0OLIVIA"] = "they left the workspace"
            for name, path in pages.items():
                url = f"{place.url}{path.format(expired=expired)}"
                for view in VIEWS:
                    yield name, view, *await looked(browser, url, view)


async def _main() -> int:
    bad, number = 0, 0
    print(f"{'page':32} {'view':20} {'rules':>5}  serious")
    with tempfile.TemporaryDirectory() as folder:
        async for name, view, rules, serious in rows(Path(folder)):
            number, bad = number + 1, bad + bool(serious)
            print(f"{name:32} {view!s:20} {rules:5}  {'; '.join(serious) or '-'}", flush=True)
    print(f"{number} looked at, {bad} with a serious fault")
    return int(bad > 0)


if __name__ == "__main__":
    if browsers.ABSENT:
        sys.exit(f"not run: no {browsers.ABSENT[0]}")
    sys.exit(asyncio.run(_main()))
