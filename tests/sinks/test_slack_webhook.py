"""A channel gets the newest checkpoint, as text that can be copied out and verified."""

from __future__ import annotations

import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from bot.clients.signing import Signer
from bot.core import checkpoint
from bot.core.errors import ActionError
from bot.sinks.slack_webhook import PLUGIN, SlackWebhookSettings
from tests.clients import rigs, servers

SIGNED = Signer("ledger.test", b"1" * 32).checkpoint(7, b"r" * 32)
PATH = "/services/T0/B0/hunter2"


async def test_what_is_said_can_be_verified_from_the_channel() -> None:
    async with servers.recorder() as slack, rigs.rig() as rig:
        sink = PLUGIN(SlackWebhookSettings(url=SecretStr(slack.url(PATH))), rig)
        await sink.keep(SIGNED, "")

    said = slack.kept[PATH]["text"]
    assert checkpoint.read(said.split("```")[1].lstrip("\n")) == SIGNED
    assert not sink.each


@pytest.mark.parametrize("status", [403, 404, 429, 500])
async def test_a_refusal_is_an_error_without_the_secret_address(status: int) -> None:
    async with servers.recorder() as slack, rigs.rig() as rig:
        slack.answers[PATH] = web.Response(status=status, text="no_service")
        sink = PLUGIN(SlackWebhookSettings(url=SecretStr(slack.url(PATH))), rig)

        with pytest.raises(ActionError, match="no_service") as refused:
            await sink.keep(SIGNED, "")

    assert "hunter2" not in str(refused.value)


async def test_nobody_there_is_an_error_without_the_secret_address() -> None:
    async with rigs.rig() as rig:
        url = SecretStr(f"http://127.0.0.1:1{PATH}")
        with pytest.raises(ActionError) as refused:
            await PLUGIN(SlackWebhookSettings(url=url), rig).keep(SIGNED, "")

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["hunter2", "ftp://x/y", "https://hooks.slack.com/"])
def test_what_is_no_address_of_a_webhook_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="no address of a webhook"):
        SlackWebhookSettings(url=SecretStr(url))
