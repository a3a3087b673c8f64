"""F3: a bare door for Slack: the signature is checked, the form is parsed, 200; nothing is kept."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from bot.bench.floors.intake import stand
from bot.clock import Clock


async def main(told: Mapping[str, Any]) -> None:
    secret, clock = told["secret"].encode(), Clock()

    async def events(request: web.Request) -> web.Response:
        body = await request.read()
        stamp = request.headers["X-Slack-Request-Timestamp"]
        signed = hmac.new(secret, f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        late = abs(clock.now().timestamp() - int(stamp)) > 300
        if late or not hmac.compare_digest(f"v0={signed}", request.headers["X-Slack-Signature"]):
            return web.Response(status=401)
        form = parse_qs(body.decode())
        if "payload" in form:
            json.loads(form["payload"][0])
        return web.Response()

    app = web.Application()
    app.router.add_post("/slack/events", events)
    await stand(app)
