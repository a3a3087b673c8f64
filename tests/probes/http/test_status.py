"""An address is asked and what came back is said; no answer at all is said as well."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from pydantic import ValidationError

from bot.clients.endpoints import HttpSettings
from bot.core.errors import PermanentError
from bot.probes.http.status import PLUGIN, Asked, Status
from tests.clients import rigs
from tests.clients.servers import Recorder, recorder


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    async with recorder() as records:
        yield records


@pytest.fixture
async def probe(server: Recorder) -> AsyncIterator[Status]:
    async with rigs.rig() as rig:
        yield PLUGIN(HttpSettings(allowed_hosts=(server.host, "127.0.0.1:9")), rig)


async def test_a_healthy_answer_is_read_with_its_json(probe: Status, server: Recorder) -> None:
    server.kept["/health"] = {"ready": True}

    facts = await probe.read(Asked(url=server.url("/health"), query={"deep": "1"}))

    seconds = facts.pop("seconds")
    assert facts == {"status": 200, "reachable": True, "json": {"ready": True}, "error": ""}
    assert isinstance(seconds, float)
    assert [each.path for each in server.seen] == ["/health?deep=1"]


async def test_a_sick_answer_is_a_finding(probe: Status, server: Recorder) -> None:
    server.answers["/health"] = web.Response(status=503, text="database is away")

    facts = await probe.read(Asked(url=server.url("/health")))

    assert tuple(facts[name] for name in ("status", "reachable", "json", "error")) == (
        503,
        True,
        None,
        "",
    )


async def test_nothing_listening_is_a_finding_too(probe: Status) -> None:
    facts = await probe.read(Asked(url="http://127.0.0.1:9/health"))

    assert (facts["status"], facts["reachable"]) == (0, False)
    assert "cannot be reached" in str(facts["error"])


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"<html>", "did not answer with JSON"), (b"[1]", "not an object"), (b"1" * 20_000, "16 KiB")],
)
async def test_json_that_was_expected_is_missed(
    probe: Status, server: Recorder, body: bytes, reason: str
) -> None:
    server.answers["/health"] = web.Response(body=body)

    facts = await probe.read(Asked(url=server.url("/health"), expect_json=True))

    assert facts["json"] is None
    assert reason in str(facts["error"])


async def test_a_host_that_is_not_listed_is_not_asked(probe: Status) -> None:
    with pytest.raises(PermanentError, match="list it in HEAL_HTTP_ALLOWED_HOSTS"):
        await probe.read(Asked(url="http://169.254.169.254/latest/meta-data/"))


@pytest.mark.parametrize("changes", [{"timeout": "31s"}, {"timeout": "0s"}, {"method": "POST"}])
def test_a_probe_neither_waits_long_nor_writes(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Asked.model_validate({"url": "http://a/", **changes})
