"""`pagerduty:…`: who is on call by a schedule of PagerDuty, found in Slack by their address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.clients.http import Answer
from bot.clients.pagerduty import SYSTEM, Api
from bot.clients.paging import TOKEN, PagerdutySettings
from bot.core.errors import PermanentError, TemporaryError
from bot.core.spelling import quoted
from bot.pagers._schedules import WITHIN, FindInSlack, Listed, Schedules

PAGE, MOST = 100, 1000
"""Entries of one answer, which is all that PagerDuty gives, and of all answers together."""


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


class PagerDuty(Schedules):
    """Asks PagerDuty each time; a schedule is its id there."""

    pager, prefix = "PagerDuty", SYSTEM

    def __init__(
        self,
        settings: PagerdutySettings,
        client: httpx.AsyncClient,
        find: FindInSlack,
        *,
        within: float = WITHIN,
    ) -> None:
        super().__init__(find, within)
        self._api = Api(settings, client)

    @property
    def needs(self) -> str:
        return "" if self._api.ready else TOKEN

    def named(self, schedule: str) -> bool:
        return schedule.isascii() and schedule.isalnum()

    async def listed(self, schedule: str, at: datetime) -> Iterable[Listed]:
        return [Listed(one.email, one.summary) for one in await self._users(schedule, at)]

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
                "/oncalls", asked | {"offset": str(offset)}, self.unknown(schedule)
            )
            page = _read(answer)
            users |= {one.user for one in page.oncalls if one.holds(schedule, at)}
            if not page.more:
                break
        else:
            raise PermanentError(f"PagerDuty says more than {MOST} turns of {quoted(schedule)}")
        if not users:  # an unknown schedule has none either
            await self._api.get(f"/schedules/{schedule}", {}, self.unknown(schedule))
        return users


def _read(answer: Answer) -> _Page:
    try:
        return _Page.model_validate_json(answer.body)
    except ValidationError as error:
        slip = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, slip["loc"])) or "all of it"
        said = f"PagerDuty answered oddly ({place}: {slip['msg']}), so nobody counts"
        raise TemporaryError(said) from None
