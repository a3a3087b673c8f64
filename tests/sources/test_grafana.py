"""What Grafana's contact point sends becomes alerts, and missing data is never taken for health."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.sources.grafana import PLUGIN, GrafanaSettings

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SECOND = str(int(NOW.timestamp()))
PAYLOADS = Path(__file__).parent / "payloads"
FIRING, RESOLVED, NO_DATA, SERIES_GONE = (
    (PAYLOADS / f"grafana_{what}.json").read_bytes()
    for what in ("firing", "resolved", "no_data", "series_gone")
)


def parsed(body: bytes) -> list[Alert]:
    return PLUGIN(GrafanaSettings()).read(Posted({}, body, NOW))


def altered(body: bytes, **fields: Any) -> bytes:
    """The message with its first alert only, fields of which are replaced."""
    message = json.loads(body)
    return json.dumps({**message, "alerts": [{**message["alerts"][0], **fields}]}).encode()


def reasoned(body: bytes, reason: str) -> bytes:
    return altered(body, annotations={"summary": "slow", "grafana_state_reason": reason})


def signature(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


async def heard(headers: dict[str, str], **settings: str) -> str:
    source = PLUGIN(GrafanaSettings.model_validate(settings))
    return await source.authentic(Posted(headers, FIRING, NOW))


def test_each_alert_of_a_message_is_one_with_its_values_and_pages() -> None:
    first, second = parsed(FIRING)

    assert first == Alert(
        source="grafana",
        name="Shop answers slowly",
        fingerprint="c6eadffa33fcdf37",
        status=AlertStatus.FIRING,
        severity=Severity.CRITICAL,
        labels={
            "alertname": "Shop answers slowly",
            "environment": "prod",
            "grafana_folder": "Shop",
            "service": "shop",
            "severity": "critical",
        },
        annotations={
            "values": "B=2.41, C=1",
            "dashboard": "https://grafana.example/d/shop?orgId=1",
            "panel": "https://grafana.example/d/shop?orgId=1&viewPanel=4",
            "summary": "The shop needs more than two seconds",
            "description": "p95 of the last five minutes",
            "runbook_url": "https://wiki.example/shop",
        },
        starts_at=datetime(2026, 11, 21, 2, 51, tzinfo=UTC),
        link="https://grafana.example/alerting/grafana/cdx1/view?orgId=1",
    )
    assert (second.fingerprint, second.environment) == ("b4f2a1c09d7e3355", "stage")


def test_an_alert_that_is_over_is_the_same_and_says_when_it_ended() -> None:
    [over] = parsed(RESOLVED)

    assert over.fingerprint == parsed(FIRING)[0].fingerprint
    assert (over.status, over.ends_at) == (
        AlertStatus.RESOLVED,
        datetime(2026, 11, 21, 3, 2, tzinfo=UTC),
    )


def test_no_data_is_an_alert_of_its_own_and_not_the_rules() -> None:
    [blind] = parsed(NO_DATA)

    assert (blind.name, blind.labels["rulename"]) == ("DatasourceNoData", "Shop answers slowly")
    assert blind.firing
    assert blind.fingerprint not in {one.fingerprint for one in parsed(FIRING)}


@pytest.mark.parametrize("reason", ["MissingSeries", "NoData", "Error", "NoData, KeepLast"])
def test_an_alert_that_ends_because_its_data_went_away_is_not_over(reason: str) -> None:
    assert parsed(SERIES_GONE) == []
    assert parsed(reasoned(RESOLVED, reason)) == []


@pytest.mark.parametrize("reason", ["", "Updated", "RuleDeleted", "Paused", "KeepLast"])
def test_an_alert_that_ends_for_another_reason_is_over(reason: str) -> None:
    [over] = parsed(reasoned(RESOLVED, reason))

    assert not over.firing


def test_data_that_is_back_ends_the_alert_that_there_was_none() -> None:
    blind = json.loads(NO_DATA)["alerts"][0]
    said = {**blind["annotations"], "grafana_state_reason": "MissingSeries"}

    [over] = parsed(altered(NO_DATA, status="resolved", annotations=said))

    assert (over.firing, over.fingerprint) == (False, blind["fingerprint"])


@pytest.mark.parametrize(("reason", "confidence"), [("NoData", 0), ("Error", 0), ("", 1)])
def test_a_rule_that_fires_for_want_of_data_carries_no_confidence(
    reason: str, confidence: float
) -> None:
    [alert] = parsed(reasoned(FIRING, reason))

    assert (alert.firing, alert.confidence) == (True, confidence)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (altered(FIRING, fingerprint=None), "alerts.0.fingerprint"),
        (altered(FIRING, values=["B"]), "alerts.0.values"),
        (altered(FIRING, labels={"service": "shop"}), "alerts.0.labels.alertname"),
        (FIRING.replace(b'"version": "1"', b'"version": "4"'), "version"),
        (b"{}", "version"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(body: bytes, named: str) -> None:
    with pytest.raises(AlertRejected, match=named.replace(".", r"\.")):
        parsed(body)


async def test_it_signs_the_body_with_one_of_the_live_secrets() -> None:
    for secret in ("old", "new"):
        headers = {"x-grafana-alerting-signature": signature(secret, FIRING)}
        assert await heard(headers, secret="old, new") == ""
    wrong = {"x-grafana-alerting-signature": signature("other", FIRING)}
    other = {"x-grafana-alerting-signature": signature("old", FIRING + b" ")}
    for headers in ({}, wrong, other):
        assert "signature" in await heard(headers, secret="old, new")


async def test_a_signed_time_is_wanted_where_its_header_is_named_and_replays_are_refused() -> None:
    settings = {"secret": "old", "timestamp": "X-Time", "signature": "X-Sign"}

    def sent(second: str, signed: str | None = None) -> dict[str, str]:
        message = f"{second if signed is None else signed}:".encode() + FIRING
        return {"x-time": second, "x-sign": signature("old", message)}

    recorded = str(int((NOW - timedelta(minutes=6)).timestamp()))
    assert await heard(sent(SECOND), **settings) == ""
    assert "played again" in await heard(sent(recorded), **settings)
    assert "signature" in await heard(sent(SECOND, signed=recorded), **settings)
    assert "when it was sent" in await heard(sent("soon"), **settings)
    assert "signature" in await heard({"x-sign": signature("old", FIRING)}, **settings)


async def test_a_token_and_a_signature_are_wanted_together() -> None:
    signed = {"x-grafana-alerting-signature": signature("old", FIRING)}

    assert "token" in await heard(signed, secret="old", token="t")
    assert await heard({**signed, "authorization": "Bearer t"}, secret="old", token="t") == ""
