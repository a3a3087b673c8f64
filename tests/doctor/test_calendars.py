"""The doctor reads every calendar of the policy, and says what is next or what is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.clients import calendars
from bot.clock import Clock
from bot.core.policy.timetable import Calendar
from bot.doctor import calendars as checks
from bot.doctor.finding import Finding, State
from bot.doctor.patient import Told, admitted
from bot.settings import Lenient
from tests import builders
from tests.clients import servers
from tests.clients.texts import calendar, event
from tests.doctor.bodies import TLS

SECRET = "/private-5f3a/x.ics"


async def found(*freezes: dict[str, Any], **files: bytes) -> list[Finding]:
    library = builders.a_library(
        rulebook=builders.a_rulebook(freezes=freezes),
        calendars={f"{name}.ics": Calendar(calendars.read(text).spans)
                   for name, text in files.items()},
    )  # fmt: skip
    async with admitted(Told(Lenient(), {}, lambda _: {}, {}), Clock(), TLS) as patient:
        return list(await checks.read(replace(patient, library=library)))


def a_freeze(address: str) -> dict[str, Any]:
    return {"name": "release", "calendar": address, "timezone": "Europe/Berlin"}


async def test_a_calendar_in_order_is_told_with_what_is_next() -> None:
    tomorrow = Clock().now() + timedelta(days=1)
    text = calendar(event(f"DTSTART:{tomorrow:%Y%m%d}T120000Z", "DURATION:PT1H"))
    async with servers.recorder() as server:
        server.answers[SECRET] = web.Response(body=text)
        far, near = await found(a_freeze(server.url(SECRET)), a_freeze("release.ics"), release=text)

    until = f"next from {tomorrow:%Y-%m-%d} 12:00:00 UTC until {tomorrow:%Y-%m-%d} 13:00:00 UTC"
    assert (far.state, far.found) == (State.OK, f"127.0.0.1 answers with 1 event; {until}")
    assert (near.state, near.found) == (State.OK, f"release.ics is read; {until}")


async def test_a_calendar_that_cannot_be_read_is_told_without_its_secret() -> None:
    async with servers.recorder() as server:
        server.answers[SECRET] = web.Response(body=b"<html>please log in</html>")
        (actual,) = await found(a_freeze(server.url(SECRET)))

    assert actual.state is State.FAILED
    assert actual.name == "calendar of release"
    assert "127.0.0.1 answered with what it is no calendar" in actual.found
    assert "private" not in actual.found + actual.remedy


async def test_a_calendar_without_anything_to_come_is_told() -> None:
    (actual,) = await found(a_freeze("empty.ics"), empty=calendar())

    assert actual.found == "empty.ics is read; nothing in the next 60 days"


async def test_without_calendars_nothing_is_said() -> None:
    assert await found() == []
