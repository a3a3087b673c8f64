"""A target that breaks before or after the effect: nothing is done twice, nor called done."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from bot.actions.http.request import PLUGIN
from bot.clients.endpoints import HttpSettings
from bot.core.facts import StepEnding
from bot.core.incident import Incident
from bot.core.lifecycle import ENDS, State
from bot.core.values import Facts
from tests import builders
from tests.clients import rigs
from tests.engine.houses import House
from tests.fakes import FakeProbe

METHODS = ("PUT", "POST", "PATCH")
ONCE = ("POST", "PATCH")
BEFORE = ("503 before", "reset before")
AFTER = ("500 after", "reset after")


@dataclass
class Target:
    """Sets a size; its first write breaks in its way, and every effect is counted."""

    breaks: str
    size: int = 20
    effects: list[int] = field(default_factory=list)
    asked: int = 0
    times: int = 1
    """How many writes break."""
    url: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return web.json_response({"size": self.size})
        wanted = json.loads(await request.read())["size"]
        self.asked += 1
        how, _, when = self.breaks.partition(" ") if self.asked <= self.times else ("", "", "")
        if when != "before":
            self.size = wanted
            self.effects.append(wanted)
        if how == "reset":
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({}, status=int(how) if how.isdecimal() else 200)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("breaks", AFTER)
async def test_f01_an_answer_lost_after_the_effect_is_no_failure_and_no_second_effect(
    house: House, method: str, breaks: str
) -> None:
    async with broken(house, breaks) as target:
        ended = await run(house, target, method)

        step = ended.steps[0]
        assert ended.state is State.HEALED
        if method in ONCE:
            assert (step.ending, target.effects) == (StepEnding.FOUND_DONE, [50])
        else:
            assert (step.ending, {*target.effects}) == (StepEnding.DONE, {50})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("breaks", BEFORE)
async def test_what_broke_before_the_effect_is_done_once_or_not_at_all(
    house: House, method: str, breaks: str
) -> None:
    async with broken(house, breaks) as target:
        ended = await run(house, target, method)

        if method in ONCE and breaks == "reset before":
            assert ended.steps[0].ending is StepEnding.UNKNOWN
            assert (ended.state, target.effects) == (State.ESCALATED, [20])
        else:
            assert (ended.state, target.effects) == (State.HEALED, [50])


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_way_back_whose_answer_is_lost_is_gone_again_and_proved(
    house: House, method: str
) -> None:
    async with broken(house, "reset after", times=3) as target:
        house.plugins.probes["fake.health"] = FakeProbe({"status": 503})
        ended = await run(house, target, method)

        assert (ended.state, target.size) == (State.ESCALATED, 20)
        assert ended.rolled_back is not None
        assert ended.rolled_back.clean


@asynccontextmanager
async def broken(house: House, breaks: str, times: int = 1) -> AsyncIterator[Target]:
    """A target behind the real action, whose size of 50 is what the shop's health waits for."""
    target = Target(breaks, times=times)
    app = web.Application()
    app.router.add_route("*", "/size", target.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        target.url = f"http://127.0.0.1:{runner.addresses[0][1]}/size"
        async with rigs.rig() as rig:
            allowed = HttpSettings(allowed_hosts=(target.url.split("/")[2],))
            house.plugins.actions["http.request"] = PLUGIN(allowed, rig)
            house.plugins.probes["fake.health"] = Health(target)
            yield target
    finally:
        await runner.cleanup()


class Health(FakeProbe):
    """Well as soon as the target has its size."""

    def __init__(self, target: Target) -> None:
        super().__init__({})
        self._target = target

    async def read(self, params: object) -> Facts:
        return {"status": 200 if self._target.size == 50 else 503}


async def run(house: House, target: Target, method: str) -> Incident:
    """Ask for the size with this method, approve, and see how it ends."""
    asked = {
        "method": method,
        "url": target.url,
        "body": {"size": 50},
        "snapshot": {"url": target.url, "keys": ["size"]},
        "rollback": {"method": "PUT" if method == "POST" else method, "url": target.url},
    }
    step = {"do": "http.request", "with": asked, "timeout": "5s"}
    house.library = builders.a_library(builders.a_runbook(steps=[step]))
    await house.fire()
    await slowly(house, State.AWAITING_APPROVAL)
    await house.vote()
    return await slowly(house, State.HEALED, *ENDS)


async def slowly(house: House, *states: State) -> Incident:
    """Let time go by while a real server is asked."""
    async with asyncio.timeout(180):
        while not house.cases.recent(1) or house.incident.state not in states:
            await asyncio.sleep(0.002)
            house.clock.advance(1)
    return house.incident
