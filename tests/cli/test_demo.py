"""The demo's keys break what they say, and mend everything."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.cli.demo import Keys
from bot.rehearsal import stage as stages


async def test_the_keys_break_and_mend_what_they_say(tmp_path: Path) -> None:
    async with stages.opened(tmp_path) as stage:
        keys = Keys(stage, asyncio.Event())
        seen = []
        for key in "1423":
            await keys.do(key)
            seen.append(await stage.town.health("shop"))
        await keys.do("4")

        assert seen == [0, 200, 503, 503]
        assert await stage.town.health("shop") == 200
