"""The entrance of the Web API: who calls, may they, how fast, and what goes wrong on purpose."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.rehearsal.workspace.api import (
    chat,
    conversations,
    files,
    identity,
    people,
    reactions,
    streaming,
    views,
)
from bot.rehearsal.workspace.api.arguments import Args
from bot.rehearsal.workspace.api.office import Method, Office
from bot.rehearsal.workspace.faults import Fault, Faults
from bot.rehearsal.workspace.pacing import TooFast
from bot.rehearsal.workspace.wire import Json, Refused, loads
from bot.rehearsal.workspace.world import Call

FAMILIES = (identity, people, conversations, chat, streaming, reactions, views, files)
METHODS: dict[str, Method] = {
    name: method for family in FAMILIES for name, method in family.METHODS.items()
}
KINDS = {"channel": "channels", "group": "groups", "im": "im"}


class Door:
    """Answers `/api/{method}`; keeps every call in the world's `calls`."""

    def __init__(self, office: Office, faults: Faults) -> None:
        self._office, self._faults, self._world = office, faults, office.world

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """One request: its answer is HTTP 200 also when it is refused, as at Slack."""
        name, args = request.match_info["method"], await _arguments(request)
        token = _token(request, args)
        fault = self._faults.of_call(name)
        if fault is not None and fault.hang is not None:
            self._noted(name, args, web.Response(), "hang")
            await self._world.clock.sleep(fault.hang)
            return hang_up(request)
        if fault is not None and not fault.done:
            return self._noted(name, args, _broken(fault), fault.error)
        answer, error = self._answer(name, token, Args(args))
        if fault is not None:
            self._noted(name, args, answer, error)
            return hang_up(request)
        return self._noted(name, args, answer, error)

    def _answer(self, name: str, token: str, args: Args) -> tuple[web.Response, str | None]:
        scope = ""
        try:
            method = _method(name)
            scope = self._scope(method, args)
            self._admit(method, token, scope)
            self._office.pacing.call(name)
            result = method.call(self._office, args)
        except Refused as refusal:
            told = {"ok": False, "error": refusal.error, **refusal.extra}
            return self._response(told, scope), refusal.error
        except TooFast as too_fast:
            return _too_many(too_fast.retry_after), "ratelimited"
        self._world.pulse.changed()
        return self._response({"ok": True, **result}, scope), None

    def _admit(self, method: Method, token: str, scope: str) -> None:
        if method.open_to_all:
            return
        app = self._world.app
        wanted, other = app.bot_token, app.app_token
        if method.app_token:
            wanted, other = other, wanted
        if not token:
            raise Refused("not_authed")
        if token == app.bot_token and self._world.token_revoked:
            raise Refused("token_revoked")
        if token != wanted:
            raise Refused("not_allowed_token_type" if token == other else "invalid_auth")
        enough = scope.split("|")
        if scope and not method.app_token and not app.scopes.intersection(enough):
            raise Refused("missing_scope", needed=enough[0], provided=self._scopes())

    def _scope(self, method: Method, args: Args) -> str:
        """The scope with the kind of the channel filled in; unknown channels count as public."""
        channel = self._world.channels.get(args.text("channel") or "")
        return method.scope.format(kind=KINDS[channel.kind] if channel else "channels")

    def _scopes(self) -> str:
        return ",".join(sorted(self._world.app.scopes))

    def _response(self, told: Json, scope: str) -> web.Response:
        headers = {"x-oauth-scopes": self._scopes(), "x-accepted-oauth-scopes": scope}
        return web.json_response(told, headers=headers)

    def _noted(
        self, name: str, args: Json, answer: web.Response, error: str | None
    ) -> web.Response:
        kept = {key: value for key, value in args.items() if key != "token"}
        self._world.calls.append(Call(name, kept, self._world.clock.monotonic(), error))
        self._world.pulse.changed()
        return answer


def _method(name: str) -> Method:
    if name not in METHODS:
        raise Refused("unknown_method", req_method=name)
    return METHODS[name]


async def _arguments(request: web.Request) -> Json:
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        body = loads(await request.text())
        args.update(body if isinstance(body, dict) else {})
    elif request.method == "POST":
        args.update(await request.post())
    return {name: value for name, value in args.items() if value is not None}


def _token(request: web.Request, args: Json) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else str(args.get("token", ""))


def _broken(fault: Fault) -> web.Response:
    if fault.status == 429:
        return _too_many(fault.retry_after or 1)
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    told = {"ok": False, "error": fault.error}
    return web.json_response(told, status=fault.status, headers=headers)


def _too_many(retry_after: int) -> web.Response:
    told = {"ok": False, "error": "ratelimited"}
    return web.json_response(told, status=429, headers={"Retry-After": str(retry_after)})


def hang_up(request: web.Request) -> web.StreamResponse:
    """No answer comes: whether the call was done, the bot cannot know."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
