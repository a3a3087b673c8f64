"""One fresh number is read from a real Prometheus; whatever is less than that is an error."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot import plugins
from bot.clock import Clock
from bot.core.errors import ActionError, ConfigurationError, PermanentError, TemporaryError
from bot.core.graph import Line
from bot.probes.prometheus.query import PLUGIN, PrometheusSettings, Query, Question
from tests.clients import rigs
from tests.clients.servers import Recorder, recorder

SAMPLES = """\
# TYPE up gauge
up{{job="shop"}} 1 {now}
# TYPE old gauge
old 1 {old}
# TYPE pool gauge
pool{{name="a"}} 1 {now}
pool{{name="b"}} 2 {now}
# EOF
"""


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus that knows a few samples: some of now, one of three minutes ago."""
    program, promtool = shutil.which("prometheus"), shutil.which("promtool")
    if program is None or promtool is None:
        pytest.skip(f"not run: no {'promtool' if program else 'prometheus'}")
    folder = tmp_path_factory.mktemp("prometheus")
    now = time.time()
    (folder / "samples").write_text(SAMPLES.format(now=now, old=now - 180))
    (folder / "config.yml").write_text("{}")
    create = ["tsdb", "create-blocks-from", "openmetrics"]
    subprocess.run(
        [promtool, *create, folder / "samples", folder / "data"], check=True, capture_output=True
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [
            program,
            f"--config.file={folder}/config.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/-/ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait(10)


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False).is_success:
                return
        time.sleep(0.05)
    raise AssertionError("Prometheus did not get ready")


@pytest.fixture
async def real(prometheus: str) -> AsyncIterator[Query]:
    async with rigs.rig() as rig:
        yield PLUGIN(PrometheusSettings(url=(prometheus,)), rig)


@pytest.mark.real
async def test_one_series_gives_its_value_and_labels(real: Query) -> None:
    facts = await real.read(Question(query="up # a comment"))

    assert facts == {"value": 1.0, "count": 1, "labels": {"__name__": "up", "job": "shop"}}


@pytest.mark.real
async def test_a_sample_that_prometheus_would_still_give_may_be_too_old(real: Query) -> None:
    with pytest.raises(TemporaryError, match=r"no data: the last sample is 3 min( . s)? old"):
        await real.read(Question(query="old"))

    older = Question.model_validate({"query": "old", "max_age": "4m"})
    assert (await real.read(older))["value"] == 1


@pytest.mark.real
@pytest.mark.parametrize(
    ("query", "value"), [("sum(up)", 1.0), ("scalar(sum(up)) + 1", 2.0), ("1.5", 1.5)]
)
async def test_an_expression_gives_its_number(real: Query, query: str, value: float) -> None:
    assert value == (await real.read(Question(query=query)))["value"]


@pytest.mark.real
async def test_several_series_are_counted_when_they_are_wanted(real: Query) -> None:
    assert await real.read(Question(query="pool", several=True)) == {"count": 2}


@pytest.mark.real
@pytest.mark.parametrize(
    ("query", "kind", "reason"),
    [
        ("nobody_exports_this", TemporaryError, "no data: the query found no series"),
        ("pool", TemporaryError, "no data: the query found 2 series"),
        ("0 / sum(up - up)", TemporaryError, "no data: the query gives nan"),
        ("1 / 0", TemporaryError, "no data: the query gives inf"),
        ("up{", PermanentError, "answered 400: .*bad_data.*parse error"),
        ("up[1m]", PermanentError, "gives neither a vector nor a number"),
        ('"text"', PermanentError, "gives neither a vector nor a number"),
    ],
)
async def test_less_than_one_number_is_an_error(
    real: Query, query: str, kind: type[ActionError], reason: str
) -> None:
    with pytest.raises(kind, match=reason):
        await real.read(Question(query=query))


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    async with recorder() as records:
        yield records


@pytest.fixture
async def probe(server: Recorder) -> AsyncIterator[Query]:
    section = {"url": f"{server.url('/prom/')}, http://127.0.0.1:9", "token": "hunter2"}
    settings = PrometheusSettings.model_validate(section)
    async with rigs.rig() as rig:
        yield PLUGIN(settings, rig)


def vector(*samples: tuple[float, str]) -> dict[str, Any]:
    result = [{"metric": {}, "value": list(sample)} for sample in samples]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


@pytest.mark.parametrize(
    ("taken", "max_age", "fresh"),
    [("880", "2m", True), ("879", "2m", False), ("999", "1s", True), ("NaN", "2m", False)],
)
async def test_a_sample_is_fresh_or_no_data(
    probe: Query, server: Recorder, taken: str, max_age: str, fresh: bool
) -> None:
    server.kept["/prom/api/v1/query"] = vector((1000.0, taken))
    question = Question.model_validate({"query": "up", "max_age": max_age})

    if fresh:
        assert float(taken) == (await probe.read(question))["value"]
        return
    with pytest.raises(TemporaryError, match="no data"):
        await probe.read(question)


async def test_the_server_is_asked_to_look_no_further_back(probe: Query, server: Recorder) -> None:
    server.kept["/prom/api/v1/query"] = vector((1000.0, "999"))

    await probe.read(Question(query="up"))

    assert "query=up&lookback_delta=120s" in server.seen[0].path
    assert {"Bearer hunter2"} == {each.headers["Authorization"] for each in server.seen}


@pytest.mark.parametrize(
    "body", [{}, {"status": "success", "data": None}, vector((1.0, "x")), ["up"], None]
)
async def test_an_answer_that_is_not_prometheus_is_an_error(
    probe: Query, server: Recorder, body: Any
) -> None:
    server.kept["/prom/api/v1/query"] = body

    with pytest.raises(ActionError):
        await probe.read(Question(query="up"))


@pytest.mark.parametrize(("status", "kind"), [(503, TemporaryError), (422, PermanentError)])
async def test_an_error_of_prometheus_is_said(
    probe: Query, server: Recorder, status: int, kind: type[ActionError]
) -> None:
    server.answers["/prom/api/v1/query"] = web.json_response({"error": "too slow"}, status=status)

    with pytest.raises(kind, match=f"answered {status}: .*too slow"):
        await probe.read(Question(query="up"))


async def test_another_server_is_asked_when_it_is_listed(probe: Query, server: Recorder) -> None:
    with pytest.raises(TemporaryError, match="cannot be reached"):
        await probe.read(Question(query="up", server="http://127.0.0.1:9/"))


async def test_a_server_that_is_not_listed_is_not_asked(probe: Query, server: Recorder) -> None:
    with pytest.raises(PermanentError, match=r"server 'http://169\.254\.169\.254' is unknown"):
        await probe.read(Question(query="up", server="http://169.254.169.254"))

    assert server.seen == []


@pytest.mark.parametrize("url", ["", ",", "prometheus:9090", "http://u:p@prom/", "http://prom/?a"])
def test_a_setting_that_is_no_address_stops_the_start(url: str) -> None:
    with pytest.raises(ConfigurationError, match="HEAL_PROMETHEUS_URL is wrong"):
        plugins.configure("prometheus", PrometheusSettings, {"url": url})


@pytest.mark.real
async def test_a_course_has_what_prometheus_holds_and_gaps_elsewhere(real: Query) -> None:
    until = Clock().now()
    since = until - timedelta(minutes=10)
    [up] = await real.over(Question(query="up"), since, until, 15)
    pools = await real.over(Question(query="pool"), since, until, 15)
    values = [value for _, value in up.points]

    assert up.label == "job=shop"
    assert {None, 1.0} == set(values)
    assert values[0] is None
    assert up.points[0][0] == pytest.approx(since.timestamp(), abs=0.001)
    assert sorted(one.label for one in pools) == ["name=a", "name=b"]
    assert await real.over(Question(query="nobody_exports_this"), since, until, 15) == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": "success", "data": {"resultType": "vector", "result": []}}, PermanentError),
        ({"status": "error"}, PermanentError),
    ],
)
async def test_what_is_no_course_is_an_error(
    probe: Query, server: Recorder, answer: dict[str, Any], kind: type[ActionError]
) -> None:
    server.kept["/prom/api/v1/query_range"] = answer
    until = Clock().now()
    with pytest.raises(kind, match="no course of 'up'"):
        await probe.over(Question(query="up"), until - timedelta(minutes=1), until, 15)


async def test_numbers_that_are_none_are_gaps_of_a_course(probe: Query, server: Recorder) -> None:
    since = datetime(2026, 3, 14, 3, 0, tzinfo=UTC)
    at = since.timestamp()
    values = [[at, "1"], [at + 15, "NaN"], [at + 45, "+Inf"]]
    series = {"metric": {}, "values": values}
    data = {"resultType": "matrix", "result": [series]}
    server.kept["/prom/api/v1/query_range"] = {"status": "success", "data": data}
    [line] = await probe.over(Question(query="up"), since, since + timedelta(minutes=1), 15)

    assert line == Line(
        label="value",
        points=((at, 1.0), (at + 15, None), (at + 30, None), (at + 45, None), (at + 60, None)),
    )
