"""What Opsgenie's documents show becomes alerts; what is done to one in between changes nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from bot.clients.senders import WebhookSettings
from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.pagers import _paging
from bot.sources.opsgenie import PLUGIN
from tests import builders
from tests.sources.samples import NOW, PAYLOADS


def message(name: str) -> bytes:
    return (PAYLOADS / f"opsgenie_{name}.json").read_bytes()


def parsed(body: bytes) -> list[Alert]:
    return PLUGIN(WebhookSettings()).read(Posted({}, body, NOW))


def only(body: bytes) -> Alert:
    [alert] = parsed(body)
    return alert


def altered(name: str = "create", **fields: Any) -> bytes:
    """A message with fields of its alert replaced or, for None, removed."""
    told = json.loads(message(name))
    alert = {**told["alert"], **fields}
    told["alert"] = {key: value for key, value in alert.items() if value is not None}
    return json.dumps(told).encode()


def test_heals_own_page_is_no_alert() -> None:
    page = _paging.key(builders.an_incident(builders.an_opening()))

    assert parsed(altered(alias=page)) == []
    assert parsed(altered("close", alias=f"{page}-again")) == []
    assert len(parsed(altered(alias="disk-full"))) == 1


def test_an_alert_that_was_created_fires() -> None:
    assert only(message("create")) == Alert(
        source="opsgenie",
        name="checkout answers slowly",
        fingerprint="opsgenie-e2d67de4c5a1a9d3",
        status=AlertStatus.FIRING,
        severity=Severity.CRITICAL,
        labels={
            "service": "checkout",
            "environment": "production",
            "namespace": "shop",
            "resource": "deployment/checkout",
            "workload": "checkout",
            "workload_kind": "deployment",
            "entity": "checkout-api",
            "priority": "P1",
        },
        annotations={
            "summary": "checkout answers slowly",
            "description": "p99 is above two seconds for ten minutes",
            "opsgenie_alert": "052652ac-5d1c-464a-812a-7dd18bbfba8c-1763663282763",
        },
        starts_at=datetime(2025, 11, 20, 18, 28, 2, 763000, tzinfo=UTC),
        link=None,
    )


@pytest.mark.parametrize(
    ("name", "ended"),
    [
        ("close", datetime(2025, 11, 20, 18, 44, 2, tzinfo=UTC)),
        ("delete", datetime(2025, 11, 20, 18, 45, 0, tzinfo=UTC)),
    ],
)
def test_what_is_closed_or_deleted_is_over(name: str, ended: datetime) -> None:
    fired, over = only(message("create")), only(message(name))

    assert (over.status, over.ends_at) == (AlertStatus.RESOLVED, ended)
    assert over.fingerprint == fired.fingerprint
    assert (over.service, over.environment) == (fired.service, fired.environment)


@pytest.mark.parametrize("name", ["acknowledge", "add_note"])
def test_what_is_done_in_between_is_accepted_as_no_alert(name: str) -> None:
    assert parsed(message(name)) == []


def test_an_action_of_somebodys_own_is_accepted_as_no_alert() -> None:
    told = json.loads(message("create")) | {"action": "RestartEverything"}

    assert parsed(json.dumps(told).encode()) == []


def test_a_tag_and_a_detail_that_differ_say_nothing() -> None:
    assert only(altered(details={"service": "shop"})).service == ""


def test_alertmanagers_own_name_of_it_is_known_to_runbooks() -> None:
    assert only(altered(details={"alertname": "LatencyHigh"})).name == "LatencyHigh"


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"priority": "P2"}, Severity.CRITICAL),
        ({"priority": "P3"}, Severity.WARNING),
        ({"priority": 3}, Severity.WARNING),
        ({"priority": 1}, Severity.CRITICAL),
        ({"priority": "P5"}, Severity.INFO),
        ({"priority": None}, Severity.WARNING),
        ({"priority": "P5", "details": {"severity": "critical"}}, Severity.CRITICAL),
    ],
)
def test_how_bad_it_is_comes_from_its_severity_or_priority(
    fields: dict[str, Any], severity: Severity
) -> None:
    assert only(altered(**fields)).severity is severity


def test_an_old_number_is_told_as_a_priority() -> None:
    assert only(altered(priority=3)).labels["priority"] == "P3"


async def test_a_token_in_its_own_header_is_what_it_can_prove_itself_by() -> None:
    source = PLUGIN(WebhookSettings(token=SecretStr("long")))

    assert await source.authentic(Posted({}, message("create"), NOW))
    good = Posted({"authorization": "Bearer long"}, message("create"), NOW)
    assert await source.authentic(good) == ""


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (altered(alertId=None), "alert.alertId"),
        (altered(alertId=""), "alert.alertId"),
        (altered(message=None), "alert.message"),
        (altered(message=" "), "no name"),
        (altered(createdAt=None), "alert.createdAt"),
        (altered(createdAt=10**400), "alert.createdAt"),
        (altered(createdAt=-1), "alert.createdAt"),
        (altered(createdAt=0), "not a time of this century"),
        (altered(updatedAt="now"), "alert.updatedAt"),
        (b'{"alert": {}}', "action"),
        (b'{"action": "Close"}', "alert"),
        (b"[", "not JSON"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(body: bytes, named: str) -> None:
    with pytest.raises(AlertRejected, match=named) as caught:
        parsed(body)

    assert caught.value.status == 422
