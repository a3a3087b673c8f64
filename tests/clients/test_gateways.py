"""The gateway hears what is true, signed, under one mark; what it says no to is an error."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from pydantic import ValidationError

from bot.clients.gateways import RecoverySettings, RecoveryWebhook
from bot.core.errors import ActionError, PermanentError, TemporaryError
from bot.core.values import Facts
from tests.clients import rigs, servers
from tests.clients.servers import Recorder

TOLD: Facts = {"id": "recovery-inc-1", "type": "RECOVERY_SIGNAL", "summary": "Erholt – übrigens"}


@pytest.fixture
async def gateway() -> AsyncIterator[Recorder]:
    async with servers.recorder() as played:
        yield played


async def post(url: str, **settings: str) -> None:
    async with rigs.rig() as rig:
        given = RecoverySettings.model_validate({"webhook_url": url, **settings})
        await RecoveryWebhook(given, rig.http).post("recovery-inc-1", TOLD)


async def test_it_is_posted_with_its_mark_its_token_and_a_signature_over_its_octets(
    gateway: Recorder,
) -> None:
    await post(gateway.url("/events"), webhook_token="t0ken", webhook_secret="s3cret")
    [seen] = gateway.seen

    assert (seen.method, seen.path, json.loads(seen.body)) == ("POST", "/events", TOLD)
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.headers["Idempotency-Key"] == "recovery-inc-1"
    assert seen.headers["Authorization"] == "Bearer t0ken"
    right = hmac.new(b"s3cret", seen.body, hashlib.sha256).hexdigest()
    assert seen.headers["X-Webhook-Signature"] == f"sha256={right}"


async def test_without_secrets_it_sends_none(gateway: Recorder) -> None:
    await post(gateway.url("/events"))

    assert not {"Authorization", "X-Webhook-Signature"} & {*gateway.seen[0].headers}


@pytest.mark.parametrize(
    ("status", "kind"), [(503, TemporaryError), (401, PermanentError), (302, PermanentError)]
)
async def test_what_is_not_taken_is_an_error_without_the_token(
    gateway: Recorder, status: int, kind: type[ActionError]
) -> None:
    elsewhere = {"Location": gateway.url("/other")}
    gateway.answers["/events"] = web.Response(status=status, text="no t0ken", headers=elsewhere)

    with pytest.raises(kind, match=str(status)) as error:
        await post(gateway.url("/events"), webhook_token="t0ken")

    assert "t0ken" not in str(error.value)
    assert len(gateway.seen) == 1


@pytest.mark.parametrize("url", ["ftp://gate/x", "http://u:p@gate/x", "gate", "http://gate/a?b=c"])
def test_only_a_plain_address_may_be_named(url: str) -> None:
    with pytest.raises(ValidationError):
        RecoverySettings(webhook_url=url)
