"""PagerDuty is asked at the set address only, and what it says of an incident is checked."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.clients.pagerduty import Api, Incidents, incident_of
from bot.clients.paging import PagerdutySettings
from bot.core import labels
from bot.core.alert import AlertStatus, Severity
from bot.core.errors import PermanentError, TemporaryError
from tests.clients.servers import Recorder

ID = "Q1UEOA2CBT90GM"
LINK = f"https://acme.pagerduty.com/incidents/{ID}"
PATH, ALERTS = f"/incidents/{ID}", f"/incidents/{ID}/alerts"
SENT: dict[str, Any] = {
    "id": ID, "type": "incident", "title": "Shop is down", "status": "triggered", "urgency": "high",
    "created_at": "2026-11-20T11:00:00+01:00", "html_url": LINK, "incident_number": 123,
    "service": {"id": "P1", "summary": "Shop", "type": "service_reference"},
}  # fmt: skip


def witness(client: httpx.AsyncClient, server: Recorder, token: str = "s3cret") -> Incidents:
    settings = PagerdutySettings(token=SecretStr(token), url=server.url(""))
    return Incidents(Api(settings, client), "slack_channel")


def keep(server: Recorder, *details: Any, **changes: Any) -> None:
    server.kept[PATH] = {"incident": {**SENT, **changes}}
    server.kept[ALERTS] = {"alerts": [{"body": {"details": one}} for one in details]}


async def test_an_incident_is_an_alert_with_the_details_of_its_alerts(
    client: httpx.AsyncClient, server: Recorder
) -> None:
    keep(server, {"service": "shop", "env": "prod", "tries": 3}, {"namespace": "pay"})
    asked = witness(client, server)
    (known,) = await asked.held(asked.place(LINK), LINK)
    alert = known.alert

    assert (known.active, alert.status, alert.confidence) == (True, AlertStatus.FIRING, 1.0)
    assert (alert.name, alert.severity) == ("Shop is down", Severity.CRITICAL)
    assert alert.labels == {"service": "shop", "environment": "prod", "namespace": "pay"}
    assert alert.fingerprint == labels.named("pagerduty", ID)
    assert alert.starts_at.isoformat() == "2026-11-20T10:00:00+00:00"
    assert alert.annotations[labels.CONFIRMED_BY] == server.url("")
    assert {one.headers["Authorization"] for one in server.seen} == {"Token token=s3cret"}


async def test_pagerdutys_own_service_stands_where_no_detail_says_another(
    client: httpx.AsyncClient, server: Recorder
) -> None:
    asked = witness(client, server)
    told = []
    for details in ([], [{"service": "a"}, {"service": "b"}]):
        keep(server, *details)
        told.append((await asked.held(server.url(""), LINK))[0].alert.labels)

    assert told == [{"service": "Shop"}, {}], "two that differ are none"


@pytest.mark.parametrize(
    ("status", "active", "confidence"),
    [("triggered", True, 1.0), ("acknowledged", True, 0.0), ("resolved", False, 1.0)],
)
async def test_what_somebody_took_has_no_confidence_and_what_is_resolved_is_over(
    client: httpx.AsyncClient, server: Recorder, status: str, active: bool, confidence: float
) -> None:
    keep(server, status=status)
    (known,) = await witness(client, server).held(server.url(""), LINK)

    assert (known.active, known.alert.firing) == (active, active)
    assert known.alert.confidence == confidence


@pytest.mark.parametrize(
    "link",
    ["", "https://acme.pagerduty.com/services/P1", "https://pagerduty.com.evil.example/incidents/Q1UEO",
     "http://acme.pagerduty.com/incidents/Q1UEOA2", "https://x.example/?https://acme.pagerduty.com/incidents/Q1UEOA2",
     "https://acme.pagerduty.com/incidents/../users"],
)  # fmt: skip
async def test_only_a_link_to_an_incident_is_asked_about(
    client: httpx.AsyncClient, server: Recorder, link: str
) -> None:
    assert (incident_of(link), witness(client, server).place(link)) == ("", "")


async def test_without_a_token_nobody_is_asked(client: httpx.AsyncClient, server: Recorder) -> None:
    assert witness(client, server, token="").place(LINK) == ""


@pytest.mark.parametrize(
    "changes",
    [{"id": "Q2OTHER"}, {"status": "odd"}, {"title": ""}, {"created_at": "yesterday"},
     {"created_at": "0001-01-01T00:00:00Z"}, {"service": 7}],
)  # fmt: skip
async def test_an_odd_answer_confirms_nothing(
    client: httpx.AsyncClient, server: Recorder, changes: dict[str, Any]
) -> None:
    keep(server, **changes)

    with pytest.raises(PermanentError):
        await witness(client, server).held(server.url(""), LINK)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, PermanentError), (404, PermanentError), (429, TemporaryError), (503, TemporaryError)],
)
async def test_a_refusal_says_whether_another_try_may_help_and_never_the_token(
    client: httpx.AsyncClient, server: Recorder, status: int, kind: type[Exception]
) -> None:
    server.answers[PATH] = web.Response(status=status, text="token s3cret is odd")

    with pytest.raises(kind) as refused:
        await witness(client, server).held(server.url(""), LINK)
    assert "s3cret" not in str(refused.value)
