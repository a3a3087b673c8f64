"""
`prometheus.query`: one number out of Prometheus, or an error; never a number that is not there.

A metric nobody exports is a *success with nothing in it* to Prometheus. Here an empty, stale,
endless or ambiguous answer is an error: what was not seen is not healthy.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Annotated, Literal

import httpx
from pydantic import AfterValidator, BaseModel, Field, SecretStr, ValidationError

from bot.clients import addresses, http
from bot.clients.rig import Rig
from bot.core import durations, spelling
from bot.core.durations import Duration
from bot.core.errors import PermanentError, TemporaryError
from bot.core.values import Facts, Frozen
from bot.plugins import Words


def _servers(listed: tuple[str, ...]) -> tuple[str, ...]:
    if not listed:
        raise ValueError("no address stands in it")
    for each in listed:
        try:
            addresses.plain(each)
        except PermanentError as error:
            raise ValueError(str(error)) from None
    return tuple(each.rstrip("/") for each in listed)


class PrometheusSettings(Frozen):
    """The settings HEAL_PROMETHEUS_*."""

    url: Annotated[Words, AfterValidator(_servers)] = Field(
        description="where Prometheus is, such as http://prometheus:9090; with several, separated "
        "by commas, the first is asked unless a runbook names another"
    )
    token: SecretStr | None = Field(default=None, description="the bearer token it wants, if any")


class Question(Frozen):
    """One instant query, and how fresh its answer must be."""

    query: str = Field(min_length=1, max_length=4000, description="PromQL that gives one number")
    server: str | None = Field(
        default=None,
        max_length=2000,
        description="one of HEAL_PROMETHEUS_URL; the first unless set",
    )
    max_age: Duration = Field(
        default=timedelta(minutes=2),
        ge=timedelta(seconds=1),
        le=timedelta(hours=24),
        description="how old a sample may be; Prometheus itself would go back five minutes",
    )
    several: bool = Field(
        default=False, description="accept several series: then there is a count and no value"
    )


class _Sample(BaseModel):
    metric: dict[str, str]
    value: tuple[float, float]


class _Vector(BaseModel):
    kind: Literal["vector"] = Field(alias="resultType")
    result: list[_Sample]


class _Scalar(BaseModel):
    kind: Literal["scalar"] = Field(alias="resultType")
    result: tuple[float, float]


class _Reply(BaseModel):
    status: Literal["success"]
    data: Annotated[_Vector | _Scalar, Field(discriminator="kind")]


class Query:
    """Reads value (a finite number), count (of series) and labels (of the one series)."""

    config = PrometheusSettings
    params = Question

    def __init__(self, config: PrometheusSettings, rig: Rig) -> None:
        self._settings = config
        self._client = rig.http

    async def read(self, params: Question) -> Facts:
        data = (await self._ask(params, params.query)).data
        if isinstance(data, _Scalar):
            return {"value": _finite(data.result[1]), "count": 1, "labels": {}}
        await self._must_be_fresh(params)
        count = len(data.result)
        if count == 1:
            only = data.result[0]
            return {"value": _finite(only.value[1]), "count": 1, "labels": {**only.metric}}
        if count == 0:
            raise TemporaryError("no data: the query found no series")
        if not params.several:
            raise TemporaryError(
                f"no data: the query found {count} series and one is wanted: sum() or pick one"
            )
        return {"count": count}

    async def _must_be_fresh(self, params: Question) -> None:
        """
        Ask when the samples were taken; only a plain selector has such a time.

        Inside an expression the age cannot be seen, so `lookback_delta` asks the server itself
        to look no further back; servers that do not know it ignore it.
        """
        data = (await self._ask(params, f"timestamp({params.query}\n)")).data
        if isinstance(data, _Vector) and data.result:
            oldest = max(asked - taken for asked, taken in (each.value for each in data.result))
            if _finite(oldest) > params.max_age.total_seconds():
                age = durations.in_words(timedelta(seconds=round(oldest)))
                raise TemporaryError(f"no data: the last sample is {age} old")

    async def _ask(self, params: Question, query: str) -> _Reply:
        token = self._settings.token.get_secret_value() if self._settings.token else ""
        answer = await http.send(
            self._client,
            "GET",
            self._place(params).copy_merge_params(
                {"query": query, "lookback_delta": f"{params.max_age.total_seconds():g}s"}
            ),
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        if not answer.fine:
            answer.refuse("GET", token)
        try:
            return _Reply.model_validate(answer.json())
        except ValidationError:
            raise PermanentError(
                f"{spelling.quoted(query)} gives neither a vector nor a number: {answer.excerpt()}"
            ) from None

    def _place(self, params: Question) -> httpx.URL:
        servers = self._settings.url
        wanted = (params.server or servers[0]).rstrip("/")
        if wanted not in servers:
            raise PermanentError(
                f"server {spelling.unknown(wanted, servers)}: see HEAL_PROMETHEUS_URL"
            )
        return httpx.URL(f"{wanted}/api/v1/query")


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise TemporaryError(f"no data: the query gives {number}")
    return number


PLUGIN = Query
