"""Somebody who listens to Heal's own webhook: checks the signature, counts each key once."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.ports import Clock
from tests.desks.doors import running
from tests.desks.trackers import Tracker

SECRET = "a-long-random-text-7f3k2m"
OLDEST = 300
"""Seconds that a signature may be old."""


@dataclass
class Listener(Tracker):
    """`kept` are the messages by their keys, in the order in which they came first."""

    clock: Clock | None = None
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    own: str = "KNOWN-1"
    """The one record that was there before."""

    def notes(self, reference: str) -> list[str]:
        return [one["text"] for one in self.kept.values()]

    def records(self) -> list[str]:
        return [self.own, *dict.fromkeys(one["incident"]["key"] for one in self.kept.values())]

    def resolved(self, reference: str) -> bool:
        news = [one for one in self.kept.values() if one["resolved"] or one["reopened"]]
        return bool(news) and bool(news[-1]["resolved"])

    async def hear(self, request: web.Request) -> web.Response:
        assert self.clock is not None
        body, at = await request.read(), request.headers.get("X-Heal-Timestamp", "")
        right = hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        given = request.headers.get("X-Heal-Signature", "")
        old = not at.isdecimal() or abs(self.clock.now().timestamp() - int(at)) > OLDEST
        if self.locked or old or not hmac.compare_digest(given, f"sha256={right}"):
            return web.Response(status=401)
        if request.method == "GET":
            return web.Response(status=405)
        key, told = request.headers["Idempotency-Key"], json.loads(body)
        if key != told["mark"] or told["version"] != 1:
            return web.Response(status=400)
        self.kept.setdefault(key, told)
        return web.Response(status=204)


@asynccontextmanager
async def opened(clock: Clock) -> AsyncIterator[Listener]:
    double = Listener(clock=clock)
    app = web.Application(middlewares=[double.befall])
    app.router.add_route("*", "/heal", double.hear)
    async with running(app) as url:
        double.url = f"{url}/heal"
        yield double
