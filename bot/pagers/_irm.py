"""Grafana IRM: its settings, what of its answers is read, and who is on call there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import httpx
from pydantic import AfterValidator, AwareDatetime, Field, SecretStr

from bot.clients import addresses
from bot.clients.apis import Api, Sent, read
from bot.clients.paging import pairs
from bot.clients.proofs import Pairs
from bot.core.errors import PermanentError
from bot.core.values import Frozen
from bot.pagers._schedules import WITHIN, FindInSlack, Listed, Schedules

URL, TOKEN = "HEAL_IRM_URL", "HEAL_IRM_TOKEN"
LOCKED = frozenset({401, 403})
DAY = timedelta(days=1)
_ID = re.compile(r"[A-Z0-9]{5,40}")


def _address(text: str) -> str:
    return addresses.safe(text) if text else text


def _integrations(secret: SecretStr) -> SecretStr:
    """Refuse what is no address of an integration, without telling it."""
    for place, url in pairs(secret.get_secret_value().split(",")).items():
        try:
            fine = bool(place) and "/formatted_webhook/" in addresses.safe(url)
        except ValueError:
            fine = False
        if not fine:
            raise ValueError("it is not like service/environment=https://…/formatted_webhook/…")
    return secret


class IrmSettings(Frozen):
    """The settings HEAL_IRM_*."""

    url: Annotated[str, AfterValidator(_address)] = Field(
        default="",
        description="the https address of its API, as its settings page gives it, without "
        "`/api/v1`",
    )
    token: SecretStr = Field(
        default=SecretStr(""),
        description="an API key of a user of its own there, for roles with `irm:` schedules and to "
        "keep alert groups in step; a service account may not resolve any",
    )
    integrations: Annotated[SecretStr, AfterValidator(_integrations)] = Field(
        default=SecretStr(""),
        description="service/environment=the address of a *Formatted webhook* integration, with "
        "commas: what is paged; its routes say which escalation chain; * is any service; secret",
    )
    escalate_to: Pairs = Field(
        default=(),
        description="service/environment=id of the schedule whose people are paged when Heal could "
        "not mend it, with commas; the environment may be left out, * is any service",
    )
    acknowledge: bool = Field(
        default=False,
        description="whether Heal acknowledges its alert group when a run begins: that stops the "
        "escalation chain until the run failed",
    )
    opens_for: Literal["escalated", "every"] = Field(
        default="escalated",
        description="which incidents are paged: `escalated`, those that Heal could not mend "
        "(escalation of the policy), or `every`, from their beginning",
    )

    @property
    def places(self) -> dict[str, str]:
        """The addresses of integrations by their places."""
        return pairs(self.integrations.get_secret_value().split(","))

    @property
    def needs(self) -> str:
        """What is missing for its API to be asked."""
        lacks = [] if self.url else [URL]
        return " and ".join([*lacks, *([] if self.key else [TOKEN])])

    @property
    def key(self) -> str:
        return self.token.get_secret_value().strip()

    def api(self, client: httpx.AsyncClient) -> Api:
        headers = {"Authorization": self.key}
        return Api("Grafana IRM", f"{self.url}/api/v1", headers, TOKEN, client, locked=LOCKED)


class Payload(Sent):
    alert_uid: str = ""
    message: str = ""


class Raised(Sent):
    payload: Payload | None = None


class Group(Sent):
    id: str
    state: str
    acknowledged_by: str | None = None
    resolved_by: str | None = None
    last_alert: Raised | None = None

    @property
    def said(self) -> Payload:
        return (self.last_alert and self.last_alert.payload) or Payload()


class Groups(Sent):
    results: tuple[Group, ...]
    next: str | None = None


class Note(Sent):
    text: str = ""


class Notes(Sent):
    results: tuple[Note, ...]
    next: str | None = None


class User(Sent):
    id: str
    username: str = ""


class Shift(Sent):
    user_pk: str = ""
    user_email: str | None = None
    user_username: str | None = None
    shift_start: AwareDatetime
    shift_end: AwareDatetime


class Shifts(Sent):
    results: tuple[Shift, ...]


async def shifts(api: Api, schedule: str, at: datetime) -> list[Shift] | None:
    """Whoever has a shift at an instant; None when there is no such schedule."""
    days = (at.astimezone(UTC), at.astimezone(UTC) + DAY)
    asked = dict(zip(("start_date", "end_date"), (f"{one:%Y-%m-%d}" for one in days), strict=True))
    answer = await api.find(f"/schedules/{schedule}/final_shifts", asked)
    if answer is None:
        return None
    found = read(Shifts, answer).results
    return [one for one in found if one.shift_start <= at < one.shift_end]


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


class IrmSchedules(Schedules):
    """`irm:…`: who has a shift of a schedule of Grafana IRM."""

    pager, prefix = "Grafana IRM", "irm"

    def __init__(
        self,
        settings: IrmSettings,
        client: httpx.AsyncClient,
        find: FindInSlack,
        *,
        within: float = WITHIN,
    ) -> None:
        super().__init__(find, within)
        self._set = settings
        self._api = settings.api(client)

    @property
    def needs(self) -> str:
        return self._set.needs

    def named(self, schedule: str) -> bool:
        return is_id(schedule)

    async def listed(self, schedule: str, at: datetime) -> Iterable[Listed]:
        found = await shifts(self._api, schedule, at)
        if found is None:
            raise PermanentError(self.unknown(schedule))
        return [Listed(one.user_email or "", one.user_username or "") for one in found]
