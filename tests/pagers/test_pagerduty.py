"""PagerDuty is asked page by page, as of the click, and whom it cannot name is nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from bot.app.pagers import Pagers, joined
from bot.catalog import naming
from bot.clients import http
from bot.clients.commands import Commands
from bot.clients.paging import PagerdutySettings
from bot.clients.rig import Rig
from bot.core.errors import PermanentError, TemporaryError
from bot.pagers._oncall import PagerDuty
from bot.pagers._schedules import WITHIN
from bot.plugins import Toolbox
from tests.builders import a_rulebook
from tests.doctor.bodies import TLS
from tests.fakes import FakeClock
from tests.pagers import pagerduties
from tests.pagers.pagerduties import KEY, PagerDutyDouble, turn

NOW = datetime(2026, 11, 20, 3, 0, 0, 500_000, tzinfo=UTC)
ANA, BEN, CLEO = "ana@example.com", "ben@example.com", "cleo@example.com"
KNOWN = {ANA: "U0ANA", BEN: "U0BEN"}


@pytest.fixture
async def double() -> AsyncIterator[PagerDutyDouble]:
    async with pagerduties.opened() as one:
        yield one


async def find(email: str) -> str:
    if email not in KNOWN:
        raise PermanentError(f"Slack knows nobody of {email!r}")
    return KNOWN[email]


async def on_call(
    double: PagerDutyDouble, key: str = KEY, schedule: str = "PSHOP", within: float = WITHIN * 10
) -> list[str]:
    """Asked as the engine asks: by the whole name of the schedule."""
    settings = PagerdutySettings(token=SecretStr(key), url=double.url)
    client = http.open_client(TLS)
    try:
        pagers = Pagers({"pagerduty": PagerDuty(settings, client, find, within=within)})
        return sorted(await pagers.who_is_on_call(f"pagerduty:{schedule}", NOW))
    finally:
        await client.aclose()


async def test_whoever_is_on_call_by_that_schedule_is_named_as_in_slack(
    double: PagerDutyDouble,
) -> None:
    double.put("PSHOP", "Ana@Example.com ", BEN, BEN)
    double.put("POTHER", CLEO)

    assert await on_call(double) == ["U0ANA", "U0BEN"]
    assert double.asked[0]["since"] == "2026-11-20T03:00:00+00:00"
    assert double.asked[0]["until"] == "2026-11-20T03:00:01+00:00"


async def test_it_is_asked_anew_each_time(double: PagerDutyDouble) -> None:
    double.put("PSHOP", ANA)
    before = await on_call(double)
    double.put("PSHOP", BEN)

    assert (before, await on_call(double)) == (["U0ANA"], ["U0BEN"])


async def test_a_turn_of_another_schedule_never_counts(double: PagerDutyDouble) -> None:
    double.put("PSHOP", ANA)
    double.put("POTHER", BEN)
    double.filters = False

    assert await on_call(double) == ["U0ANA"]


@pytest.mark.parametrize(
    ("start", "end", "counts"),
    [
        ("2026-11-20T03:00:00.500000Z", None, True),
        ("2026-11-20T03:00:00.500001Z", None, False),
        (None, "2026-11-20T03:00:00.500000Z", False),
        (None, "2026-11-20T03:00:00.500001Z", True),
        ("2026-11-20T04:00:00+01:00", "2026-11-20T04:00:01+01:00", True),
    ],
)
async def test_a_turn_counts_from_its_first_instant_and_no_longer_at_its_end(
    double: PagerDutyDouble, start: str | None, end: str | None, *, counts: bool
) -> None:
    double.schedules["PSHOP"] = [turn(ANA, start, end)]

    assert await on_call(double) == (["U0ANA"] if counts else [])


async def test_every_page_is_read(double: PagerDutyDouble) -> None:
    double.put("PSHOP", *[ANA] * 230, BEN)

    assert await on_call(double) == ["U0ANA", "U0BEN"]
    assert [one["offset"] for one in double.asked] == ["0", "100", "200"]


async def test_an_endless_answer_is_given_up(double: PagerDutyDouble) -> None:
    double.put("PSHOP", *[ANA] * 1001)

    with pytest.raises(PermanentError, match="more than 1000 turns"):
        await on_call(double)


async def test_who_is_not_in_slack_is_nobody_and_it_is_said_who(
    double: PagerDutyDouble, caplog: pytest.LogCaptureFixture
) -> None:
    double.put("PSHOP", CLEO)
    with pytest.raises(PermanentError, match="has 'Cleo' on call, but Slack knows nobody of"):
        await on_call(double)
    double.put("PSHOP", CLEO, ANA)

    assert await on_call(double) == ["U0ANA"]
    assert "PagerDuty has 'Cleo' on call, but Slack knows nobody" in caplog.text


async def test_who_has_no_address_is_nobody_and_it_is_said_who(double: PagerDutyDouble) -> None:
    double.schedules["PSHOP"] = [turn(ANA) | {"user": {"id": "P1", "summary": "Dan"}}]

    with pytest.raises(PermanentError, match="has 'Dan' on call, without an address"):
        await on_call(double)


async def test_nobody_on_call_is_nobody(double: PagerDutyDouble) -> None:
    double.put("PSHOP")

    assert await on_call(double) == []


@pytest.mark.parametrize(("schedule", "asked"), [("PNONE", 1), ("..", 0), ("P.SHOP", 0)])
async def test_an_unknown_schedule_is_said_and_an_odd_one_is_not_even_asked_for(
    double: PagerDutyDouble, schedule: str, asked: int
) -> None:
    double.put("PSHOP", ANA)
    with pytest.raises(PermanentError, match=f"knows no schedule '{schedule}': write the id"):
        await on_call(double, schedule=schedule)

    assert len(double.asked) == asked


@pytest.mark.parametrize("header", ["Retry-After", "ratelimit-reset"])
async def test_when_it_was_asked_too_often_it_says_for_how_long(
    double: PagerDutyDouble, header: str
) -> None:
    double.put("PSHOP", ANA)
    double.failing = [web.Response(status=429, headers={header: "7"})]
    with pytest.raises(TemporaryError, match="wants 7 s of rest; try again") as caught:
        await on_call(double)

    assert caught.value.retry_after == 7
    assert await on_call(double) == ["U0ANA"]


@pytest.mark.parametrize("status", [500, 503])
async def test_while_it_fails_nobody_is_guessed(double: PagerDutyDouble, status: int) -> None:
    double.put("PSHOP", ANA)
    double.failing = [web.Response(status=status, text=f"a trace with {KEY}")]
    with pytest.raises(TemporaryError, match=f"answered {status}: .*; try again") as caught:
        await on_call(double)

    assert KEY not in str(caught.value)


async def test_a_failure_on_a_later_page_leaves_nobody(double: PagerDutyDouble) -> None:
    double.put("PSHOP", *[ANA] * 101)
    fine = {"oncalls": [], "more": True}
    double.failing = [web.json_response(fine), web.Response(status=500)]

    with pytest.raises(TemporaryError):
        await on_call(double)


@pytest.mark.parametrize("key", ["wrong", "", " "])
async def test_a_token_that_is_not_taken_is_said_by_its_variable(
    double: PagerDutyDouble, key: str
) -> None:
    double.put("PSHOP", ANA)

    with pytest.raises(PermanentError, match="HEAL_PAGERDUTY_TOKEN"):
        await on_call(double, key)


async def test_a_token_without_the_right_is_said_by_its_variable(double: PagerDutyDouble) -> None:
    double.failing = [web.Response(status=403)]

    with pytest.raises(PermanentError, match=r"HEAL_PAGERDUTY_TOKEN \(403\)"):
        await on_call(double)


async def test_an_answer_that_does_not_come_is_not_waited_for(double: PagerDutyDouble) -> None:
    double.hanging = asyncio.Event()

    with pytest.raises(TemporaryError, match=r"did not answer within 0\.05 s; try again"):
        await on_call(double, within=0.05)


async def test_where_nothing_listens_it_is_said(double: PagerDutyDouble) -> None:
    double.url = "http://127.0.0.1:1"

    with pytest.raises(TemporaryError, match=r"cannot be reached: .*; try again"):
        await on_call(double)


@pytest.mark.parametrize(
    "body",
    [
        "<html>log in</html>",
        [],
        {"more": False},
        {"oncalls": []},
        {"oncalls": [turn(ANA)], "more": False},
        {"oncalls": [turn(ANA) | {"schedule": {"id": "PSHOP"}, "end": "soon"}], "more": False},
        {"oncalls": [{"user": ANA, "schedule": None, "start": None, "end": None}], "more": False},
    ],
)
async def test_an_odd_answer_is_no_answer(double: PagerDutyDouble, body: Any) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    double.failing = [web.Response(text=text)]

    with pytest.raises(TemporaryError, match=r"PagerDuty answered oddly .*, so nobody counts"):
        await on_call(double)


@pytest.mark.parametrize(
    "url", ["http://api.pagerduty.com", "https://a@b", "ftp://x", "https://x/?a=b", "pagerduty"]
)
def test_the_token_goes_over_https_or_stays_on_the_machine(url: str) -> None:
    with pytest.raises(ValidationError):
        PagerdutySettings(url=url)
    assert PagerdutySettings(url="https://api.eu.pagerduty.com/").url[-1] == "m"
    assert PagerdutySettings(url="http://localhost:8080").url


@pytest.mark.parametrize("name", naming.PAGERS)
async def test_every_pager_that_a_policy_may_name_is_there(name: str) -> None:
    client = http.open_client(TLS)
    toolbox = Toolbox(Rig(http=client, clock=FakeClock(), run=Commands({})), lambda _: {})
    pagers = joined(a_rulebook, toolbox, client, find)
    try:
        with pytest.raises(PermanentError) as caught:
            await pagers.who_is_on_call(f"{name}:nobody", NOW)
    finally:
        await client.aclose()

    assert "the pager" not in str(caught.value)
