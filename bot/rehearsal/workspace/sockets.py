"""Socket Mode as Slack's side of it: single-use tickets, envelopes, acknowledgements, refreshes."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from bot.rehearsal.workspace.faults import Faults
from bot.rehearsal.workspace.lines import Attempt, Kind, Reply
from bot.rehearsal.workspace.wire import Json, loads
from bot.rehearsal.workspace.world import World
from bot.tasks import Tasks

GOODBYE_SECONDS = 1
ANSWERS_WITH_PAYLOAD = frozenset({"view_submission", "block_suggestion"})


@dataclass(eq=False)
class Socket:
    """One open connection of the bot."""

    stream: web.WebSocketResponse
    request: web.Request
    name: str = field(default_factory=lambda: secrets.token_hex(4))


class Sockets:
    """All connections of the app: an envelope goes to exactly one of them, an ack may use any."""

    def __init__(self, world: World, tasks: Tasks, faults: Faults, *, most: int) -> None:
        self._world, self._tasks, self._most = world, tasks, most
        self._faults = faults
        self._tickets: set[str] = set()
        self._waiting: dict[str, asyncio.Future[object]] = {}
        self._turn = itertools.count()
        self.open: list[Socket] = []

    def new_url(self) -> str:
        """The URL of `apps.connections.open`; it opens one connection."""
        ticket = secrets.token_hex(12)
        self._tickets.add(ticket)
        return f"{self._world.url.replace('http', 'ws', 1)}/link/{ticket}"

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket endpoint."""
        ticket = request.match_info["ticket"]
        if ticket not in self._tickets:
            return web.Response(status=408, text="this ticket was used or never given out")
        self._tickets.discard(ticket)
        if self._faults.refuse_now():
            return web.Response(status=503, text="no connection can be made now")
        stream = web.WebSocketResponse(timeout=GOODBYE_SECONDS)
        await stream.prepare(request)
        if len(self.open) >= self._most:
            await stream.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await stream.close()
            return stream
        socket = Socket(stream, request)
        self.open.append(socket)
        try:
            await stream.send_json(self._hello())
            self._world.pulse.changed()
            await self._listen(stream)
        finally:
            self._forget(socket)
        return stream

    async def send(self, kind: Kind, payload: Json, attempt: Attempt) -> Reply:
        """Delivers an envelope to one connection; the next one in turn."""
        if not self.open:
            return Reply(acked=False, reason="connection_failed")
        socket = self.open[next(self._turn) % len(self.open)]
        envelope = self._envelope(kind, payload, attempt)
        waiting: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = waiting
        try:
            await socket.stream.send_json(envelope)
            body = await asyncio.wait_for(waiting, self._world.timing.ack)
        except (TimeoutError, ConnectionError):
            return Reply(acked=False, reason="timeout")
        finally:
            del self._waiting[envelope["envelope_id"]]
        return Reply(acked=True, body=body if envelope["accepts_response_payload"] else None)

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """What Slack does every few hours: asks to reconnect, and hangs up some seconds later."""
        for socket in list(self.open):
            await socket.stream.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": socket.name}}
            )
            self._tasks.start(self._hang_up(socket), name=f"hang up on socket {socket.name}")

    def drop(self) -> None:
        """Cuts every connection without a goodbye, as a broken network does."""
        for socket in list(self.open):
            if socket.request.transport is not None:
                socket.request.transport.abort()
            self._forget(socket)

    async def close(self) -> None:
        """Says goodbye to all."""
        for socket in list(self.open):
            await socket.stream.close()

    async def _hang_up(self, socket: Socket) -> None:
        await self._world.clock.sleep(self._world.timing.refresh_grace)
        if socket in self.open:
            await socket.stream.close()

    async def _listen(self, stream: web.WebSocketResponse) -> None:
        async for message in stream:
            answer = loads(message.data) if message.type is WSMsgType.TEXT else None
            if not isinstance(answer, dict):
                continue
            waiting = self._waiting.get(answer.get("envelope_id", ""))
            if waiting is not None and not waiting.done():
                waiting.set_result(answer.get("payload"))

    def _forget(self, socket: Socket) -> None:
        if socket in self.open:
            self.open.remove(socket)
            self._world.pulse.changed()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.open),
            "connection_info": {"app_id": self._world.app.id},
            "debug_info": {"host": "local-workspace", "approximate_connection_time": 18060},
        }

    def _envelope(self, kind: Kind, payload: Json, attempt: Attempt) -> Json:
        envelope: Json = {
            "envelope_id": secrets.token_hex(16),
            "type": kind.value,
            "payload": payload,
            "accepts_response_payload": kind is Kind.COMMAND
            or payload["type"] in ANSWERS_WITH_PAYLOAD,
        }
        if kind is Kind.EVENT:
            envelope |= {"retry_attempt": attempt.number, "retry_reason": attempt.reason}
        return envelope
