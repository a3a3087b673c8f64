"""Examining: what the doctor asks of Slack, each question once, nothing posted or changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import NamedTuple, Self

import aiohttp
from pydantic import JsonValue
from slack_sdk.web.async_client import AsyncWebClient

from bot.ports import Clock
from bot.settings import Settings
from bot.slack import channels, failures
from bot.slack.failures import Failure
from bot.slack.people import People
from bot.slack.wire import text_at

PATIENCE = 5.0
"""Seconds for one answer of Slack."""
GONE = frozenset({"thread_not_found", "message_not_found", "channel_not_found"})
LATELY = 100
"""Messages of a channel that are looked through for who writes there."""


class Identified(NamedTuple):
    """Who Slack says that we are; `scopes` is None when it does not say, `date` its own clock."""

    team: str
    user: str
    is_bot: bool
    scopes: frozenset[str] | None
    date: datetime | None
    bot_id: str = ""


class Room(NamedTuple):
    """A channel, and whether Heal was invited."""

    id: str
    name: str
    inside: bool
    archived: bool


class Bot(NamedTuple):
    """Who wrote a message that no person wrote; the name is what it calls itself."""

    id: str
    app: str
    name: str


class Examiner:
    """Answers the doctor's questions; made by `Examiner.open`."""

    def __init__(self, client: AsyncWebClient, app_token: str, clock: Clock) -> None:
        self._client = client
        self._app_token = app_token
        self._people = People(client, clock)
        self._groups: dict[str, str] = {}
        self.me: Identified | Failure = Failure(failures.Kind.UNREACHED, "not asked")

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, clock: Clock) -> AsyncIterator[Self]:
        """Ask who we are first: without that answer no other one means anything."""
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            client = AsyncWebClient(
                settings.slack_bot_token.get_secret_value().strip() or None,
                settings.slack_api_url,
                session=session,
                retry_handlers=[],
            )
            examiner = cls(client, settings.slack_app_token.get_secret_value().strip(), clock)
            examiner.me = await examiner._who()
            yield examiner

    @property
    def known(self) -> bool:
        return isinstance(self.me, Identified)

    async def socket(self) -> Failure | None:
        """Whether Slack would let us open Socket Mode with the app-level token."""
        try:
            await self._client.apps_connections_open(app_token=self._app_token)
        except failures.ERRORS as error:
            return failures.read(error)
        return None

    async def room(self, name: str, setting: str = "SLACK_RECOVERY_CHANNEL") -> Room:
        """The channel of this name or id; ConfigurationError or TemporaryError when unseen."""
        place = await channels.id_of(self._client, name, setting)
        try:
            told = (await self._client.conversations_info(channel=place))["channel"]
        except failures.ERRORS as error:
            raise failures.temporary(error) from error
        inside, archived = bool(told.get("is_member")), bool(told.get("is_archived"))
        return Room(place, str(told.get("name") or place), inside, archived)

    async def shows(self, channel: str, ts: str, thread: str = "") -> bool:
        """Whether a message stands there, in its thread if it has one; TemporaryError if unread."""
        replies = partial(self._client.conversations_replies, ts=thread)
        ask = replies if thread and thread != ts else self._client.conversations_history
        try:
            told = await ask(channel=channel, latest=ts, oldest=ts, inclusive=True, limit=LATELY)
        except failures.ERRORS as error:
            if failures.read(error).says in GONE:
                return False
            raise failures.temporary(error) from error
        return any(each.get("ts") == ts for each in told["messages"])

    async def bots(self, channel: str) -> list[Bot]:
        """The bots that lately wrote in a channel, each once; TemporaryError when unread."""
        try:
            told = await self._client.conversations_history(channel=channel, limit=LATELY)
        except failures.ERRORS as error:
            raise failures.temporary(error) from error
        return sorted({_bot(one) for one in told["messages"] if one.get("bot_id")})

    async def groups(self) -> dict[str, str]:
        """Every user group: handle to id, asked once; TemporaryError when Slack does not say."""
        if not self._groups:
            try:
                found = (await self._client.usergroups_list())["usergroups"]
            except failures.ERRORS as error:
                raise failures.temporary(error) from error
            self._groups = {str(group["handle"]): str(group["id"]) for group in found}
        return self._groups

    @property
    def people(self) -> People:
        """Who is in which group and can act."""
        return self._people

    async def present(self, user: str) -> bool:
        """Whether there is such a person; TemporaryError when Slack does not say."""
        try:
            told = (await self._client.users_info(user=user))["user"]
        except failures.ERRORS as error:
            if failures.read(error).says.startswith(("user_not_found", "users_not_found")):
                return False
            raise failures.temporary(error) from error
        return not (told.get("deleted") or told.get("is_bot"))

    async def _who(self) -> Identified | Failure:
        try:
            said = await self._client.auth_test()
        except failures.ERRORS as error:
            return failures.read(error)
        headers = {str(name).lower(): str(value) for name, value in said.headers.items()}
        told = headers.get("x-oauth-scopes")
        scopes = None if told is None else frozenset(map(str.strip, told.split(",")))
        date = parsedate_to_datetime(headers["date"]) if "date" in headers else None
        team, user = str(said.get("team") or ""), str(said.get("user") or "")
        bot_id = str(said.get("bot_id") or "")
        return Identified(team, user, bool(bot_id), scopes, date, bot_id)


def _bot(message: Mapping[str, JsonValue]) -> Bot:
    name = text_at(message, "username") or text_at(message, "bot_profile", "name")
    return Bot(text_at(message, "bot_id"), text_at(message, "app_id"), name)
