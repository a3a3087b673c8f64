"""What an alert says is shown as words: it calls nobody, runs nothing and leaks nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene

TOKEN = "xoxb-" + "1234567890-abcdefghij"
EVIL = (
    f"<!channel> <@U0SAM> <http://evil.example|Approve> ``` *bold* \u202eesrever\u2066 "
    f"${{alert.labels.x}} ${{1+1}} {{{{ 7*7 }}}} $(id) `id` password=hunter22 {TOKEN} "
)
SECRETS = (TOKEN, "hunter22", "s3cr3tvalue", "abcdef123456")


async def test_hostile_words_are_shown_harmlessly_and_no_secret_is_kept(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.town.crash("shop")
        known = scenes.one_alert("ServiceDown", "shop", "firing")
        known["labels"] |= {"x": EVIL, "tier": EVIL, EVIL[:190]: "1", "api_token": "s3cr3tvalue"}  # type: ignore[operator]
        known["annotations"] = {"summary": EVIL + "A" * 5000, EVIL[:190]: EVIL * 9}
        known["generatorURL"] = "http://prometheus.example/?token=abcdef123456&x=<!here>"
        unknown = scenes.one_alert(EVIL[:199], EVIL[:150], "firing", environment=EVIL[:90])

        assert await scene.send(known, unknown) == 202

        await scene.press("approve_recovery")
        await scene.until(lambda: {State.HEALED, State.ESCALATED} <= states(scene))
        await scene.until(lambda: len(scene.workspace.messages("alerts")) == 2)
        await scene.until(lambda: "/transcript" in stored(scene))
        await scene.stop()

        said = json.dumps(sent(scene), ensure_ascii=False)
        for markup in ("<!channel", "<!here", "<@U0SAM", "<http://evil", "\u202e", "\u2066"):
            assert markup not in said
        assert "${1+1}" in said, "shown as it was written"
        kept = said + scene.log() + stored(scene)
        assert [secret for secret in SECRETS if secret in kept] == []
        assert [e["what"] for e in scene.town.effects() if e["unit"] == "shop"].count("ask") == 1


def states(scene: Scene) -> set[State]:
    return {one.state for one in scene.incidents()}


def sent(scene: Scene) -> list[object]:
    """Every message of the bot as it stands, threads included."""
    roots = scene.workspace.messages("alerts")
    said = [one for root in roots for one in scene.workspace.thread("alerts", root["ts"])]
    return [(one["text"], one.get("blocks")) for one in said]


def stored(scene: Scene) -> str:
    """Every row of every table of the ledger's file: entries, inbox, and what waits to be said."""
    with closing(sqlite3.connect(scene.directory / "heal.db")) as conn:
        names = conn.execute("select name from sqlite_schema where type = 'table'").fetchall()
        rows = [conn.execute(f'select * from "{name}"').fetchall() for (name,) in names]
    return str(rows)
