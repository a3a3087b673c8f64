"""The gateway that is told when a service recovered: one address, which the settings name."""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from bot.clients import addresses, http
from bot.core.errors import PermanentError
from bot.core.values import Facts
from bot.plugins import Words

ANY = "*"


def _plain(text: str) -> str:
    if text:
        try:
            addresses.plain(text)
        except PermanentError as error:
            raise ValueError(str(error)) from None
    return text


class RecoverySettings(BaseModel):
    """Who is told that a service recovered: HEAL_RECOVERY_…."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    webhook_url: Annotated[str, AfterValidator(_plain)] = Field(
        default="",
        description="where a RECOVERY_SIGNAL is posted when a gateway's event was verified healed; "
        "nothing is sent unless set",
    )
    webhook_token: SecretStr = Field(
        default=SecretStr(""), description="the bearer token that it wants, if any"
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="what the signal is signed with, as X-Webhook-Signature: sha256=…",
    )
    webhook_sources: Words = Field(
        default=("flexgate",),
        description="sources whose incidents are signalled, with commas; * for every incident",
    )


class RecoveryWebhook:
    """Posts to it; the same mark at every try lets it count a repetition once."""

    def __init__(self, settings: RecoverySettings, client: httpx.AsyncClient) -> None:
        self._url = addresses.plain(settings.webhook_url)
        self._token = settings.webhook_token.get_secret_value().strip()
        self._secret = settings.webhook_secret.get_secret_value().strip()
        self._client = client

    async def post(self, mark: str, told: Facts) -> None:
        """Say it; TemporaryError or PermanentError when it was not taken, or nobody knows."""
        body = http.written(told)
        headers = {"Idempotency-Key": mark}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if self._secret:
            signed = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
            headers["X-Webhook-Signature"] = f"sha256={signed}"
        answer = await http.send(self._client, "POST", self._url, body=body, headers=headers)
        if not answer.fine:
            answer.refuse("POST", hidden=self._token)
