"""`slack_webhook`: checkpoints in a channel, by an app of its own: Heal cannot edit them."""

from __future__ import annotations

import httpx
from pydantic import Field, JsonValue, SecretStr, field_validator

from bot.clients import http
from bot.clients.rig import Rig
from bot.core.checkpoint import Signed
from bot.core.errors import ActionError, PermanentError
from bot.core.values import Frozen

WITHIN = 10.0


class SlackWebhookSettings(Frozen):
    """The settings HEAL_SINK_SLACK_WEBHOOK_*."""

    url: SecretStr = Field(
        description="the address of an incoming webhook of an app that is not Heal's, in a channel "
        "that few may delete from; secret, best by its file: HEAL_SINK_SLACK_WEBHOOK_URL_FILE"
    )

    @field_validator("url")
    @classmethod
    def _is_one(cls, given: SecretStr) -> SecretStr:
        url = httpx.URL(given.get_secret_value().strip())
        if url.scheme not in {"https", "http"} or not url.host or not url.path.strip("/"):
            raise ValueError("it is no address of a webhook")
        return SecretStr(str(url))


class SlackWebhookSink:
    """Says the newest checkpoint only: it stands for all before it, and a channel is read."""

    config = SlackWebhookSettings
    each = False

    def __init__(self, config: SlackWebhookSettings, rig: Rig) -> None:
        self._url = httpx.URL(config.url.get_secret_value())
        self._client = rig.http

    async def keep(self, signed: Signed, before: str) -> str:
        size = signed.checkpoint.size
        text = f"Checkpoint of Heal's ledger, {size} entries:\n```\n{signed.text}```"
        said: dict[str, JsonValue] = {"text": text, "unfurl_links": False, "unfurl_media": False}
        try:
            answer = await http.send(self._client, "POST", self._url, body=said, within=WITHIN)
            if not answer.fine:
                answer.refuse("POST")
        except ActionError as error:  # it names the address, and whoever has that may post
            raise PermanentError(str(error).replace(self._url.path, "/•••")) from None
        return answer.excerpt()

    async def why_not(self, before: str) -> str:
        return ""  # only a message would show it


PLUGIN = SlackWebhookSink
