"""HTTP mode's door: only Slack comes in, each request once, and nonsense is no error of ours."""

from __future__ import annotations

import time
from io import BytesIO
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_sdk.signature import SignatureVerifier

from tests.slack.engine import a_command
from tests.slack.house import House


def signed(body: bytes, *, secret: str = "local-signing-secret", age: int = 0) -> dict[str, str]:
    """The headers that Slack would send with this body."""
    stamp = str(int(time.time()) - age)
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature or "",
        "Content-Type": "application/x-www-form-urlencoded",
    }


async def posted(url: str, body: bytes | BytesIO, headers: dict[str, str]) -> int:
    """The status of one request."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=headers) as answer,
    ):
        return answer.status


async def test_a_replayed_request_has_no_second_effect(by_http: tuple[House, str]) -> None:
    house, url = by_http
    body = urlencode(a_command(text="stop it is on fire")).encode()
    headers = signed(body)
    statuses = [await posted(url, body, headers) for _ in range(3)]
    await house.workspace.until(lambda: house.private("U0ANA"))

    assert (statuses, len(house.requests.calls)) == ([200, 200, 200], 1)


@pytest.mark.parametrize(
    "headers",
    [
        signed(b"x", secret="another-secret"),
        {},
        signed(b"another body"),
        {"X-Slack-Request-Timestamp": "١٢٣", "X-Slack-Signature": "v0=1"},
        {"X-Slack-Request-Timestamp": "1e9", "X-Slack-Signature": "v0=1"},
        {"X-Slack-Request-Timestamp": "-1", "X-Slack-Signature": "v0=1"},
        {"X-Slack-Request-Timestamp": "9" * 400, "X-Slack-Signature": "v0=1"},
        {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=ü"},
    ],
)
async def test_what_is_not_signed_by_slack_is_401_and_recorded(
    by_http: tuple[House, str], headers: dict[str, str]
) -> None:
    house, url = by_http
    status = await posted(url, b"x", headers)

    assert (status, len(house.refused), len(house.inbox)) == (401, 1, 0)


@pytest.mark.parametrize("age", [301, -301])
async def test_a_stamp_far_from_now_is_401(by_http: tuple[House, str], age: int) -> None:
    _, url = by_http
    body = urlencode(a_command()).encode()

    assert await posted(url, body, signed(body, age=age)) == 401


@pytest.mark.parametrize("body", [b"{", b'{"a":' * 5000, b"\xff\xfe", b"payload=%7B", b"payload=1"])
async def test_signed_nonsense_is_no_error_of_ours(by_http: tuple[House, str], body: bytes) -> None:
    _, url = by_http
    try:
        headers = signed(body)
    except UnicodeDecodeError:
        headers = {}

    assert await posted(url, body, headers) in {400, 401}


async def test_the_content_type_does_not_choose_the_parser(by_http: tuple[House, str]) -> None:
    house, url = by_http
    body = urlencode(a_command(text="stop it is on fire")).encode()
    headers = signed(body) | {"Content-Type": "application/json"}

    assert await posted(url, body, headers) == 200

    await house.workspace.until(lambda: house.requests.calls)


async def test_a_body_over_a_megabyte_is_413(by_http: tuple[House, str]) -> None:
    _, url = by_http

    assert await posted(url, BytesIO(b"x" * (1 << 20) + b"x"), {}) == 413
