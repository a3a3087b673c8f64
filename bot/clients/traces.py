"""Traces: told to an OpenTelemetry collector as OTLP over HTTP, in its JSON form."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Annotated

import httpx
from pydantic import AfterValidator, Field, JsonValue, SecretStr

from bot.clients import addresses, http
from bot.clients.paging import pairs
from bot.core.incident import Incident
from bot.core.telling import spans
from bot.core.telling.spans import Span
from bot.core.values import Frozen

WITHIN = 10.0
"""Seconds for one answer."""
INTERNAL, OK, ERROR = 1, 1, 2
"""Of OTLP: the kind of every span, and how one ended."""


def _address(text: str) -> str:
    return addresses.safe(text) if text else text


def _headers(secret: SecretStr) -> SecretStr:
    """Refuse what is no header, without telling it."""
    for name, text in pairs(secret.get_secret_value().split(",")).items():
        if not (name and text and (name + text).isascii() and (name + text).isprintable()):
            raise ValueError("it is not like name=value, with commas between several")
    return secret


class TracesSettings(Frozen):
    """The settings HEAL_TRACES_*."""

    url: Annotated[str, AfterValidator(_address)] = Field(
        default="",
        description="the https address of an OpenTelemetry collector that takes OTLP over HTTP, "
        "without `/v1/traces`: each incident that ends is told there as one trace; none unless set",
    )
    headers: Annotated[SecretStr, AfterValidator(_headers)] = Field(
        default=SecretStr(""),
        description="what it wants besides, as name=value with commas, for example a token; secret",
    )


class Traces:
    """One collector; who is told the same incident twice gets the same trace."""

    def __init__(self, settings: TracesSettings, client: httpx.AsyncClient) -> None:
        self._url = httpx.URL(f"{settings.url}/v1/traces")
        self._headers = pairs(settings.headers.get_secret_value().split(","))
        self._client = client

    async def tell(self, incident: Incident, link: str) -> None:
        """Tell one that is over; an ActionError when it was not taken, or nobody knows."""
        body = otlp(incident, spans.of(incident), link)
        answer = await http.send(
            self._client, "POST", self._url, body=body, headers=self._headers, within=WITHIN
        )
        if not answer.fine:
            answer.refuse("POST")


def otlp(incident: Incident, told: Sequence[Span], link: str) -> JsonValue:
    """The request's body: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding."""
    named = f"{incident.id} {incident.opened_at.isoformat()}"
    trace = hashlib.sha256(named.encode()).hexdigest()[:32]
    ids = [hashlib.sha256(f"{trace} {place}".encode()).hexdigest()[:16]
           for place in range(len(told))]  # fmt: skip
    page = (("heal.page", link),) if link else ()
    made: list[JsonValue] = []
    for place, (own, one) in enumerate(zip(ids, told, strict=True)):
        attributes = one.attributes if place else (*one.attributes, *page)
        parent = {"parentSpanId": ids[0]} if place else {}
        made.append({"traceId": trace, "spanId": own, **parent, **_span(one), **_told(attributes)})
    resource = _told((("service.name", "heal"), ("service.version", version("heal-bot"))))
    scope: JsonValue = {"scope": {"name": "heal"}, "spans": made}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}


def _span(one: Span) -> dict[str, JsonValue]:
    status: JsonValue = {"code": ERROR, "message": one.failed} if one.failed else {"code": OK}
    return {
        "name": one.name,
        "kind": INTERNAL,
        "startTimeUnixNano": _nanoseconds(one.begins),
        "endTimeUnixNano": _nanoseconds(one.ends),
        "status": status,
    }


def _told(attributes: Sequence[tuple[str, str | int]]) -> dict[str, JsonValue]:
    """Whole numbers are text in OTLP's JSON, as everywhere in that of Protocol Buffers."""
    return {"attributes": [
        {"key": key, "value": {"intValue": str(told)} if isinstance(told, int)
         else {"stringValue": told}} for key, told in attributes
    ]}  # fmt: skip


def _nanoseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1_000_000) * 1000)
