"""Stopwatch: when each run of a contestant acted and ended, asked for over HTTP when it is over."""

from __future__ import annotations

from aiohttp import web

from bot.clock import Clock

STEPS = 5
"""Steps of every run, here and at the floor."""


class Stopwatch:
    """
    Moments of this machine's monotonic clock, which all its processes share, by alert.

    `GET /stopwatch?runs=N` answers once so many runs have ended: for each the moment at which its
    second action began, its last, and at which it ended.
    """

    def __init__(self) -> None:
        self.fails = ""
        """What went wrong with a run; then no figure counts."""
        self._clock = Clock()
        self._moments: dict[str, list[float]] = {}
        self._ends: dict[str, float] = {}

    def acted(self, mark: str) -> int:
        """Note that an action begins; returns how many of this run began, this one too."""
        moments = self._moments.setdefault(mark, [])
        moments.append(self._clock.monotonic())
        return len(moments)

    def times(self, mark: str) -> int:
        return len(self._moments.get(mark, ()))

    def ended(self, mark: str, fails: str = "") -> None:
        self.fails = self.fails or fails
        self._ends[mark] = self._clock.monotonic()

    def serve(self, app: web.Application) -> None:
        app.router.add_get("/stopwatch", self._told)

    async def _told(self, request: web.Request) -> web.Response:
        wanted = int(request.query["runs"])
        while len(self._ends) < wanted and not self.fails:
            await self._clock.sleep(0.02)
        runs = {
            mark: (self._moments[mark][1], self._moments[mark][-1], end)
            for mark, end in self._ends.items()
            if mark in self._moments
        }
        return web.json_response({"fails": self.fails, "runs": runs})
