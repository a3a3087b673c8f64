"""`rfc3161`: an authority states when a checkpoint was there; its answer is kept as the receipt."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
from pydantic import Field, field_validator

from bot.clients import http, timestamps
from bot.clients.rig import Rig
from bot.core.checkpoint import Signed
from bot.core.errors import PermanentError
from bot.core.values import Frozen

WITHIN = 20.0


class Rfc3161Settings(Frozen):
    """The settings HEAL_SINK_RFC3161_*."""

    url: str = Field(description="the address of the time stamping authority")
    certificates: Path = Field(
        description="its certificates in PEM, up to the root: an answer must be signed under them"
    )

    @field_validator("url")
    @classmethod
    def _is_one(cls, given: str) -> str:
        url = httpx.URL(given.strip())
        if url.scheme not in {"https", "http"} or not url.host:
            raise ValueError("it is no address: write https://host/path")
        return str(url)


class Rfc3161Sink:
    """
    Has the newest checkpoint stamped: that is as good for all before it.

    The authority keeps nothing: the receipt is the evidence. It lies beside the ledger, so send
    the checkpoint to another sink as well; whoever deletes the receipt cannot make another.
    """

    config = Rfc3161Settings
    each = False

    def __init__(self, config: Rfc3161Settings, rig: Rig) -> None:
        self._url = httpx.URL(config.url)
        self._certificates = config.certificates
        self._client = rig.http

    async def keep(self, signed: Signed, before: str) -> str:
        asked = timestamps.ask(signed.text.encode())
        answer = await http.send(
            self._client,
            "POST",
            self._url,
            body=asked.octets,
            headers={"Content-Type": timestamps.ASKS},
            within=WITHIN,
        )
        if not answer.fine:
            answer.refuse("POST")
        timestamps.insist(asked, answer.body, timestamps.certificates(self._certificates))
        return base64.b64encode(answer.body).decode()

    async def why_not(self, before: str) -> str:
        try:
            timestamps.certificates(self._certificates)
        except PermanentError as error:
            return str(error)
        return ""


PLUGIN = Rfc3161Sink
