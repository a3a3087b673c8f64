"""The page for a person in a browser: its files, its state, its stream of changes, its acts."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from bot.rehearsal.workspace.acts.people import Offered
from bot.rehearsal.workspace.sockets import Sockets
from bot.rehearsal.workspace.web import acts, picture
from bot.rehearsal.workspace.wire import Json, loads

FOLDER = Path(__file__).parent.parent / "page"
PAUSE_SECONDS = 0.1  # at most ten revisions a second
KEEP_ALIVE_SECONDS = 15
NOT_KEPT = {"Cache-Control": "no-cache"}
KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
}
READABLE = {
    "txt": "text/plain; charset=utf-8",
    "md": "text/plain; charset=utf-8",
    "json": "application/json",
    "png": "image/png",
}


class Page:
    """Reads the world and hands acts to `people`."""

    def __init__(self, people: Offered, sockets: Sockets) -> None:
        self._people, self._world, self._sockets = people, people.world, sockets

    def routes(self) -> list[web.RouteDef]:
        """For browsers; the guard stands before them."""
        return [
            web.get("/", self._index),
            web.get("/page/state", self._state),
            web.get("/page/stream", self._stream),
            web.post("/page/act", self._act),
            web.get(r"/page/{name:[a-z0-9_\-]+\.(?:css|js)}", self._part),
            web.get("/files/{id}/{name}", self._file),
            web.get("/archives/{channel}/{message}", self._permalink),
        ]

    async def _index(self, _: web.Request) -> web.StreamResponse:
        return _from_disk("index.html")

    async def _part(self, request: web.Request) -> web.StreamResponse:
        return _from_disk(request.match_info["name"])

    async def _state(self, request: web.Request) -> web.Response:
        user = request.query.get("user") or next(iter(self._world.people))
        if user not in self._world.people:
            raise web.HTTPNotFound(text=f"there is no person {user!r} in this workspace")
        seen = picture.seen_by(user, self._world, self._people.views, len(self._sockets.open))
        seen["away"] = self._people.faults.absence is not None
        return web.json_response(seen, headers={"Cache-Control": "no-store"})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        pulse = self._world.pulse
        stream = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await stream.prepare(request)
        told, since = True, pulse.revision
        try:
            while not pulse.closed:
                line = f'data: {{"revision":{since}}}' if told else ": still here"
                await stream.write(f"{line}\n\n".encode())
                await self._world.clock.sleep(PAUSE_SECONDS)
                told = await pulse.beat(since, KEEP_ALIVE_SECONDS)
                since = pulse.revision
        except ConnectionError:
            pass  # the reader closed the tab
        return stream

    async def _act(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="send JSON")
        asked = loads(await request.text())
        if not isinstance(asked, dict):
            raise web.HTTPBadRequest(text="send one JSON object")
        answer: Json = await acts.act(self._people, asked)
        return web.json_response(answer)

    async def _file(self, request: web.Request) -> web.Response:
        file = self._world.files.get(request.match_info["id"])
        if file is None or file.content is None:
            raise web.HTTPNotFound(text="there is no such file")
        name = str(file.about["name"])
        kind = READABLE.get(name.rpartition(".")[2].lower())
        headers = {"X-Content-Type-Options": "nosniff"}
        headers["Content-Type"] = kind or "application/octet-stream"
        if kind is None:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
        return web.Response(body=file.content, headers=headers)

    async def _permalink(self, request: web.Request) -> web.StreamResponse:
        """Opens the thread of the message that a permalink names."""
        digits = request.match_info["message"].removeprefix("p")
        thread = request.query.get("thread_ts") or f"{digits[:-6]}.{digits[-6:]}"
        raise web.HTTPFound(f"/#/{quote(request.match_info['channel'])}/{quote(thread)}")


def _from_disk(name: str) -> web.StreamResponse:
    kind = KINDS[name.rpartition(".")[2]]
    return web.FileResponse(FOLDER / name, headers={"Content-Type": kind, **NOT_KEPT})
