"""What the doubles of trackers have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.desks.doors import Faults
from tests.desks.faults import Fault


@dataclass
class Tracker:
    """`answers` are given to the next requests of any kind; the faults befall those that write."""

    door: Faults = field(default_factory=Faults)
    answers: list[web.Response] = field(default_factory=list)
    locked: bool = False
    url: str = ""

    def fail(self, *faults: Fault | None) -> None:
        self.door.fail(*faults)

    def lock(self) -> None:
        self.locked = True

    @web.middleware
    async def befall(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.answers:
            return self.answers.pop(0)
        return await self.door.through(request, handler)
