"""F1: a bare durable intake: aiohttp, one insert an alert, group commit in WAL with FULL sync.

It knows no source, checks no token and no shape, and does nothing with what it has stored.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from aiohttp import web

from bot.bench import child

BATCH = 512
TABLE = "create table alert (id integer primary key, fingerprint text unique, body blob) strict"
INSERT = "insert or ignore into alert (fingerprint, body) values (?, ?)"

Wanted = tuple[str, bytes, asyncio.Future[None]]


class File:
    """A thread with the only connection: what waits together is committed together."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[Wanted] = SimpleQueue()
        Thread(target=self._run, daemon=True).start()

    def keep(self, fingerprint: str, body: bytes) -> asyncio.Future[None]:
        future: asyncio.Future[None] = self._loop.create_future()
        self._queue.put((fingerprint, body, future))
        return future

    def _run(self) -> None:
        conn = sqlite3.connect(self._path, isolation_level=None)
        conn.execute("pragma journal_mode = wal")
        conn.execute("pragma synchronous = full")
        conn.execute(TABLE)
        while True:
            batch = [self._queue.get()]
            try:
                while len(batch) < BATCH:
                    batch.append(self._queue.get_nowait())
            except Empty:
                pass
            conn.execute("begin immediate")
            conn.executemany(INSERT, [wanted[:2] for wanted in batch])
            conn.execute("commit")
            self._loop.call_soon_threadsafe(_answer, [future for *_, future in batch])


def _answer(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


async def main(told: Mapping[str, Any]) -> None:
    file = File(told["file"])

    async def alerts(request: web.Request) -> web.Response:
        body = await request.read()
        await file.keep(json.loads(body)["alerts"][0]["fingerprint"], body)
        return web.Response(status=202, body=b'{"accepted": 1}', content_type="application/json")

    app = web.Application()
    app.router.add_post("/alerts/alertmanager", alerts)
    await stand(app)


async def stand(app: web.Application, **more: object) -> None:
    """Serve on a free port of this machine until the owner lets go, who is told `more` with it."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    child.say(port=runner.addresses[0][1], **more)
    await child.until_let_go()
    await runner.cleanup()
