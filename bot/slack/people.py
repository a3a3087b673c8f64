"""People: who is in a group at this moment, and who of them can act."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import TemporaryError
from bot.core.spelling import quoted
from bot.ports import Clock
from bot.slack import failures

FRESH = 60.0
"""Seconds that a handle or a profile is believed; membership itself is never kept."""
AT_ONCE = 8
"""Profiles that are asked for at the same time."""
log = logging.getLogger(__name__)


class Profile(NamedTuple):
    """What counts of a person; `until` is when it must be asked again."""

    counts: bool
    until: float


class People:
    """Answers ports.People from Slack; raises TemporaryError rather than guess."""

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._handles: dict[str, str] = {}
        self._handles_until = 0.0
        self._profiles: dict[str, Profile] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def members(self, groups: Sequence[str]) -> frozenset[str]:
        """The people of all these groups who can act: no bots, nobody who has left."""
        try:
            ids = [await self._group(name) for name in groups]
            users: set[str] = set()
            for group in dict.fromkeys(ids):
                users.update((await self._client.usergroups_users_list(usergroup=group))["users"])
            everyone = sorted(users)
            profiles = await asyncio.gather(*map(self._profile, everyone))
        except failures.ERRORS as error:
            raise failures.temporary(error) from error
        return frozenset(
            user for user, profile in zip(everyone, profiles, strict=True) if profile.counts
        )

    async def ids(self) -> Mapping[str, str]:
        """Every handle with its id, as far as Slack says; for mentions, never for a decision."""
        try:
            await self._learn_handles()
        except failures.ERRORS as error:
            log.warning("groups cannot be mentioned: %s", failures.read(error).says)
            self._handles_until = self._clock.monotonic() + FRESH
        return self._handles

    async def _group(self, name: str) -> str:
        """The id of a group that is named by id or by handle, with or without its @."""
        bare = name.removeprefix("@")
        if bare.startswith("S") and bare.isupper() and bare.isalnum():
            return bare
        if bare not in self._handles:
            self._handles_until = 0.0
        await self._learn_handles()
        if bare not in self._handles:
            raise TemporaryError(f"Slack knows no user group {quoted(name)}: make it, or mend its "
                                 "name where it is named as approver")  # fmt: skip
        return self._handles[bare]

    async def _learn_handles(self) -> None:
        if self._clock.monotonic() < self._handles_until:
            return
        found = (await self._client.usergroups_list())["usergroups"]
        self._handles = {str(group["handle"]): str(group["id"]) for group in found}
        self._handles_until = self._clock.monotonic() + FRESH

    async def _profile(self, user: str) -> Profile:
        known = self._profiles.get(user)
        if known is not None and self._clock.monotonic() < known.until:
            return known
        async with self._gate:
            told = (await self._client.users_info(user=user))["user"]
        counts = not (told.get("deleted") or told.get("is_bot"))
        profile = Profile(counts, self._clock.monotonic() + FRESH)
        self._profiles[user] = profile
        return profile
