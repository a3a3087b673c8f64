"""The connection to Slack: who we are is asked once at the start, then payloads come in.

app opens one, hands `listen` what shall happen with payloads, and starts and closes it. In
Socket Mode Slack is called and keeps the line; in HTTP mode web/ mounts `dispatch`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ConfigurationError, TemporaryError
from bot.slack import failures
from bot.slack.scopes import granted
from bot.slack.signed import SignedDoor
from bot.slack.sockets import Socket
from bot.slack.strangers import Identity

SLACK = "https://slack.com/api/"
REMEDIES = {
    "SLACK_BOT_TOKEN": "at api.slack.com/apps open your app, OAuth & Permissions, install it to "
    "the workspace and copy the Bot User OAuth Token (xoxb-…) into it",
    "SLACK_APP_TOKEN": "at api.slack.com/apps open your app, Basic Information, App-Level Tokens, "
    "generate one with the scope connections:write and copy it (xapp-…) into it",
    "SLACK_SIGNING_SECRET": "at api.slack.com/apps open your app, Basic Information, and copy the "
    "Signing Secret into it; or set SLACK_APP_TOKEN for Socket Mode, which needs no secret",
}


@dataclass(frozen=True)
class Clients:
    """Three ways to call Slack, over one session."""

    asking: AsyncWebClient
    """Tries again when the line breaks: for whatever may be done twice."""
    posting: AsyncWebClient
    """Tries once, for a blind second try could post twice."""
    bare: AsyncWebClient
    """Without a token: Bolt takes the bot's from `authorize`."""
    session: aiohttp.ClientSession

    @classmethod
    def of(cls, token: str, base_url: str, session: aiohttp.ClientSession) -> Self:
        again = [AsyncConnectionErrorRetryHandler(), AsyncServerErrorRetryHandler()]
        return cls(
            AsyncWebClient(token, base_url, session=session, retry_handlers=again),
            AsyncWebClient(token, base_url, session=session, retry_handlers=[]),
            AsyncWebClient(None, base_url, session=session, retry_handlers=[]),
            session,
        )


class Connection:
    """An open connection; made by `open_bolt`."""

    def __init__(
        self,
        app: AsyncApp,
        clients: Clients,
        me: Identity,
        socket: Socket | None,
        door: SignedDoor | None,
    ) -> None:
        self.me = me
        self.asking = clients.asking
        self.posting = clients.posting
        self._session = clients.session
        self._app = app
        self._socket = socket
        self._door = door

    def listen(self, middleware: AsyncMiddleware) -> None:
        """What every payload goes through; before `start`."""
        self._app.use(middleware)

    async def start(self) -> None:
        """Let Slack in: opens the socket in Socket Mode, does nothing in HTTP mode."""
        if self._socket is not None:
            await self._socket.start()

    async def dispatch(self, request: web.Request) -> web.Response:
        """Answer one request to /slack/events; 404 in Socket Mode."""
        if self._door is None:
            return web.Response(status=404)
        return await self._door.dispatch(request)

    async def connected(self) -> bool:
        """Whether payloads can come in, for readiness."""
        return self._socket is None or await self._socket.connected()

    async def stop_intake(self, grace: float = 3.0) -> None:
        """Take nothing more in; what has arrived is still answered."""
        if self._socket is not None:
            await self._socket.close(grace)

    async def close(self) -> None:
        """Let go of everything; no call can be made after it."""
        await self.stop_intake()
        await self._session.close()


async def open_bolt(
    *,
    bot_token: str,
    app_token: str | None,
    signing_secret: str | None,
    refused: Callable[[str], None],
    base_url: str = SLACK,
    ping: float = 5.0,
    patience: float = 15.0,
) -> Connection:
    """
    Ask Slack who we are and open Socket Mode (with an app token) or HTTP mode (with a secret).

    `refused` is told of every request that was turned away, and why. Raises ConfigurationError
    when Slack does not take a token, TemporaryError when Slack cannot be reached.
    """
    if not (app_token or (signing_secret or "").strip()):
        raise _unusable("SLACK_SIGNING_SECRET", "is empty")
    async with AsyncExitStack() as undo:
        total = aiohttp.ClientTimeout(total=patience)
        session = await undo.enter_async_context(aiohttp.ClientSession(timeout=total))
        clients = Clients.of(bot_token, base_url, session)
        me = await _who(clients.asking)
        url = await _first_url(clients.asking, app_token) if app_token else ""
        app = _app(me, bot_token, signing_secret or "", clients.bare)
        socket = await Socket.make(app, app_token, session, url, ping) if app_token else None
        door = None if app_token else SignedDoor(app, signing_secret or "", refused)
        undo.pop_all()
        return Connection(app, clients, me, socket, door)


def _app(me: Identity, token: str, secret: str, client: AsyncWebClient) -> AsyncApp:
    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=me.enterprise_id or None,
            team_id=me.team_id,
            bot_user_id=me.user_id,
            bot_id=me.bot_id,
            bot_token=token,
        )

    return AsyncApp(
        name="heal",
        logger=logging.getLogger("slack_bolt"),
        client=client,
        authorize=authorize,
        signing_secret=secret,
        process_before_response=True,
        attaching_conversation_kwargs_enabled=False,
    )


async def _who(client: AsyncWebClient) -> Identity:
    try:
        said = await client.auth_test()
    except failures.ERRORS as error:
        raise _stopped(error, "SLACK_BOT_TOKEN") from error
    if not said.get("bot_id"):
        raise _unusable("SLACK_BOT_TOKEN", "is the token of a person")
    return Identity(
        team_id=said["team_id"],
        team=said.get("team") or "",
        enterprise_id=said.get("enterprise_id") or "",
        user_id=said["user_id"],
        bot_id=said["bot_id"],
        url=said.get("url") or "",
        scopes=granted(said.headers),
    )


async def _first_url(client: AsyncWebClient, app_token: str) -> str:
    """Socket Mode itself would try a bad token for ever."""
    try:
        return str((await client.apps_connections_open(app_token=app_token))["url"])
    except failures.ERRORS as error:
        raise _stopped(error, "SLACK_APP_TOKEN") from error


def _stopped(error: Exception, name: str) -> ConfigurationError | TemporaryError:
    failure = failures.read(error)
    if failure.kind is not failures.Kind.REFUSED:
        return TemporaryError(f"Slack cannot be asked: {failure.says}", failure.retry_after or 5.0)
    return _unusable(name, f"is not taken by Slack ({failure.says})")


def _unusable(name: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"{name} {why}: {REMEDIES[name]}")
