"""
`prometheus.query`: one number out of Prometheus, or an error; never a number that is not there.

A metric nobody exports is a *success with nothing in it* to Prometheus. Here an empty, stale,
endless or ambiguous answer is an error: what was not seen is not healthy.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Annotated, Literal

import httpx
from pydantic import AfterValidator, BaseModel, Field, SecretStr, ValidationError

from bot.clients import addresses, http
from bot.clients.rig import Rig
from bot.core import durations, spelling
from bot.core.durations import Duration
from bot.core.errors import PermanentError, TemporaryError
from bot.core.graph import Line
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
    unit: str = Field(
        default="", max_length=30, description="what it is measured in, for graphs: requests/s"
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


class _Series(BaseModel):
    metric: dict[str, str]
    values: list[tuple[float, float]]


class _Matrix(BaseModel):
    kind: Literal["matrix"] = Field(alias="resultType")
    result: list[_Series]


class _Course(BaseModel):
    status: Literal["success"]
    data: _Matrix


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

    async def over(
        self, params: Question, since: datetime, until: datetime, step: float
    ) -> list[Line]:
        """Ask for its course; a series is called by its labels, and gaps stay gaps."""
        begin, step = since.timestamp(), round(step, 3)
        asked = {"query": params.query, "start": f"{begin:.3f}", "end": f"{until.timestamp():.3f}"}
        place = self._place(params, "query_range")
        answer = await self._get(params, place.copy_merge_params({**asked, "step": f"{step:g}s"}))
        try:
            found = _Course.model_validate(answer.json()).data.result
        except ValidationError:
            raise PermanentError(f"no course of {spelling.quoted(params.query)}") from None
        moments = [begin + n * step for n in range(int((until.timestamp() - begin) / step) + 1)]
        return [_line(series, moments, step) for series in found]

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
        asked = self._place(params, "query").copy_merge_params({"query": query})
        answer = await self._get(params, asked)
        try:
            return _Reply.model_validate(answer.json())
        except ValidationError:
            raise PermanentError(
                f"{spelling.quoted(query)} gives neither a vector nor a number: {answer.excerpt()}"
            ) from None

    async def _get(self, params: Question, place: httpx.URL) -> http.Answer:
        """`lookback_delta` keeps samples that are too old out; see `_must_be_fresh`."""
        token = self._settings.token.get_secret_value() if self._settings.token else ""
        answer = await http.send(
            self._client,
            "GET",
            place.copy_merge_params({"lookback_delta": f"{params.max_age.total_seconds():g}s"}),
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        if not answer.fine:
            answer.refuse("GET", token)
        return answer

    def _place(self, params: Question, what: str) -> httpx.URL:
        servers = self._settings.url
        wanted = (params.server or servers[0]).rstrip("/")
        if wanted not in servers:
            raise PermanentError(
                f"server {spelling.unknown(wanted, servers)}: see HEAL_PROMETHEUS_URL"
            )
        return httpx.URL(f"{wanted}/api/v1/{what}")


def _line(series: _Series, moments: list[float], step: float) -> Line:
    """Its values on the grid that was asked for; where it has none, nothing."""
    known = {round((at - moments[0]) / step): value for at, value in series.values}
    found = (known.get(number, math.nan) for number in range(len(moments)))
    points = zip(moments, (value if math.isfinite(value) else None for value in found), strict=True)
    told = ", ".join(
        f"{name}={value}" for name, value in series.metric.items() if name != "__name__"
    )
    return Line(label=told or series.metric.get("__name__", "value"), points=tuple(points))


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise TemporaryError(f"no data: the query gives {number}")
    return number


PLUGIN = Query
