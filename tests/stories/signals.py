"""A Prometheus whose signals go as a story says: what was seen lately, and what is seen now."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.clock import Clock

AGE = re.compile(r"timestamp\((.*)\n\)")


class Signals:
    """The course of each query: from when on, in seconds since 1970, it has which value."""

    def __init__(self) -> None:
        self.url = ""
        self._courses: dict[str, list[tuple[float, float]]] = {}
        self._clock = Clock()

    def went(self, query: str, *course: tuple[float, float]) -> None:
        """How it went until now: (minutes ago, value), the oldest first."""
        now = self._now()
        self._courses[query] = [(now - 60 * ago, value) for ago, value in course]

    def now(self, query: str, value: float) -> None:
        """From now on it has this value."""
        self._courses.setdefault(query, []).append((self._now(), value))

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _at(self, query: str, moment: float) -> float | None:
        past = [value for at, value in self._courses.get(query, ()) if at <= moment]
        return past[-1] if past else None

    async def instant(self, request: web.Request) -> web.Response:
        asked, now = request.query["query"], self._now()
        aged = AGE.fullmatch(asked)
        value = self._at(aged[1] if aged else asked, now)
        told = [] if value is None else [
            {"metric": {}, "value": [now, str(now if aged else value)]}
        ]  # fmt: skip
        return _answer("vector", told)

    async def course(self, request: web.Request) -> web.Response:
        """On the grid that is asked for, as Prometheus does it; where nothing is known, nothing."""
        asked = request.query
        begin, end, step = (float(asked[one].rstrip("s")) for one in ("start", "end", "step"))
        grid = (begin + number * step for number in range(int((end - begin) / step) + 1))
        seen = [(at, self._at(asked["query"], at)) for at in grid]
        values = [[at, str(value)] for at, value in seen if value is not None]
        return _answer("matrix", [{"metric": {}, "values": values}] if values else [])


def _answer(kind: str, result: list[Any]) -> web.Response:
    return web.json_response({"status": "success", "data": {"resultType": kind, "result": result}})


@asynccontextmanager
async def served() -> AsyncIterator[Signals]:
    signals, app = Signals(), web.Application()
    app.add_routes(
        [
            web.get("/api/v1/query", signals.instant),
            web.get("/api/v1/query_range", signals.course),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    signals.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield signals
    finally:
        await runner.cleanup()
