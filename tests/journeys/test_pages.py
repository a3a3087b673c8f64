"""What a healed incident looks like in a browser: by a link of Slack's, and after signing in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.core import links
from bot.core.lifecycle import State
from bot.core.links import Links
from bot.rehearsal import stage
from tests.journeys import scenes
from tests.rehearsal import browsers

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(browsers.ABSENT), reason=f"not run: no {''.join(browsers.ABSENT[:1])}"),
]


async def test_who_is_handed_a_link_sees_one_run_and_who_signs_in_sees_them_all(
    tmp_path: Path,
) -> None:
    async with (
        scenes.opened(tmp_path) as scene,
        browsers.opened(tmp_path / "profile", "420,900") as browser,
    ):
        home = f"http://127.0.0.1:{scene.port}"
        app = stage.LOCAL
        scene.tell(
            public={"url": home},
            pages={"client_id": app.client_id, "client_secret": app.client_secret,
                   "groups": "oncall"},
        )  # fmt: skip
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.press("approve_recovery")
        await scene.reached(State.HEALED)
        await scene.alert("ServiceDown", "shop", "resolved")
        done = await scene.reached(State.RESOLVED)
        handed = Links(home, links.key_of(app.bot_token))
        address = handed.opening(done.id, "U0OLIVIA", datetime.now(UTC))

        await browser.ask("url", url=address)
        await browser.shows("h1", done.opened.title)
        seen = await browser.run("return document.body.innerText")
        assert "approved by" in seen
        assert "Before and after" in seen
        assert await browser.run("return location.href") == handed.page(done.id)

        await browser.ask("url", url=f"{home}/runs")
        await browser.shows("h1", "Sign in to see this")
        await browser.click("main a")
        await browser.click("#U0ANDRE")
        await browser.shows("main", "only members of oncall see pages")

        await browser.ask("url", url=f"{home}/sign-in/slack?next=/runs?words={done.service}")
        await browser.click("#U0OLIVIA")
        await browser.shows(".list", done.id)
        async with httpx.AsyncClient(trust_env=False) as stranger:
            answer = await stranger.get(handed.page(done.id))

        assert (answer.status_code, done.opened.title in answer.text) == (401, False)
