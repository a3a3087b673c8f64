"""Alertmanager is asked at configured addresses only, and what it answers is checked."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.clients.alertmanager import Api, Places
from bot.core.alert import Severity
from bot.core.errors import ConfigurationError, PermanentError, TemporaryError
from bot.core.labels import CONFIRMED_BY
from tests.clients.servers import Recorder

PATH = "/api/v2/alerts"
SENT: dict[str, Any] = {
    "labels": {"alertname": "Down", "service": "shop", "severity": "page", "confidence": "0.9"},
    "annotations": {"summary": "it is down", CONFIRMED_BY: "http://elsewhere"},
    "startsAt": "2026-11-20T11:00:00.000+01:00", "endsAt": "2026-11-20T10:05:00.000Z",
    "updatedAt": "2026-11-20T10:00:00.000Z", "fingerprint": "4900b60dbf3f66b6",
    "generatorURL": "http://prometheus.example/graph", "receivers": [{"name": "x"}],
    "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
}  # fmt: skip


def api(client: httpx.AsyncClient, server: Recorder, token: str = "") -> Api:
    return Api(client, Places(server.url("")), token, "slack_channel")


async def test_what_it_holds_is_an_alert_as_a_webhook_would_bring_it(
    client: httpx.AsyncClient, server: Recorder
) -> None:
    silenced = {**SENT, "status": {"state": "suppressed"}, "fingerprint": "f2"}
    server.kept[PATH] = [SENT, silenced]
    first, second = await api(client, server).held(server.url(""))
    alert = first.alert

    assert (first.active, second.active) == (True, False)
    assert (alert.name, alert.fingerprint, alert.source) == (
        "Down", "4900b60dbf3f66b6", "slack_channel",
    )  # fmt: skip
    assert (alert.severity, alert.confidence) == (Severity.CRITICAL, 0.9)
    assert alert.starts_at.isoformat() == "2026-11-20T10:00:00+00:00"
    assert alert.annotations == {"summary": "it is down", CONFIRMED_BY: server.url("")}
    assert alert.link == "http://prometheus.example/graph"


async def test_the_receiver_of_the_link_is_asked_for_as_a_word_and_not_as_a_pattern(
    client: httpx.AsyncClient, server: Recorder
) -> None:
    server.kept[PATH] = []
    link = "http://am/#/alerts?receiver=team.a%2Fb%7C.%2A"
    await api(client, server, token="s3cret").held(server.url(""), link)
    (seen,) = server.seen

    assert httpx.URL(f"http://x{seen.path}").params["receiver"] == r"team\.a/b\|\.\*"
    assert seen.headers["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": {"alertname": 7}},
        {"labels": {f"l{n}": "x" for n in range(65)}},
        {"annotations": {"summary": "x" * 10_001}},
        {"startsAt": "yesterday"},
        {"fingerprint": ""},
        {"status": {"state": "odd"}},
    ],
)
async def test_an_answer_of_another_shape_is_refused_with_its_place(
    client: httpx.AsyncClient, server: Recorder, changes: dict[str, Any]
) -> None:
    server.kept[PATH] = [{**SENT, **changes}]

    with pytest.raises(PermanentError, match=r"/api/v2/alerts sent no alerts: 0\."):
        await api(client, server).held(server.url(""))


@pytest.mark.parametrize(
    "changes", [{"labels": {"service": "shop"}}, {"startsAt": "0001-01-01T00:00:00Z"}]
)
async def test_an_alert_without_a_name_or_a_time_is_passed_over(
    client: httpx.AsyncClient, server: Recorder, changes: dict[str, Any]
) -> None:
    server.kept[PATH] = [{**SENT, **changes}, SENT]

    assert len(await api(client, server).held(server.url(""))) == 1


async def test_an_error_never_shows_the_token(client: httpx.AsyncClient, server: Recorder) -> None:
    server.answers[PATH] = web.Response(status=503, text="no s3cret here")

    with pytest.raises(TemporaryError) as raised:
        await api(client, server, token="s3cret").held(server.url(""))

    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("link", "asked"),
    [
        ("https://am.example.com/#/alerts?receiver=x", "http://alertmanager:9093"),
        ("https://am.example.com", "http://alertmanager:9093"),
        ("https://am.example.com/prod/#/alerts", "http://prod:9093"),
        ("http://plain:9093/#/alerts", "http://plain:9093"),
        ("http://plain:90931/#/alerts", ""),
        ("https://am.example.com.evil.example/#/alerts", ""),
        ("https://am.example.com@evil.example/#/alerts", ""),
        ("http://am.example.com/#/alerts", ""),
        ("", ""),
    ],
)
def test_a_link_only_chooses_among_the_addresses_that_are_configured(link: str, asked: str) -> None:
    places = Places(
        "https://am.example.com/=http://alertmanager:9093/, http://plain:9093, "
        "https://am.example.com/prod=http://prod:9093"
    )

    assert places.of(link) == asked
    assert list(places) == ["http://alertmanager:9093", "http://plain:9093", "http://prod:9093"]


@pytest.mark.parametrize("setting", ["alertmanager:9093", "http://u:p@am", "http://am?x=1", "a=b"])
def test_a_setting_that_is_no_address_is_named(setting: str) -> None:
    with pytest.raises(ConfigurationError, match="HEAL_ALERTMANAGER_URL"):
        Places(setting)
