"""The floor of a start: what has to be read is read, with the fastest that there is, then served.

The same runbooks through libyaml's own loader and the same rows of the inbox, unchecked; nothing
is understood, folded or resumed, and nobody is asked for anything.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from bot.bench import child


async def main(told: Mapping[str, Any]) -> None:
    """Told: ledger and runbooks."""
    read = _read(told["runbooks"], told["ledger"])
    app = web.Application()
    app.router.add_get("/readyz", _ready)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    child.say(port=runner.addresses[0][1], read=read)
    await child.until_let_go()
    await runner.cleanup()


def _read(runbooks: str, ledger: str) -> int:
    texts = (path.read_text() for path in Path(runbooks).glob("*.yaml"))
    read = [yaml.load(text, yaml.CSafeLoader) for text in texts]
    with closing(sqlite3.connect(ledger)) as conn:
        rows = conn.execute("select id, body from inbox where state = 'new'").fetchall()
    return len(read) + len(rows)


async def _ready(_: web.Request) -> web.Response:
    return web.Response()
