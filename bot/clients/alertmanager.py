"""Alertmanager's API: which alerts stand behind a link into it, as it knows them itself.

A link in a message only chooses among the addresses that a setting names; it is never followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal
from urllib.parse import parse_qs

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.clients import addresses, http
from bot.core import labels
from bot.core.alert import Alert, AlertStatus
from bot.core.errors import ConfigurationError, PermanentError
from bot.core.labels import Annotations, Labels, Name
from bot.ports import Known

SETTING = "HEAL_ALERTMANAGER_URL"
WITHIN = 3.0
"""Seconds for an answer."""


class _Sent(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Status(_Sent):
    state: Literal["active", "suppressed", "unprocessed"]


class _SentAlert(_Sent):
    labels: Labels
    annotations: Annotations
    starts_at: AwareDatetime = Field(alias="startsAt")
    generator_url: str = Field(default="", alias="generatorURL")
    fingerprint: Name
    status: _Status


_ANSWER = TypeAdapter(list[_SentAlert])


class Places:
    """
    The addresses that may be asked, each by the links that lead to it; made from the setting.

    >>> Places("https://am.example.com=http://alertmanager:9093").of("https://am.example.com/#/x")
    'http://alertmanager:9093'
    """

    def __init__(self, setting: str) -> None:
        """Raise ConfigurationError when a word of the setting is no address."""
        words = [word.strip() for word in setting.split(",") if word.strip()]
        pairs = [(head, tail or head) for head, _, tail in (word.partition("=") for word in words)]
        self._places = {_plain(shown): _plain(asked) for shown, asked in pairs}

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(self._places.values()))

    def of(self, link: str) -> str:
        """Return the address that this link stands for, the longest that fits; empty when none."""
        fitting = [shown for shown in self._places if f"{link}/".startswith(f"{shown}/")]
        return self._places[max(fitting, key=len)] if fitting else ""


class Api:
    """Answers ports.Witness by asking Alertmanagers; `token` is the bearer token they want."""

    def __init__(self, client: httpx.AsyncClient, places: Places, token: str, source: str) -> None:
        self._client = client
        self._places = places
        self._token = token
        self._source = source

    def place(self, link: str) -> str:
        """Return the address that may be asked about this link; empty when none may."""
        return self._places.of(link)

    async def held(self, place: str, link: str = "") -> Sequence[Known]:
        """
        Return the alerts that it holds, for the receiver alone that the link names, if it does.

        Raises TemporaryError or PermanentError when the answer cannot be had.
        """
        receiver = _receiver(link)
        wanted = {"receiver": re.escape(receiver)} if receiver else {}
        url = httpx.URL(f"{place}/api/v2/alerts", params=wanted)
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        answer = await http.send(self._client, "GET", url, headers=headers, within=WITHIN)
        if not answer.fine:
            answer.refuse("GET", self._token)
        try:
            sent = _ANSWER.validate_json(answer.body)
        except ValidationError as error:
            slip = error.errors(include_url=False, include_input=False)[0]
            at = ".".join(map(str, slip["loc"]))
            raise PermanentError(f"{answer.place} sent no alerts: {at}: {slip['msg']}") from None
        return [Known(made, one.status.state == "active") for one in sent
                if (made := self._alert(one, place)) is not None]  # fmt: skip

    def _alert(self, sent: _SentAlert, place: str) -> Alert | None:
        """None for what no webhook could bring either: without a name, or from no time."""
        name, starts = sent.labels.get("alertname", ""), labels.moment(sent.starts_at)
        if not 0 < len(name) <= 200 or starts is None:
            return None
        return Alert(
            source=self._source,
            name=name,
            fingerprint=sent.fingerprint,
            status=AlertStatus.FIRING,
            severity=labels.severity(sent.labels),
            labels=sent.labels,
            annotations={**sent.annotations, labels.CONFIRMED_BY: place},
            starts_at=starts,
            link=labels.link(sent.generator_url),
            confidence=labels.confidence(sent.labels),
        )


def _receiver(link: str) -> str:
    """
    The receiver that Alertmanager writes into the links of its messages.

    >>> _receiver("http://am:9093/#/alerts?receiver=slack%20ops")
    'slack ops'
    """
    return parse_qs(link.partition("#")[2].partition("?")[2]).get("receiver", [""])[0]


def _plain(text: str) -> str:
    try:
        return str(addresses.plain(text.strip().rstrip("/"))).rstrip("/")
    except PermanentError as error:
        raise ConfigurationError(
            f"{SETTING}: {error}: write http://alertmanager:9093, or the address in its links, "
            "=, and the address to ask"
        ) from None
