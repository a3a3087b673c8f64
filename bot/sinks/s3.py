"""`s3`: each checkpoint as an object under Object Lock, in S3 or what speaks like it."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta

import httpx
from pydantic import Field, SecretStr, field_validator

from bot.clients import http, sigv4
from bot.clients.http import Answer
from bot.clients.rig import Rig
from bot.core import chain
from bot.core.checkpoint import Signed
from bot.core.errors import ActionError
from bot.core.values import Frozen

WITHIN = 20.0


class S3Settings(Frozen):
    """The settings HEAL_SINK_S3_*."""

    bucket: str = Field(
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="the bucket, made with Object Lock; its keys need s3:PutObject and "
        "s3:PutObjectRetention, and for the doctor s3:GetBucketObjectLockConfiguration",
    )
    access_key: str = Field(min_length=1, description="the id of the access key")
    secret_key: SecretStr = Field(
        description="the secret of the access key, best by its file: HEAL_SINK_S3_SECRET_KEY_FILE"
    )
    region: str = Field(default="us-east-1", pattern=r"^[a-z0-9-]{1,40}$", description="its region")
    endpoint: str = Field(
        default="",
        description="the address of what speaks like S3, https://…; empty = Amazon's of the region",
    )
    days: int = Field(
        default=400, ge=1, le=36500, description="days for which nobody can delete an object"
    )
    prefix: str = Field(
        default="heal", pattern=r"^[A-Za-z0-9._/-]{1,200}$", description="what names begin with"
    )

    @field_validator("endpoint")
    @classmethod
    def _is_one(cls, given: str) -> str:
        url = httpx.URL(given.strip().rstrip("/"))
        if given and (url.scheme not in {"https", "http"} or not url.host):
            raise ValueError("it is no address: write https://host")
        return str(url)


class S3Sink:
    """
    Keeps every checkpoint, in COMPLIANCE: not even the account's owner can delete one in time.

    The receipt is the version that the object has. Put twice it is there twice, and both stay.
    """

    config = S3Settings
    each = True

    def __init__(self, config: S3Settings, rig: Rig) -> None:
        base = config.endpoint or f"https://s3.{config.region}.amazonaws.com"
        self._config = config
        self._rig = rig
        self._bucket = httpx.URL(f"{base}/{config.bucket}")

    async def keep(self, signed: Signed, before: str) -> str:
        origin, size, _ = signed.checkpoint
        name = f"{self._config.prefix}/{re.sub('[^A-Za-z0-9._-]', '_', origin)}/{size:020}.txt"
        until = self._rig.clock.now() + timedelta(days=self._config.days)
        body = signed.text.encode()
        md5 = hashlib.md5(body, usedforsecurity=False).digest()  # S3 asks for it under Object Lock
        locked = {
            "content-md5": base64.b64encode(md5).decode(),
            "x-amz-object-lock-mode": "COMPLIANCE",
            "x-amz-object-lock-retain-until-date": f"{chain.stamp(until)[:19]}Z",
        }
        url = self._bucket.copy_with(path=f"{self._bucket.path}/{name}")
        answer = await self._send("PUT", url, body, locked)
        if not answer.fine:
            answer.refuse("PUT", self._config.secret_key.get_secret_value())
        return f"{name} retained until {locked['x-amz-object-lock-retain-until-date']}"

    async def why_not(self, before: str) -> str:
        """Ask whether the bucket has Object Lock: without it, retention is refused or worthless."""
        url = self._bucket.copy_with(query=b"object-lock=")
        try:
            answer = await self._send("GET", url, b"", {})
        except ActionError as error:
            return str(error)
        if answer.status == 403:
            return f"{answer.place} may not be asked about Object Lock with this key"
        if b"<ObjectLockEnabled>Enabled</ObjectLockEnabled>" not in answer.body:
            return f"the bucket {self._config.bucket} has no Object Lock: make one that has"
        return ""

    async def _send(
        self, method: str, url: httpx.URL, body: bytes, headers: sigv4.Headers
    ) -> Answer:
        key = sigv4.AccessKey(
            self._config.access_key, self._config.secret_key.get_secret_value(), self._config.region
        )
        signed = sigv4.signed(method, url, body, headers, key, self._rig.clock.now())
        sent = {**signed, "Content-Type": "text/plain; charset=utf-8"} if body else signed
        return await http.send(
            self._rig.http, method, url, body=body or None, headers=sent, within=WITHIN
        )


PLUGIN = S3Sink
