"""
People: who is in a group at this moment, and who of them can act.

Whoever decides is told what Slack says after they asked; an older answer serves only who says that
it may. Those who ask while Slack is being asked share the next answer, and Slack is asked no faster
than it likes.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import PermanentError, TemporaryError
from bot.core.spelling import quoted
from bot.ports import Clock
from bot.slack import failures
from bot.slack.pacing import Bucket, Pace

FRESH = 60.0
"""Seconds that a handle or a profile is believed; membership itself is never kept."""
AT_ONCE = 8
"""Profiles that are asked for at the same time."""
PATIENCE = 10.0
"""Seconds that somebody waits for their turn; who would wait longer is told so at once."""
NOT_OURS = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
"""What Slack says of those who have left, of bots, of guests, and of other companies' people."""
log = logging.getLogger(__name__)


class Profile(NamedTuple):
    """What counts of a person; `until` is when it must be asked again."""

    counts: bool
    until: float


class Told(NamedTuple):
    """What Slack said of a group, or why it did not, to all who had asked before it was asked."""

    asked: int
    at: float
    users: frozenset[str]
    error: TemporaryError | PermanentError | None = None


class People:
    """Answers ports.People from Slack; raises an error rather than guess."""

    def __init__(self, client: AsyncWebClient, clock: Clock, pace: Pace | None = None) -> None:
        self._client = client
        self._clock = clock
        self._handles: dict[str, str] = {}
        self._handles_until = 0.0
        self._profiles: dict[str, Profile] = {}
        self._addresses: dict[str, tuple[str, float]] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._meeting: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._learning = asyncio.Lock()
        self._asked = 0
        self._told: dict[str, Told] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._held = 0.0
        self.keep(pace or Pace())

    def keep(self, pace: Pace) -> None:
        """Ask this fast from now on."""
        burst = pace.members_burst
        per_second = max(pace.members_per_minute - burst, 1) / 60
        self._turns = Bucket(per_second, burst, burst, self._clock.monotonic())

    async def members(self, groups: Sequence[str], *, within: float = 0.0) -> frozenset[str]:
        """The people of all these groups who can act: no bots, no guests, nobody who has left."""
        try:
            ids = [await self._group(name) for name in groups]
            users: set[str] = set()
            for group in dict.fromkeys(ids):
                users |= await self._users(group, within)
            everyone = sorted(users)
            profiles = await asyncio.gather(*map(self._profile, everyone))
        except failures.ERRORS as error:
            raise failures.temporary(error) from error
        return frozenset(
            user for user, profile in zip(everyone, profiles, strict=True) if profile.counts
        )

    async def by_email(self, email: str) -> str:
        """The id of who has this address and can act; PermanentError when nobody has."""
        user, until = self._addresses.get(email, ("", 0.0))
        try:
            if self._clock.monotonic() >= until:
                async with self._gate:
                    told = (await self._client.users_lookupByEmail(email=email))["user"]
                user = str(told["id"])
                self._addresses[email] = user, self._keep(user, told).until
            profile = await self._profile(user)
        except failures.ERRORS as error:
            if failures.read(error).says.startswith("users_not_found"):
                raise PermanentError(f"Slack knows nobody of {quoted(email)}") from error
            raise failures.temporary(error) from error
        if not profile.counts:
            raise PermanentError(f"whoever is {quoted(email)} in Slack is a bot, a guest or gone")
        return user

    async def counts(self, user: str) -> bool:
        """Whether this is somebody who can act: no bot, no guest, nobody who has left."""
        try:
            return (await self._profile(user)).counts
        except failures.ERRORS as error:
            if failures.read(error).says.startswith("user_not_found"):
                return False
            raise failures.temporary(error) from error

    async def zone(self, user: str) -> str:
        """The time zone that somebody told Slack; empty when it does not say."""
        try:
            told = (await self._client.users_info(user=user))["user"]
        except failures.ERRORS as error:
            log.warning("a time zone is not known: %s", failures.read(error).says)
            return ""
        return str(told.get("tz_label") or told.get("tz") or "")

    async def ids(self) -> Mapping[str, str]:
        """Every handle with its id, as far as Slack says; for mentions, never for a decision."""
        try:
            await self._learn_handles()
        except failures.ERRORS as error:
            log.warning("groups cannot be mentioned: %s", failures.read(error).says)
            self._handles_until = self._clock.monotonic() + FRESH
        return self._handles

    async def _users(self, group: str, within: float) -> frozenset[str]:
        """Who is in it; an answer serves all who had asked before Slack was asked."""
        self._asked += 1
        mine = self._asked
        async with self._asking[group]:
            told = self._told.get(group)
            late = self._clock.monotonic() - within
            if told is None or (told.asked < mine and (told.at <= late or told.error is not None)):
                told = self._told[group] = await self._ask(group)
        if told.error is not None:
            raise told.error
        return told.users

    async def _ask(self, group: str) -> Told:
        """Ask Slack, and again when it only wanted to be asked a little later."""
        until = self._clock.monotonic() + PATIENCE
        while True:
            try:
                await self._turn(until)
                asked, at = self._asked, self._clock.monotonic()
                found = await self._client.usergroups_users_list(usergroup=group)
                return Told(asked, at, frozenset(map(str, found["users"])))
            except TemporaryError as error:
                return Told(self._asked, self._clock.monotonic(), frozenset(), error)
            except failures.ERRORS as error:
                failure = failures.read(error)
                if failure.says.startswith("no_such_subteam"):
                    return Told(asked, at, frozenset(), _unknown(group))
                if failure.kind is not failures.Kind.LIMITED:
                    return Told(asked, at, frozenset(), failures.temporary(error))
                self._held = self._clock.monotonic() + failure.retry_after

    async def _turn(self, until: float) -> None:
        """Wait until Slack may be asked; raises TemporaryError when that is too late."""
        now = self._clock.monotonic()
        wait = max(self._turns.wait(now), self._held - now)
        if now + wait > until:
            says = f"Slack asks to be asked again in {math.ceil(wait)} s, not sooner"
            raise TemporaryError(says, wait)
        self._turns.take(now)
        await self._clock.sleep(wait)

    async def _group(self, name: str) -> str:
        """The id of a group that is named by id or by handle, with or without its @."""
        bare = name.removeprefix("@")
        if bare.startswith("S") and bare.isupper() and bare.isalnum():
            return bare
        if bare not in self._handles:
            self._handles_until = 0.0
        await self._learn_handles()
        if bare not in self._handles:
            raise _unknown(name)
        return self._handles[bare]

    async def _learn_handles(self) -> None:
        async with self._learning:
            if self._clock.monotonic() < self._handles_until:
                return
            found = (await self._client.usergroups_list())["usergroups"]
            self._handles = {str(group["handle"]): str(group["id"]) for group in found}
            self._handles_until = self._clock.monotonic() + FRESH

    async def _profile(self, user: str) -> Profile:
        """Those who ask about one person at the same time share the answer."""
        async with self._meeting[user]:
            known = self._profiles.get(user)
            if known is not None and self._clock.monotonic() < known.until:
                return known
            async with self._gate:
                told = (await self._client.users_info(user=user))["user"]
            return self._keep(user, told)

    def _keep(self, user: str, told: Mapping[str, object]) -> Profile:
        counts = not any(told.get(field) for field in NOT_OURS)
        profile = Profile(counts, self._clock.monotonic() + FRESH)
        self._profiles[user] = profile
        return profile


def _unknown(group: str) -> PermanentError:
    return PermanentError(f"Slack knows no user group {quoted(group)}: make it, or mend its name "
                          "in the policy")  # fmt: skip
