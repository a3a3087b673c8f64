"""A01 to A06: who is not who they say gets in at no door, and whoever asks twice has it once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from pydantic import SecretStr, ValidationError
from slack_sdk.signature import SignatureVerifier

from bot import plugins
from bot.app import doors
from bot.core.errors import ConfigurationError
from bot.core.posted import Posted
from bot.plugins import Toolbox
from bot.settings import Settings
from tests.attacks.counts import many
from tests.slack.engine import a_command
from tests.slack.house import House
from tests.sources import samples

SECRET = "local-signing-secret"
STAMP, SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"
STOP = urlencode(a_command(text="stop it is on fire")).encode()
Headers = list[tuple[str, str]]


def signed(body: bytes, *, secret: str = SECRET, age: int = 0) -> dict[str, str]:
    stamp = str(int(time.time()) - age)
    made = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return {STAMP: stamp, SIGNATURE: made or ""}


async def statuses(url: str, asked: Iterable[tuple[bytes, Headers]]) -> list[int]:
    """What each of these is answered, one after the other, over one connection."""
    found = []
    async with aiohttp.ClientSession() as session:
        for body, headers in asked:
            async with session.post(url, data=body, headers=headers) as answer:
                found.append(answer.status)
    return found


def forgeries(count: int, chance: Random) -> Iterable[tuple[bytes, Headers]]:
    """The same order with signatures that are all wrong, each in its own way."""
    for _ in range(count):
        right = signed(STOP)
        name, made = right[STAMP], right[SIGNATURE]
        place = chance.randrange(3, len(made))
        other = chance.choice([one for one in "0123456789abcdef" if one != made[place]])
        wrong = chance.choice((
            made[:place], f"{made[:place]}{other}{made[place + 1 :]}", f"{made}0", made[3:], "",
            f"v1={made[3:]}", f"v0={'0' * 64}", "v0=", f"v0=v0={made[3:]}", made[::-1],
            signed(STOP, secret=f"{SECRET} ")[SIGNATURE], signed(STOP, secret="x")[SIGNATURE],
            signed(STOP + b"&x=1")[SIGNATURE], signed(STOP, age=7)[SIGNATURE],
            made.upper() if made.upper() != made else "",
        ))  # fmt: skip
        yield STOP, [(STAMP, name), (SIGNATURE, wrong)]


async def test_a01_no_forged_signature_is_taken_and_a_flood_of_them_writes_next_to_nothing(
    by_http: tuple[House, str],
) -> None:
    house, url = by_http
    count = many(300, full=10_000)
    found = await statuses(url, forgeries(count, Random(1)))

    assert found == [401] * count
    assert (house.requests.calls, len(house.inbox)) == ([], 0)
    assert len(house.refused) <= 3, "each reason once a minute"
    assert not house.workspace.messages("alerts")


def click(**changes: Any) -> bytes:
    """A button that stands on no card of ours: refused, and that is recorded."""
    payload = {
        "type": "block_actions", "team": {"id": "T0LOCAL"}, "trigger_id": "7.7.7",
        "user": {"id": "U0ANA", "team_id": "T0LOCAL"}, "channel": {"id": "C0ALERTS"},
        "message": {"ts": "1700000000.000100"}, "response_url": "",
        "actions": [{"action_id": "approve_recovery", "value": "inc-7f3k2m.1", "action_ts": "8.8"}],
    }  # fmt: skip
    return urlencode({"payload": json.dumps(payload | changes)}).encode()


def event(**changes: Any) -> bytes:
    """Somebody writes to the bot."""
    said = {"type": "app_mention", "user": "U0ANA", "ts": "1.1", "channel": "C0ALERTS",
            "text": "<@U0HEAL> stop it is on fire"}  # fmt: skip
    told = {"type": "event_callback", "team_id": "T0LOCAL", "event_id": "Ev1"}
    return json.dumps({**told, "event": {**said, **changes}}).encode()


@pytest.mark.parametrize("body", [STOP, click(), event()], ids=["command", "click", "event"])
async def test_a02_what_is_played_again_as_it_was_has_one_effect(
    by_http: tuple[House, str], body: bytes
) -> None:
    house, url = by_http
    genuine = [*signed(body).items()]
    old = [[*signed(body, age=age).items()] for age in (301, 3600, -301, -3600)]
    again = [*genuine, ("X-Slack-Retry-Num", "1"), ("X-Slack-Retry-Reason", "http_timeout")]
    inside = await statuses(url, [(body, genuine), (body, genuine), (body, again)])
    await house.workspace.until(lambda: house.private("U0ANA"))
    later = await statuses(url, [(body, genuine), *((body, one) for one in old)])

    assert inside == [200] * 3
    assert later == [200, *[401] * 4]
    assert len(house.requests.calls) + sum("pressed" in why for why in house.refused) == 1


ODD_STAMPS = ("", " ", "-1", "1.5", "1e9", "0x7f", "١٢٣٤٥٦٧٨٩٠".encode().decode("latin-1"),
    "9" * 400,
              "NaN", "None", "1700000000,1700000000", "+1700000000")  # fmt: skip


async def test_a03_no_odd_stamp_twin_header_or_changed_body_is_taken(
    by_http: tuple[House, str],
) -> None:
    house, url = by_http
    right = signed(STOP)
    stamp, made = (STAMP, right[STAMP]), (SIGNATURE, right[SIGNATURE])
    asked = [
        *((STOP, [(STAMP, odd), made]) for odd in ODD_STAMPS),
        *((STOP, list(headers)) for headers in (
            [], [stamp], [made], [stamp, stamp, made], [stamp, made, made],
            [stamp, (SIGNATURE, "v0=0"), made], [stamp, made, (SIGNATURE, "v0=0")],
        )),
        *((body, [stamp, made]) for body in (
            STOP + b" ", STOP[:-1], STOP.replace(b"stop", b"Stop"), b"", STOP * 2, b"{}",
        )),
    ]  # fmt: skip
    found = await statuses(url, asked)

    assert set(found) <= {400, 401}
    assert (house.requests.calls, len(house.inbox)) == ([], 0)


@pytest.mark.parametrize(
    "kind",
    ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/xml",
     "application/x-www-form-urlencoded; charset=utf-16", "application/json; charset=utf-7"],
)  # fmt: skip
@pytest.mark.parametrize("body", [STOP, event()], ids=["form", "json"])
async def test_a_content_type_changes_neither_parser_nor_meaning(
    by_http: tuple[House, str], kind: str, body: bytes
) -> None:
    house, url = by_http
    headers = [*signed(body).items(), ("Content-Type", kind)]

    assert await statuses(url, [(body, headers)]) == [200]

    await house.workspace.until(lambda: house.requests.calls)
    assert house.requests.calls == [("halt", ("U0ANA", "it is on fire"))]


FOREIGN = (
    urlencode(a_command(text="stop it is on fire", team_id="T0OTHER")).encode(),
    urlencode(a_command(text="stop it is on fire", team_id="")).encode(),
    click(team={"id": "T0OTHER"}),
    click(user={"id": "U0ANA", "team_id": "T0OTHER"}),
    click(team=None, user={"id": "U0ANA"}),
    event(team="T0OTHER"),
    event(user_team="T0OTHER"),
    event(source_team="T0OTHER"),
    event(bot_id="B0OTHER"),
    event(bot_id="B0OTHER", subtype="bot_message"),
)


@pytest.mark.parametrize("body", FOREIGN)
async def test_what_is_signed_right_and_of_another_workspace_or_a_bot_gives_no_order(
    by_http: tuple[House, str], body: bytes
) -> None:
    house, url = by_http

    assert await statuses(url, [(body, [*signed(body).items()])]) == [200]
    assert (house.requests.calls, len(house.inbox)) == ([], 0)


OPEN = {"token": "right-token,newer-token", "topics": "arn:aws:sns:eu-west-1:123456789012:alarms"}


def opened(name: str) -> Any:
    """A source with two tokens that are good, and whatever else it cannot be made without."""
    source = samples.made(name)
    known = type(source).config.model_fields  # type: ignore[attr-defined]
    given = {key: value for key, value in OPEN.items() if key in known}
    return Toolbox(None, lambda _: {f"webhook_{key}": text for key, text in given.items()}).source(
        name
    )


def near(token: str, chance: Random) -> str:
    """Something that is nearly the token."""
    place = chance.randrange(len(token))
    return chance.choice((
        token[:place], token[place:] if place else "", f"{token}{token[-1]}", f"{token}\x00", "",
        f"{token[:place]}{chr(ord(token[place]) ^ 1)}{token[place + 1 :]}", token.upper(),
        f"{token},", f"{token},newer-token", "right-token,newer-token", "*", "null", "•••",
    ))  # fmt: skip


@pytest.mark.parametrize("name", [one for one in samples.NAMES if one != "cloudwatch"])
async def test_a04_without_its_own_live_token_no_source_lets_anybody_in(name: str) -> None:
    source, chance = opened(name), Random(name)
    sample = samples.of(name)[0]

    async def no(**headers: str) -> str:
        posted = Posted({**sample.headers, **headers}, sample.body, samples.NOW)
        return str(await source.authentic(posted))

    for good in ("right-token", "newer-token"):
        assert not await no(authorization=f"Bearer {good}")
        for _ in range(many(30, full=10_000)):
            if (wrong := near(good, chance)) not in {"right-token", "newer-token"}:
                assert await no(authorization=f"Bearer {wrong}"), wrong
    others: tuple[Mapping[str, str], ...] = (
        {}, {"x-token": "right-token"}, {"cookie": "token=right-token"},
        {"authorization": "right-token"},
        {"authorization": "Basic right-token"}, {"authorization": "Bearer"},
        {"x-forwarded-for": "127.0.0.1"}, {"authorization": "Bearer right-token, Bearer x"},
    )  # fmt: skip
    for headers in others:
        assert await no(**headers), headers


def test_no_source_is_open_unless_a_setting_opens_it() -> None:
    assert doors.alert_doors(Toolbox(None, lambda _: {})) == {}


BLANKS = ("", " ", "\t", " \n ")
TOKENS = [(bot, app, secret) for bot in ("xoxb-1", *BLANKS) for app in BLANKS for secret in BLANKS]


@pytest.mark.parametrize(("bot", "app", "secret"), TOKENS[:24])
def test_a05_without_secrets_it_does_not_start(bot: str, app: str, secret: str) -> None:
    with pytest.raises(ValidationError, match="missing"):
        Settings(
            SLACK_BOT_TOKEN=SecretStr(bot),
            SLACK_APP_TOKEN=SecretStr(app),
            SLACK_SIGNING_SECRET=SecretStr(secret),
        )


@pytest.mark.parametrize("blank", [*BLANKS[1:], ",", " , "])
@pytest.mark.parametrize("name", plugins.shipped("sources"))
def test_a_source_whose_only_secret_is_blank_does_not_open(name: str, blank: str) -> None:
    toolbox = Toolbox(None, lambda _: {"webhook_token": blank, "webhook_quota": "5"})

    with pytest.raises(ConfigurationError):
        assert not doors.door(toolbox, name)
