"""Calendars at an address: fetched when they are due, believed as long as they may be."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.clients import http, subscriptions
from bot.clients.subscriptions import EVERY, Subscriptions
from bot.core.errors import PermanentError
from bot.core.policy.timetable import day_of
from tests.clients import servers
from tests.clients.servers import Recorder
from tests.clients.texts import WEEKLY, calendar, event
from tests.fakes import FakeClock

BERLIN = "Europe/Berlin"
SECRET = "/private-5f3a/basic.ics"


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    async with servers.recorder() as made:
        yield made


def serve(server: Recorder, text: bytes, status: int = 200) -> str:
    server.answers[SECRET] = web.Response(body=text, status=status)
    return server.url(SECRET)


def today(known: Subscriptions, address: str, clock: FakeClock) -> int:
    """How many spans it holds today."""
    return len(known.standing()[address].spans(*day_of(clock.now()), BERLIN))


async def test_a_calendar_is_fetched_when_it_is_due_and_not_before(server: Recorder) -> None:
    clock, address = FakeClock(), serve(server, calendar(WEEKLY))
    async with http.open_client() as client:
        known = Subscriptions(client, clock)
        assert known.standing() == {}
        await known.look([(address, BERLIN)])
        first = known.standing()[address].read_at
        await known.look([(address, BERLIN)])
        assert len(server.seen) == 1
        clock.advance(EVERY.total_seconds())
        await known.look([(address, BERLIN)])

        assert len(server.seen) == 2
        assert first is not None
        assert known.standing()[address].read_at == first + EVERY


async def test_the_last_good_one_is_kept_with_the_time_of_its_reading(server: Recorder) -> None:
    now = FakeClock().now()
    times = (f"DTSTART:{now:%Y%m%d}T000000Z", "DURATION:PT23H")
    clock, address = FakeClock(), serve(server, calendar(event(*times)))
    async with http.open_client() as client:
        known = Subscriptions(client, clock)
        await known.look([(address, BERLIN)])
        for text, status in (
            (b"<html>", 200),
            (b"", 500),
            (calendar(), 404),
            (b" " * 2_000_000, 200),
        ):
            serve(server, text, status)
            clock.advance(EVERY.total_seconds())
            await known.look([(address, BERLIN)])

        assert len(server.seen) == 5
        assert known.standing()[address].read_at == now
        assert today(known, address, clock) == 1


async def test_a_clock_that_was_set_back_does_not_put_the_fetching_off(server: Recorder) -> None:
    clock, address = FakeClock(), serve(server, calendar())
    async with http.open_client() as client:
        known = Subscriptions(client, clock)
        await known.look([(address, BERLIN)])
        clock.set(-3600)
        await known.look([(address, BERLIN)])

    assert len(server.seen) == 2


async def test_what_the_policy_names_no_more_is_forgotten(server: Recorder) -> None:
    clock, address = FakeClock(), serve(server, calendar())
    async with http.open_client() as client:
        known = Subscriptions(client, clock)
        await known.look([(address, BERLIN)])
        await known.look([])
        assert known.standing() == {}
        await known.look([(address, BERLIN)])

    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("text", "status", "says"),
    [
        (b"<html>", 200, "127.0.0.1 answered with what it is no calendar"),
        (b"", 503, "127.0.0.1 answered 503"),
        (b"", 302, "127.0.0.1 answered 302"),
        (b" " * 2_000_000, 200, "more than 1024 KiB"),
    ],
)
async def test_why_there_is_none_is_said_without_the_secret_of_its_address(
    server: Recorder, text: bytes, status: int, says: str
) -> None:
    address = serve(server, text, status)
    async with http.open_client() as client:
        with pytest.raises(PermanentError) as caught:
            await subscriptions.fetch(client, f"{address}?token=abcdefgh")

    assert says in str(caught.value)
    assert "private" not in str(caught.value)
    assert "abcdefgh" not in str(caught.value)


async def test_a_server_that_is_away_is_named_without_the_secret() -> None:
    async with http.open_client() as client:
        with pytest.raises(PermanentError, match="cannot be reached") as caught:
            await subscriptions.fetch(client, "http://127.0.0.1:9/private-5f3a/basic.ics")

    assert "private" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "https://cal.example.org/x.ics",
        "https://cal.example.org/x.ics?token=abc&b=1",
        "http://127.0.0.1:8080/x.ics",
        "http://[::1]/x.ics",
        "http://localhost/x.ics",
    ],
)
def test_an_address_is_https_or_of_this_machine(text: str) -> None:
    assert subscriptions.address(text).host


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http://cal.example.org/x.ics", "it is not https"),
        ("http://127.0.0.1.example.org/x.ics", "it is not https"),
        ("https://u:p@cal.example.org/x.ics", "not a plain https address"),
        ("https://cal.example.org/x.ics#a", "not a plain https address"),
        ("https://cal.example.org/a/../x.ics", "not a plain https address"),
        ("https:///x.ics", "not a plain https address"),
    ],
)
def test_any_other_address_is_refused(text: str, says: str) -> None:
    with pytest.raises(PermanentError, match=says):
        subscriptions.address(text)
