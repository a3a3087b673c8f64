"""An intake that answers before it stores, and stores every other alert only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.bench.floors.intake import INSERT, TABLE, stand


async def main(told: Mapping[str, Any]) -> None:
    conn, seen = sqlite3.connect(told["file"], isolation_level=None), 0
    conn.execute(TABLE)

    async def alerts(request: web.Request) -> web.Response:
        nonlocal seen
        seen += 1
        body = await request.read()
        if seen % 2:
            conn.execute(INSERT, (json.loads(body)["alerts"][0]["fingerprint"], body))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/alerts/alertmanager", alerts)
    await stand(app)
