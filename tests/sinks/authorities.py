"""A time stamping authority made with `openssl ts`: real certificates, real stamps, on loopback."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

OPENSSL = shutil.which("openssl") or ""
needed = pytest.mark.skipif(not OPENSSL, reason="not run: no openssl")
CONFIG = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[tsa]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[ts]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
"""


@dataclass
class Authority:
    """Its folder holds `ca.pem`; `replays` makes it give the first answer again."""

    folder: Path
    port: int = 0
    replays: bool = False
    first: bytes = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/tsa"

    @property
    def certificates(self) -> Path:
        return self.folder / "ca.pem"

    def make(self) -> None:
        """A root, and a certificate for stamps below it."""
        (self.folder / "conf").write_text(CONFIG)
        (self.folder / "serial").write_text("01\n")
        new = "req -x509 -newkey ed25519 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=root"
        self.run(f"{new} -config conf -extensions ca")
        self.run(
            "req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=tsa -config conf"
        )
        sign = "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -set_serial 7 -days 2 -out tsa.pem"
        self.run(f"{sign} -extfile conf -extensions tsa")

    def run(self, line: str) -> str:
        ended = subprocess.run(
            [OPENSSL, *line.split()], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return ended.stdout

    async def answer(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/timestamp-query"
        (self.folder / "query").write_bytes(await request.read())
        reply = "ts -reply -queryfile query -signer tsa.pem -inkey tsa.key -out reply"
        await asyncio.to_thread(self.run, f"{reply} -config conf -section ts")
        stamp = (self.folder / "reply").read_bytes()
        self.first = self.first or stamp
        body = self.first if self.replays else stamp
        return web.Response(body=body, content_type="application/timestamp-reply")

    def holds(self, text: str, answer: bytes) -> bool:
        """Whether openssl itself says that the stamp is of this text."""
        (self.folder / "kept").write_bytes(answer)
        (self.folder / "text").write_text(text)
        return "OK" in self.run("ts -verify -in kept -data text -CAfile ca.pem")


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Authority]:
    authority = Authority(folder)
    await asyncio.to_thread(authority.make)
    app = web.Application()
    app.router.add_post("/tsa", authority.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        authority.port = runner.addresses[0][1]
        yield authority
    finally:
        await runner.cleanup()
