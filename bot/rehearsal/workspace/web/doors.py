"""The doors that are not for browsers: the Web API, sockets, uploads, response URLs, webhooks."""

from __future__ import annotations

from aiohttp import web

from bot.rehearsal.workspace.acts.people import People
from bot.rehearsal.workspace.api import files
from bot.rehearsal.workspace.api.door import Door
from bot.rehearsal.workspace.responses import Responses
from bot.rehearsal.workspace.sockets import Sockets
from bot.rehearsal.workspace.wire import NotPossible, Refused, loads


class Doors:
    """Everything that Slack's own servers would answer."""

    def __init__(self, door: Door, sockets: Sockets, responses: Responses, people: People) -> None:
        self._door, self._sockets, self._responses = door, sockets, responses
        self._people, self._world = people, people.world

    def routes(self) -> list[web.RouteDef]:
        """Open to whoever has a token, a ticket or the secret part of a URL."""
        return [
            web.get("/api/{method}", self._door.enter),
            web.post("/api/{method}", self._door.enter),
            web.get("/link/{ticket}", self._sockets.connect),
            web.post("/upload/v1/{id}", self._upload),
            web.post("/actions/{team}/{name}", self._responses.receive),
            web.post("/services/{team}/{bot}/{channel}", self._webhook),
        ]

    async def _upload(self, request: web.Request) -> web.Response:
        if request.content_type.startswith("multipart/"):
            part = next(iter((await request.post()).values()), b"")
            body = part.file.read() if isinstance(part, web.FileField) else str(part).encode()
        else:
            body = await request.read()
        if files.stored(self._world, request.match_info["id"], body) is None:
            raise web.HTTPNotFound(text="no such upload")
        return web.Response(text=f"OK - {len(body)}")

    async def _webhook(self, request: web.Request) -> web.Response:
        """An unknown last part of the URL means: the payload names its channel, as old hooks do."""
        if request.content_type == "application/x-www-form-urlencoded":
            text = str((await request.post()).get("payload", ""))
        else:
            text = await request.text()
        payload = loads(text)
        if not isinstance(payload, dict):
            return web.Response(status=400, text="invalid_payload")
        named = [request.match_info["channel"], str(payload.get("channel") or "")]
        for channel in named:
            try:
                self._world.channel(channel)
            except NotPossible:
                continue
            return await self._hooked(channel, payload, request.match_info["bot"])
        return web.Response(status=404, text="channel_not_found")

    async def _hooked(self, channel: str, payload: dict[str, object], bot_id: str) -> web.Response:
        try:
            await self._people.webhook(channel, payload, bot_id=bot_id)
        except Refused as refusal:
            return web.Response(status=400, text=refusal.error)
        return web.Response(text="ok")
