"""Examining: what the doctor asks of Slack, each question once, nothing posted or changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple, Self

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.ports import Clock
from bot.settings import Settings
from bot.slack import channels, failures
from bot.slack.failures import Failure
from bot.slack.people import People

PATIENCE = 5.0
"""Seconds for one answer of Slack."""


class Identified(NamedTuple):
    """Who Slack says that we are; `scopes` is None when it does not say, `date` its own clock."""

    team: str
    user: str
    is_bot: bool
    scopes: frozenset[str] | None
    date: datetime | None


class Room(NamedTuple):
    """A channel, and whether Heal was invited."""

    id: str
    name: str
    inside: bool
    archived: bool


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

    async def room(self, name: str) -> Room:
        """The channel of this name or id; ConfigurationError or TemporaryError when unseen."""
        place = await channels.id_of(self._client, name)
        try:
            told = (await self._client.conversations_info(channel=place))["channel"]
        except failures.ERRORS as error:
            raise failures.temporary(error) from error
        inside, archived = bool(told.get("is_member")), bool(told.get("is_archived"))
        return Room(place, str(told.get("name") or place), inside, archived)

    async def groups(self) -> dict[str, str]:
        """Every user group: handle to id, asked once; TemporaryError when Slack does not say."""
        if not self._groups:
            try:
                found = (await self._client.usergroups_list())["usergroups"]
            except failures.ERRORS as error:
                raise failures.temporary(error) from error
            self._groups = {str(group["handle"]): str(group["id"]) for group in found}
        return self._groups

    async def members(self, group: str) -> frozenset[str]:
        """Who is in a group, by its id, and can act; TemporaryError when Slack does not say."""
        return await self._people.members((group,))

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
        return Identified(team, user, bool(said.get("bot_id")), scopes, date)
