"""PagerDuty as its documentation tells it, on loopback: it wants its token, version and a span."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

KEY = "s3cret-7f3k2m"
LARGEST_PAGE = 100


@dataclass
class PagerDutyDouble:
    """`schedules` is who has which turns; what is put into `failing` is answered first."""

    schedules: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    failing: list[web.Response] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    filters: bool = True
    hanging: asyncio.Event | None = None
    url: str = ""

    def put(self, schedule: str, *emails: str) -> None:
        """Have exactly these on call from now on, without an end."""
        self.schedules[schedule] = [turn(email) for email in emails]

    async def oncalls(self, request: web.Request) -> web.Response:
        query = request.query
        self.asked.append(dict(query))
        if (refusal := await self._refusal(request)) is not None:
            return refusal
        if datetime.fromisoformat(query["since"]) >= datetime.fromisoformat(query["until"]):
            return web.json_response({"error": {"message": "until before since"}}, status=400)
        mine = [
            one | {"schedule": {"id": name, "type": "schedule_reference"}}
            for name, turns in self.schedules.items()
            for one in turns
            if name == query["schedule_ids[]"] or not self.filters
        ]
        if query.get("include[]") != "users":
            mine = [one | {"user": {"id": "P1", "type": "user_reference"}} for one in mine]
        start, limit = int(query["offset"]), min(int(query["limit"]), LARGEST_PAGE)
        more = start + limit < len(mine)
        told = {"limit": limit, "offset": start, "more": more, "total": None}
        return web.json_response({"oncalls": mine[start : start + limit], **told})

    async def schedule(self, request: web.Request) -> web.Response:
        if (refusal := await self._refusal(request)) is not None:
            return refusal
        if request.match_info["id"] not in self.schedules:
            return web.json_response({"error": {"message": "Not Found", "code": 2100}}, status=404)
        return web.json_response({"schedule": {"id": request.match_info["id"]}})

    async def _refusal(self, request: web.Request) -> web.Response | None:
        if self.hanging is not None:
            await self.hanging.wait()
        if self.failing:
            return self.failing.pop(0)
        if request.headers.get("Authorization") != f"Token token={KEY}":
            return web.json_response({"error": {"code": 2006}}, status=401)
        if request.headers.get("Accept") != "application/vnd.pagerduty+json;version=2":
            return web.json_response({"error": {"message": "no version"}}, status=406)
        return None


def turn(email: str, start: str | None = None, end: str | None = None) -> dict[str, Any]:
    """Somebody's turn; without a bound when it is not given."""
    name = email.partition("@")[0].capitalize()
    user = {"id": "P1", "type": "user", "summary": name, "email": email}
    return {"user": user, "escalation_level": 1, "start": start, "end": end}


@asynccontextmanager
async def opened() -> AsyncIterator[PagerDutyDouble]:
    double, app = PagerDutyDouble(), web.Application()
    app.router.add_get("/oncalls", double.oncalls)
    app.router.add_get("/schedules/{id}", double.schedule)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        double.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield double
    finally:
        if double.hanging is not None:
            double.hanging.set()
        await runner.cleanup()
