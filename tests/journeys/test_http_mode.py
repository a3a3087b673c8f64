"""HTTP mode: Slack posts what it signed; whoever else knocks is turned away and recorded."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from urllib.parse import urlencode

import httpx
from slack_sdk.signature import SignatureVerifier

from bot.core import facts
from bot.core.lifecycle import State
from bot.rehearsal import stage
from tests.journeys import scenes
from tests.journeys.scenes import Scene

BEARER = {"Authorization": f"Bearer {scenes.TOKEN}"}


async def test_a_click_that_slack_posts_heals(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path, http=True) as scene:
        await scene.start()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.press("approve_recovery")
        await scene.reached(State.HEALED)

        assert await scene.town.health("shop") == 200
        assert scene.workspace.callbacks is not None
        assert await scene.workspace.callbacks.verify() == "local"
        assert "All calm" not in await scene.order("olivia", "status")


async def test_nobody_but_slack_may_say_what_people_did(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path, http=True) as scene:
        await scene.start()
        order = {
            "command": "/heal", "text": "stop everything", "user_id": "U0OLIVIA",
            "team_id": "T0LOCAL", "channel_id": "C0ALERTS", "trigger_id": "1.2.3",
        }  # fmt: skip
        now, long_ago = int(time.time()), int(time.time()) - 301
        async with httpx.AsyncClient(trust_env=False) as client:

            async def post(stamp: int, secret: str) -> int:
                body = urlencode(order)
                signed = SignatureVerifier(secret).generate_signature(
                    timestamp=str(stamp), body=body
                )
                headers = {
                    "X-Slack-Request-Timestamp": str(stamp),
                    "X-Slack-Signature": signed or "",
                    "Content-Type": "application/x-www-form-urlencoded",
                }
                url = door(scene, "slack/events")
                return (await client.post(url, headers=headers, content=body)).status_code

            forged = await asyncio.gather(*(post(now, "guessed") for _ in range(20)))
            stale = await post(long_ago, stage.LOCAL.signing_secret)
            unsigned = (await client.post(door(scene, "slack/events"), data=order)).status_code
        await scene.until(lambda: len(refusals(scene)) >= 2)

        assert {*forged, stale, unsigned} == {401}
        assert 2 <= len(refusals(scene)) <= 4, "one line a minute for each reason"
        assert {one.door for one in refusals(scene)} == {"slack"}
        assert not [e for e in scene.entries() if e.kind == "house.halted"]


async def test_what_is_no_alert_is_refused_with_its_reason_and_nothing_else_happens(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        good = scenes.webhook([scenes.one_alert("ServiceDown", "shop", "firing")])
        bad = scenes.webhook([{"status": "firing", "labels": {"alertname": 7}}])
        async with httpx.AsyncClient(trust_env=False) as client:
            url = door(scene, "alerts/alertmanager")
            unknown = await client.post(door(scene, "alerts/nagios"), json=good, headers=BEARER)
            wrong = [
                await client.post(url, json=good, headers={"Authorization": "Bearer guessed"})
                for _ in range(5)
            ]
            bare = await client.post(url, json=good)
            malformed = await client.post(url, json=bad, headers=BEARER)
            no_json = await client.post(url, content=b"{", headers=BEARER)
            large = await client.post(url, content=b" " * (1 << 20) + b"{}", headers=BEARER)
            socket_mode = await client.post(door(scene, "slack/events"), json={})
        await scene.until(lambda: refusals(scene))

        assert (unknown.status_code, large.status_code) == (404, 413)
        assert "no source is called 'nagios'" in unknown.text
        assert {bare.status_code, *(one.status_code for one in wrong)} == {401}
        assert (malformed.status_code, no_json.status_code) == (422, 422)
        assert "alerts.0.labels.alertname" in malformed.text
        assert socket_mode.status_code == 404
        assert 1 <= len(refusals(scene)) <= 2
        assert {one.door for one in refusals(scene)} == {"alerts/alertmanager"}
        assert (scene.incidents(), scene.workspace.messages("alerts")) == ([], [])


def door(scene: Scene, path: str) -> str:
    return f"http://127.0.0.1:{scene.port}/{path}"


def refusals(scene: Scene) -> list[facts.Refused]:
    read = (facts.read(entry.body) for entry in scene.entries())
    return [fact for fact in read if isinstance(fact, facts.Refused)]
