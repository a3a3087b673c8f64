"""A real HTTP server on loopback that keeps JSON under paths and records what it was asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Recorder:
    """`kept` is what stands under each path; `answers` overrules it for a path."""

    port: int = 0
    kept: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, web.Response] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    @property
    def methods(self) -> list[str]:
        return [each.method for each in self.seen]

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.seen.append(Seen(request.method, request.path_qs, dict(request.headers), body))
        if request.path in self.answers:
            ready = self.answers[request.path]
            return web.Response(body=ready.body, status=ready.status, headers=ready.headers)
        if request.method == "GET":
            if request.path not in self.kept:
                return web.json_response({"error": "nothing here"}, status=404)
            return web.json_response(self.kept[request.path])
        if request.method == "DELETE":
            self.kept.pop(request.path, None)
            return web.Response(status=204)
        sent: Any = json.loads(body) if body else None
        before: Any = self.kept.get(request.path)
        if request.method == "PATCH" and isinstance(before, dict):
            sent = {**before, **sent}
        self.kept[request.path] = sent
        return web.json_response({"ok": True})


@asynccontextmanager
async def recorder() -> AsyncIterator[Recorder]:
    records = Recorder()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", records.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        records.port = runner.addresses[0][1]
        yield records
    finally:
        await runner.cleanup()
