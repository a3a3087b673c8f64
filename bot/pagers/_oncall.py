"""`pagerduty:…`: who is on call by a schedule of PagerDuty, found in Slack by their address."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.clients.http import Answer
from bot.clients.pagerduty import Api
from bot.clients.paging import TOKEN, PagerdutySettings
from bot.core.errors import PermanentError, TemporaryError
from bot.core.spelling import quoted

WITHIN = 4.0
"""Seconds for all that is asked of PagerDuty at one click: somebody waits."""
PAGE, MOST = 100, 1000
"""Entries of one answer, which is all that PagerDuty gives, and of all answers together."""
log = logging.getLogger(__name__)

FindInSlack = Callable[[str], Awaitable[str]]
"""From an address to a Slack user id; PermanentError when nobody who can act has it."""


class _Sent(BaseModel):
    """What of an answer is read; a schedule or user that was deleted is still referred to."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _User(_Sent):
    summary: str = ""
    email: str = Field(default="", max_length=320)


class _Schedule(_Sent):
    id: str


class _Turn(_Sent):
    user: _User
    schedule: _Schedule | None
    start: AwareDatetime | None
    end: AwareDatetime | None

    def holds(self, schedule: str, at: datetime) -> bool:
        """Whether it is of this schedule and holds at this instant; without a bound, always."""
        ours = self.schedule is not None and self.schedule.id == schedule
        begun = self.start is None or self.start <= at
        return ours and begun and (self.end is None or at < self.end)


class _Page(_Sent):
    oncalls: tuple[_Turn, ...]
    more: bool


class OnCall(NamedTuple):
    """Slack ids of those on call, and why each of the others is nobody here."""

    found: frozenset[str]
    lost: tuple[str, ...]


class PagerDuty:
    """Answers ports.Pager by asking PagerDuty each time; a schedule is its id there."""

    def __init__(
        self,
        settings: PagerdutySettings,
        client: httpx.AsyncClient,
        find: FindInSlack,
        *,
        within: float = WITHIN,
    ) -> None:
        self._api = Api(settings, client)
        self._find = find
        self._within = within

    async def who_is_on_call(self, schedule: str, at: datetime) -> frozenset[str]:
        """Those whom Slack knows; PermanentError when somebody is on call, and it knows none."""
        found, lost = await self.on_call(schedule, at)
        if lost and not found:
            raise PermanentError("; ".join(lost))
        for why in lost:
            log.warning("pagerduty:%s: %s", schedule, why)
        return found

    async def on_call(self, schedule: str, at: datetime) -> OnCall:
        """Everybody whom PagerDuty has on call at an instant; raises as ports.Pager says."""
        if not self._api.ready:
            raise PermanentError(f"PagerDuty cannot be asked: set {TOKEN}")
        if not (schedule.isascii() and schedule.isalnum()):
            raise PermanentError(_unknown(schedule))
        try:
            async with asyncio.timeout(self._within):
                users = await self._users(schedule, at)
        except TimeoutError:
            said = f"PagerDuty did not answer within {self._within:g} s; try again in a moment"
            raise TemporaryError(said) from None
        found, lost = set[str](), list[str]()
        for user in sorted(users, key=lambda one: (one.email, one.summary)):
            who = f"PagerDuty has {quoted(user.summary or 'somebody')} on call"
            try:
                if user.email:
                    found.add(await self._find(user.email.strip().lower()))
                else:
                    lost.append(f"{who}, without an address to know them by in Slack")
            except PermanentError as error:
                lost.append(f"{who}, but {error}: give them the same address in both")
        return OnCall(frozenset(found), tuple(lost))

    async def _users(self, schedule: str, at: datetime) -> set[_User]:
        """Page by page: the span is a second long, for an empty one is refused."""
        moment = at.astimezone(UTC).replace(microsecond=0)
        asked = {
            "schedule_ids[]": schedule,
            "include[]": "users",
            "since": moment.isoformat(),
            "until": (moment + timedelta(seconds=1)).isoformat(),
            "limit": str(PAGE),
        }
        users = set[_User]()
        for offset in range(0, MOST, PAGE):
            answer = await self._api.get(
                "/oncalls", asked | {"offset": str(offset)}, _unknown(schedule)
            )
            page = _read(answer)
            users |= {one.user for one in page.oncalls if one.holds(schedule, at)}
            if not page.more:
                break
        else:
            raise PermanentError(f"PagerDuty says more than {MOST} turns of {quoted(schedule)}")
        if not users:  # an unknown schedule has none either
            await self._api.get(f"/schedules/{schedule}", {}, _unknown(schedule))
        return users


def _unknown(schedule: str) -> str:
    return (f"PagerDuty knows no schedule {quoted(schedule)}: write the id that ends the "
            "address of its page there")  # fmt: skip


def _read(answer: Answer) -> _Page:
    try:
        return _Page.model_validate_json(answer.body)
    except ValidationError as error:
        slip = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, slip["loc"])) or "all of it"
        said = f"PagerDuty answered oddly ({place}: {slip['msg']}), so nobody counts"
        raise TemporaryError(said) from None
