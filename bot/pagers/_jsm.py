"""JSM Operations: its settings, what of its answers is read, and who is on call there."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Literal

import httpx
from pydantic import AfterValidator, AwareDatetime, Field, SecretStr

from bot.clients import addresses
from bot.clients.apis import Api, Sent, read
from bot.clients.proofs import Pairs
from bot.core.errors import PermanentError
from bot.core.values import Frozen
from bot.pagers._schedules import WITHIN, FindInSlack, Listed, Schedules

TOKEN = "HEAL_JSM_TOKEN"  # noqa: S105 - the name of a variable
LOCKED = frozenset({401, 403})
_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


class JsmSettings(Frozen):
    """The settings HEAL_JSM_*."""

    cloud: str = Field(
        default="",
        pattern=r"^[0-9A-Za-z-]{0,64}$",
        description="the cloud id of the site: https://<site>.atlassian.net/_edge/tenant_info "
        "tells it",
    )
    user: str = Field(
        default="", max_length=200, description="the address of the account that Heal is there"
    )
    token: SecretStr = Field(
        default=SecretStr(""),
        description="its API token, for roles with `jsm:` schedules and to keep alerts in step; "
        "best by its file",
    )
    url: Annotated[str, AfterValidator(addresses.safe)] = Field(
        default="https://api.atlassian.com", description="the https address of Atlassian's API"
    )
    teams: Pairs = Field(
        default=(),
        description="service/environment=id of the team that is paged, with commas; the "
        "environment may be left out, * is any service",
    )
    escalate_to: Pairs = Field(
        default=(),
        description="service/environment=id of the escalation whose next step is taken when Heal "
        "could not mend it, with commas; the environment may be left out, * is any service",
    )
    acknowledge: bool = Field(
        default=False,
        description="whether Heal acknowledges its alert when a run begins: that stops the calls "
        "to people until the run failed",
    )
    opens_for: Literal["escalated", "every"] = Field(
        default="escalated",
        description="which incidents that came from elsewhere are paged: `escalated`, those that "
        "Heal could not mend (escalation of the policy), or `every`, from their beginning",
    )

    @property
    def key(self) -> str:
        return self.token.get_secret_value().strip()

    @property
    def needs(self) -> str:
        """What is missing for it to be asked."""
        told = {"HEAL_JSM_CLOUD": self.cloud, "HEAL_JSM_USER": self.user, TOKEN: self.key}
        return ", ".join(name for name, text in told.items() if not text)

    def ops(self, client: httpx.AsyncClient) -> Api:
        """The API of its alerts and schedules."""
        return self._api(f"/jsm/ops/api/{self.cloud}/v1", client)

    def jira(self, client: httpx.AsyncClient) -> Api:
        """The API of its site, which knows who somebody is."""
        return self._api(f"/ex/jira/{self.cloud}/rest/api/3", client)

    def _api(self, path: str, client: httpx.AsyncClient) -> Api:
        basic = base64.b64encode(f"{self.user}:{self.key}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Accept": "application/json"}
        secret = f"HEAL_JSM_USER with {TOKEN}"
        return Api("JSM Operations", self.url + path, headers, secret, client, locked=LOCKED)


class Receipt(Sent):
    """What it says to most writes: it took the wish, and fulfils it in a moment."""

    request: str = Field(default="", alias="requestId")


class Outcome(Sent):
    """What became of a wish."""

    processed: str | None = Field(default=None, alias="processedAt")
    success: bool = Field(default=False, alias="isSuccess")
    status: str = ""
    alert: str = Field(default="", alias="alertId")


class Standing(Sent):
    id: str
    status: str = ""
    acknowledged: bool = False
    owner: str | None = None
    description: str | None = None

    @property
    def closed(self) -> bool:
        return self.status.lower() == "closed"


class Note(Sent):
    note: str = ""


class Links(Sent):
    next: str | None = None


class Notes(Sent):
    values: tuple[Note, ...] = ()
    links: Links | None = None


class Entry(Sent):
    log: str = ""
    created: AwareDatetime | None = Field(default=None, alias="createdAt")


class Log(Sent):
    values: tuple[Entry, ...] = ()


class Person(Sent):
    id: str = Field(default="", alias="accountId")
    name: str | None = Field(default="", alias="displayName")
    email: str | None = Field(default="", alias="emailAddress")


class _OnCall(Sent):
    users: tuple[str, ...] = Field(alias="onCallUsers")


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


async def person(jira: Api, account: str) -> Person:
    """Who somebody is; nothing but the id where the site does not tell it."""
    answer = await jira.find("/user", {"accountId": account})
    return read(Person, answer) if answer else Person(accountId=account)


class JsmSchedules(Schedules):
    """`jsm:…`: who is on call by a schedule of JSM Operations, through rotations and teams."""

    pager, prefix = "JSM Operations", "jsm"

    def __init__(
        self,
        settings: JsmSettings,
        client: httpx.AsyncClient,
        find: FindInSlack,
        *,
        within: float = WITHIN,
    ) -> None:
        super().__init__(find, within)
        self._set = settings
        self._ops, self._jira = settings.ops(client), settings.jira(client)

    @property
    def needs(self) -> str:
        return self._set.needs

    def named(self, schedule: str) -> bool:
        return is_id(schedule)

    async def listed(self, schedule: str, at: datetime) -> Iterable[Listed]:
        moment = at.astimezone(UTC).replace(microsecond=0)
        asked = {"flat": "true", "date": moment.isoformat()}
        answer = await self._ops.find(f"/schedules/{schedule}/on-calls", asked)
        if answer is None:
            raise PermanentError(self.unknown(schedule))
        found = [await person(self._jira, one) for one in read(_OnCall, answer).users]
        return [Listed(one.email or "", one.name or one.id) for one in found]
