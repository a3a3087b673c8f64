"""A line for each request worth one: what was asked, never with what; and a flood fills no log."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from aiohttp import web

from bot.web import access
from bot.web.access import Access, Flood
from tests.telemetry.listening import listening


@asynccontextmanager
async def served() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=int(request.match_info["status"]))

    app = web.Application()
    app.router.add_post("/{name}/{status}", answer)
    runner = web.AppRunner(app, access_log_class=Access)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def posted(*paths: str) -> None:
    async with served() as home, httpx.AsyncClient(trust_env=False) as client:
        for path in paths:
            await client.post(f"{home}{path}", content=b"body-of-it", headers={"X-Mine": "head"})


async def test_a_line_says_method_path_status_and_time_and_nothing_of_a_query_or_body() -> None:
    with listening(access.__name__) as heard:
        await posted("/alerts/503?key=in-the-query")
    (line,) = heard.lines

    assert (line["event"], line["level"]) == ("POST /alerts/503: 503", "info")
    assert (line["method"], line["path"], line["status"]) == ("POST", "/alerts/503", 503)
    assert 0 <= line["seconds"] < 60
    assert not [word for word in ("in-the-query", "body-of-it", "head") if word in str(line)]


async def test_what_is_answered_well_is_a_line_only_for_whoever_wants_all() -> None:
    with listening(access.__name__) as few:
        await posted("/alerts/202")
    with listening(access.__name__, logging.DEBUG) as all_of_them:
        await posted("/alerts/202")

    assert [one["status"] for one in few.lines] == []
    assert [one["status"] for one in all_of_them.lines] == [202]


def test_of_a_flood_some_lines_stand_for_all_and_the_next_minute_says_how_many() -> None:
    def line(status: int, minute: int) -> logging.LogRecord:
        record = logging.makeLogRecord({"levelno": logging.INFO, "status": status})
        record.created = minute * 60.0
        return record

    flood = Flood()
    passed = [flood.filter(line(401, 1)) for _ in range(1000)]
    other = flood.filter(line(503, 1))
    later = line(401, 2)

    assert sum(passed) == access.PER_MINUTE
    assert other
    assert flood.filter(later)
    assert getattr(later, "left_out", 0) == 1000 - access.PER_MINUTE


def test_the_first_of_another_status_tells_nothing_that_it_did_not_see() -> None:
    record = logging.makeLogRecord({"levelno": logging.INFO, "status": 500})

    assert Flood().filter(record)
    assert not hasattr(record, "left_out")
