"""PagerDuty's API: how it is asked, and what it says of the incident behind a link."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, TypeVar

import httpx
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
)

from bot.clients import http
from bot.clients.http import Answer
from bot.clients.paging import TOKEN, PagerdutySettings
from bot.core import labels
from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import PermanentError, TemporaryError
from bot.core.ticket import PAGED
from bot.ports import Known

SYSTEM = "pagerduty"
WITHIN = 3.0
"""Seconds for one answer about an incident."""
_INCIDENT = re.compile(
    r"https://[\w-]{1,100}(?:\.eu)?\.pagerduty\.com/incidents/([A-Z0-9]{5,40})\b.*"
)
_T = TypeVar("_T", bound=BaseModel)
_URGENT = {"high": Severity.CRITICAL, "low": Severity.WARNING}


def incident_of(link: str) -> str:
    """
    Return the id of the incident that a link leads to; empty when it leads elsewhere.

    >>> incident_of("https://acme.pagerduty.com/incidents/Q1UEOA2CBT90GM")
    'Q1UEOA2CBT90GM'
    """
    found = _INCIDENT.fullmatch(link)
    return found[1] if found else ""


class Api:
    """Asks PagerDuty at the one address that is set; the token goes nowhere else."""

    def __init__(self, settings: PagerdutySettings, client: httpx.AsyncClient) -> None:
        self.url = settings.url
        self._token = settings.token.get_secret_value().strip()
        self._client = client

    @property
    def ready(self) -> bool:
        """Whether a token is set."""
        return bool(self._token)

    async def get(
        self, path: str, asked: dict[str, str], missing: str, within: float = http.LONGEST
    ) -> Answer:
        """Ask; raises what a refusal means, PermanentError with `missing` for what is not there."""
        headers = {
            "Authorization": f"Token token={self._token}",
            "Accept": "application/vnd.pagerduty+json;version=2",
        }
        url = httpx.URL(self.url + path, params=asked)
        try:
            answer = await http.send(self._client, "GET", url, headers=headers, within=within)
            if not answer.fine:
                self._refuse(answer, missing)
        except TemporaryError as error:
            raise TemporaryError(f"{error}; try again in a moment", error.retry_after) from None
        return answer

    def _refuse(self, answer: Answer, missing: str) -> None:
        if answer.status in {401, 403}:
            raise PermanentError(
                f"PagerDuty does not take {TOKEN} ({answer.status}): make a read-only key there"
            )
        if answer.status == 404:
            raise PermanentError(missing)
        if answer.status == 429:
            said = f"PagerDuty was asked too often: it wants {answer.retry_after:g} s of rest"
            raise TemporaryError(said, answer.retry_after)
        answer.refuse("GET", self._token)


class _Sent(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Named(_Sent):
    summary: str = Field(default="", max_length=2000)


class _Incident(_Sent):
    id: str
    title: str = Field(min_length=1)
    status: Literal["triggered", "acknowledged", "resolved"]
    created_at: AwareDatetime
    urgency: str = ""
    incident_key: str | None = None
    html_url: str = ""
    service: _Named = _Named()


class _About(_Sent):
    details: JsonValue = None


class _Signal(_Sent):
    body: _About = _About()


class _One(_Sent):
    incident: _Incident


class _Signals(_Sent):
    alerts: tuple[_Signal, ...] = ()


class Incidents:
    """
    Answers ports.Witness: what PagerDuty itself says of the incident that a message leads to.

    Service and environment are custom details of its alerts; where none says the service, it is
    PagerDuty's own.
    """

    def __init__(self, api: Api, source: str) -> None:
        self._api = api
        self._source = source

    def place(self, link: str) -> str:
        """Return PagerDuty's address for a link to an incident, once a token is set."""
        return self._api.url if self._api.ready and incident_of(link) else ""

    async def held(self, place: str, link: str = "") -> Sequence[Known]:
        """
        Return the incident as an alert; one that is resolved is no longer active.

        Nor was a page that Heal made itself ever one, whatever a message about it says.
        Somebody who acknowledged it is at work: it is shown, and has no confidence.
        """
        name = incident_of(link)
        missing = f"PagerDuty knows no incident {name}"
        answer = await self._api.get(f"/incidents/{name}", {}, missing, WITHIN)
        incident = _read(_One, answer).incident
        if incident.id != name:
            raise PermanentError(f"PagerDuty answered about another incident than {name}")
        asked = await self._api.get(f"/incidents/{name}/alerts", {"limit": "100"}, missing, WITHIN)
        starts = labels.moment(incident.created_at)
        if starts is None:
            raise PermanentError(f"PagerDuty's incident {name} is from no time of this century")
        details = [*_details(_read(_Signals, asked))]
        unsaid = all(name.lower() != "service" for name, _ in details)
        own = [("service", incident.service.summary)] if unsaid else []
        said = labels.agreed([*own, *details])
        over, taken = incident.status == "resolved", incident.status == "acknowledged"
        why = {"acknowledged": "somebody acknowledged it in PagerDuty"} if taken else {}
        alert = Alert(
            source=self._source,
            name=incident.title[:200],
            fingerprint=labels.named(SYSTEM, name),
            status=AlertStatus.RESOLVED if over else AlertStatus.FIRING,
            severity=_URGENT.get(incident.urgency, Severity.WARNING),
            labels=said,
            annotations={"summary": incident.title[:1000], **why, labels.CONFIRMED_BY: place},
            starts_at=starts,
            link=labels.link(incident.html_url) or labels.link(link),
            confidence=0.0 if taken else labels.confidence(said),
        )
        ours = (incident.incident_key or "").startswith(PAGED)
        return [Known(alert, active=not (over or ours))]


def _details(sent: _Signals) -> Iterator[labels.Pair]:
    for one in sent.alerts:
        details = one.body.details
        if isinstance(details, dict):
            yield from ((name, value) for name, value in details.items() if isinstance(value, str))


def _read(kind: type[_T], answer: Answer) -> _T:
    try:
        return kind.model_validate_json(answer.body)
    except ValidationError as error:
        slip = error.errors(include_url=False, include_input=False)[0]
        at = ".".join(map(str, slip["loc"])) or "all of it"
        raise PermanentError(f"{answer.place} answered oddly: {at}: {slip['msg']}") from None
