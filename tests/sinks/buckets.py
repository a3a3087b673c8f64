"""An S3 bucket on loopback that checks signatures and enforces Object Lock, version by version."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from aiohttp import web

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Version:
    body: bytes
    until: datetime | None


@dataclass
class Bucket:
    """Objects by name, each with all its versions; only an unlocked one can be taken away."""

    locks: bool = True
    down: int = 0
    name: str = "audit"
    access: str = "AKIA0"
    secret: str = "hunter2"
    now: datetime = NOW
    port: int = 0
    objects: dict[str, list[Version]] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.down:
            return web.Response(status=self.down, text="<Code>SlowDown</Code>")
        if request.headers.get("Authorization") != self._signature(request, body):
            return web.Response(status=403, text="<Code>SignatureDoesNotMatch</Code>")
        if request.method == "GET" and "object-lock" in request.query:
            if not self.locks:
                return web.Response(status=404, text="<Code>ObjectLockConfigurationNotFound</Code>")
            said = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>"
            return web.Response(text=f"<ObjectLockConfiguration>{said}</ObjectLockConfiguration>")
        assert request.method == "PUT"
        return self._put(request, body)

    def delete(self, name: str) -> bool:
        """What whoever has the account's keys may do to the newest version: nothing in time."""
        until = self.objects[name][-1].until
        if until is not None and self.now < until:
            return False
        self.objects[name].pop()
        return True

    def _put(self, request: web.Request, body: bytes) -> web.Response:
        mode = request.headers.get("x-amz-object-lock-mode")
        if mode and not self.locks:
            return web.Response(status=400, text="<Code>InvalidRequest</Code>")
        digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        if mode and request.headers.get("Content-MD5") != digest:
            return web.Response(status=400, text="<Code>InvalidDigest</Code>")
        said = request.headers.get("x-amz-object-lock-retain-until-date")
        until = datetime.fromisoformat(said) if mode == "COMPLIANCE" and said else None
        name = request.path.removeprefix(f"/{self.name}/")
        self.objects.setdefault(name, []).append(Version(body, until))
        return web.Response()

    def _signature(self, request: web.Request, body: bytes) -> str:
        """Made here the long way, from what arrived: ours is not asked about itself."""
        stamp = request.headers["x-amz-date"]
        given = request.headers["Authorization"]
        names = given.partition("SignedHeaders=")[2].partition(",")[0]
        lines = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names.split(";"))
        query = "&".join(f"{k}={quote(v)}" for k, v in sorted(request.query.items()))
        content = hashlib.sha256(body).hexdigest()
        asked = f"{request.method}\n{request.path}\n{query}\n{lines}\n{names}\n{content}"
        scope = f"{stamp[:8]}/eu-west-1/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
        key = f"AWS4{self.secret}".encode()
        for part in (*scope.split("/"), text):
            key = hmac.new(key, part.encode(), "sha256").digest()
        return (f"AWS4-HMAC-SHA256 Credential={self.access}/{scope},SignedHeaders={names},"
                f"Signature={key.hex()}")  # fmt: skip


@asynccontextmanager
async def opened(bucket: Bucket) -> AsyncIterator[Bucket]:
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", bucket.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        bucket.port = runner.addresses[0][1]
        yield bucket
    finally:
        await runner.cleanup()
