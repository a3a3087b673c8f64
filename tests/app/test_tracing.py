"""An incident that ended is one trace, as OpenTelemetry's own definitions read it."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from pydantic import SecretStr

from bot import plugins
from bot.app import tracing
from bot.clients.traces import Traces, TracesSettings
from bot.core.errors import ConfigurationError
from bot.core.lifecycle import State
from bot.core.links import Links
from tests.clients import servers
from tests.clients.servers import Recorder
from tests.engine.houses import House

IDS = ("traceId", "spanId", "parentSpanId")


@pytest.fixture
async def collector() -> AsyncIterator[Recorder]:
    async with servers.recorder() as one:
        yield one


@pytest.fixture
async def house(tmp_path: Path, collector: Recorder) -> AsyncIterator[House]:
    one = House(tmp_path / "heal.db")
    settings = TracesSettings(url=collector.url(""), headers=SecretStr("x-key = k1, x-org=shop"))
    async with httpx.AsyncClient(trust_env=False) as client:
        await one.open()
        tracing.follow(one.world, Traces(settings, client), Links("https://heal.example.org"))
        yield one
        await one.close()


def spans(body: bytes) -> list[Span]:
    """Read it by OpenTelemetry's definitions: its ids are in hexadecimal, unlike other octets."""

    def told(span: dict[str, Any]) -> dict[str, Any]:
        octets = {name: bytes.fromhex(span[name]) for name in IDS if name in span}
        return {**span, **{name: base64.b64encode(told).decode() for name, told in octets.items()}}

    said = json.loads(body)
    scope = said["resourceSpans"][0]["scopeSpans"][0]
    scope["spans"] = [told(one) for one in scope["spans"]]
    request = json_format.ParseDict(said, ExportTraceServiceRequest())
    assert [one.key for one in request.resource_spans[0].resource.attributes][:1] == [
        "service.name"]  # fmt: skip
    return list(request.resource_spans[0].scope_spans[0].spans)


def attributes(span: Span) -> dict[str, object]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


def failed(told: list[Span]) -> Iterator[str]:
    return (one.name for one in told if one.status.code == Status.STATUS_CODE_ERROR)


async def test_a_run_is_told_span_by_span_once_it_is_over(
    house: House, collector: Recorder
) -> None:
    await house.healed()
    assert collector.seen == []
    await house.resolve()
    await house.until(State.RESOLVED)
    await house.settle()
    [seen] = collector.seen
    root, *parts = told = spans(seen.body)

    assert (seen.path, seen.headers["x-key"], seen.headers["x-org"]) == ("/v1/traces", "k1", "shop")
    assert [one.name.partition(" ")[0] for one in parts] == [
        "diagnose", "plan", "approval", "step", "verify"]  # fmt: skip
    assert {one.parent_span_id for one in parts} == {root.span_id}
    assert len({(one.trace_id, one.span_id) for one in told}) == len(told)
    assert all(root.start_time_unix_nano <= one.start_time_unix_nano <= one.end_time_unix_nano
               <= root.end_time_unix_nano for one in parts)  # fmt: skip
    assert list(failed(told)) == []
    about = attributes(root)
    assert about["heal.state"] == "resolved"
    assert about["heal.page"] == f"https://heal.example.org/incidents/{house.incident.id}"


async def test_what_did_not_help_says_where_it_failed(house: House, collector: Recorder) -> None:
    house.pool.then = lambda: None
    await house.asked()
    await house.vote()
    await house.until(State.ESCALATED, within=600)
    await house.settle()
    told = spans(collector.seen[0].body)

    assert {"verify"} < {*failed(told)}
    assert told[0].status.code == Status.STATUS_CODE_ERROR


async def test_a_collector_that_is_away_is_told_the_same_trace_later(
    house: House, collector: Recorder
) -> None:
    collector.answers["/v1/traces"] = web.Response(status=503)
    await house.healed()
    await house.resolve()
    await house.until(State.RESOLVED)
    await house.settle()
    collector.answers.clear()
    await house.pass_(tracing.PAUSES[0])
    first, second = collector.seen

    assert first.body == second.body


@pytest.mark.parametrize(
    ("slip", "variable"),
    [
        ({"url": "http://collector.example.org"}, "HEAL_TRACES_URL"),
        ({"headers": "s3cr3t without a name"}, "HEAL_TRACES_HEADERS"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(slip: dict[str, str], variable: str) -> None:
    with pytest.raises(ConfigurationError, match=variable) as refused:
        plugins.configure("traces", TracesSettings, slip)

    assert "s3cr3t" not in str(refused.value)
