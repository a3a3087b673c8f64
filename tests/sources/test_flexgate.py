"""A gateway's events become alerts that runbooks can choose by, and its recoveries end them."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.clients.senders import SignedSettings
from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.sources.flexgate import PLUGIN

NOW = datetime(2026, 11, 21, 3, 1, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"
SECRET = "a long random text"
THERE = {"service": "shop", "environment": "staging"}


def sent(what: str) -> Any:
    return json.loads((PAYLOADS / f"flexgate_{what}.json").read_bytes())


def read(value: Any) -> list[Alert]:
    return PLUGIN(SignedSettings()).read(Posted({}, json.dumps(value).encode(), NOW))


def changed(what: str, **fields: Any) -> dict[str, Any]:
    return {**sent(what), **fields}


def with_data(**said: Any) -> dict[str, Any]:
    event = sent("circuit_breaker_candidate")
    return {**event, "data": {**event["data"], **said}}


def test_an_event_is_one_alert_with_what_it_says_as_labels() -> None:
    [alert] = read(sent("latency_anomaly"))

    assert alert.model_dump(exclude={"fingerprint"}) == Alert(
        source="flexgate",
        name="LATENCY_ANOMALY",
        fingerprint="any",
        status=AlertStatus.FIRING,
        severity=Severity.WARNING,
        confidence=0.89,
        labels={
            "cause": "DATABASE",
            "metric": "latency_ms",
            "current_value": "2500",
            "threshold": "100",
            "window": "5m",
            "trend": "RISING",
            "unit": "ms",
            "latency_ms": "2500",
        },
        annotations={
            "summary": "Database connection pool exhausted",
            "event_id": "evt_1763694000_b7c2e4f8",
        },
        starts_at=datetime(2026, 11, 21, 3, 0, tzinfo=UTC),
    ).model_dump(exclude={"fingerprint"})


@pytest.mark.parametrize(
    ("what", "labels"),
    [
        ("circuit_breaker_candidate", {"error_rate": "72.5", "upstream": "users-service"}),
        ("error_rate_spike", {"category": "5xx", "error_rate": "35", "route": "/api/v2/payments"}),
        ("capacity_warning", {"cause": "MEMORY", "utilization": "93"}),
        ("rate_limit_breach", {"category": "ABUSE", "client": "bob"}),
        ("upstream_degradation", {"upstream": "eu-1", "backup_service": "eu-2"}),
    ],
)
def test_conditions_of_runbooks_have_the_names_that_runbooks_use(
    what: str, labels: dict[str, str]
) -> None:
    [alert] = read(sent(what))

    assert labels.items() <= alert.labels.items()


def test_what_its_metric_measures_counts_where_it_is_not_said_again() -> None:
    event = with_data(current_value=49)
    del event["data"]["errorRate"]

    assert read(event)[0].labels["error_rate"] == "49"


def test_the_decision_stands_in_data_before_the_context() -> None:
    event = with_data(errorRate=49)
    event["context"]["errorRate"] = 90

    assert read(event)[0].labels["error_rate"] == "49"


def test_runbooks_own_name_stands_before_the_gateways() -> None:
    assert read(with_data(error_rate=12))[0].labels["error_rate"] == "12"


def test_two_services_in_one_event_are_none() -> None:
    event = changed("circuit_breaker_candidate", **THERE)
    event["context"]["service"] = "payments"

    [alert] = read(event)

    assert (alert.service, alert.environment) == ("", "staging")


@pytest.mark.parametrize("said", [None, "certain", True, 88, -0.1, 1.01, [0.9], {"p": 1}, 10**400])
def test_confidence_that_is_no_share_is_none(said: object) -> None:
    assert read(changed("latency_anomaly", confidence=said))[0].confidence == 0


def test_confidence_that_is_not_said_is_none() -> None:
    event = sent("latency_anomaly")
    del event["confidence"]

    assert read(event)[0].confidence == 0


def test_advice_of_a_model_becomes_nothing() -> None:
    advised = sent("circuit_breaker_candidate")
    unadvised = {name: value for name, value in advised.items() if name != "ai_metadata"}

    assert read(advised) == read(unadvised)


@pytest.mark.parametrize("name", ["type", "eventType", "event_type"])
@pytest.mark.parametrize("severity", ["CRITICAL", "critical", "Critical"])
def test_both_spellings_are_read(name: str, severity: str) -> None:
    event = changed("upstream_degradation", severity=severity)
    event[name] = event.pop("event_type")

    [alert] = read(event)

    assert (alert.name, alert.severity) == ("UPSTREAM_DEGRADATION", Severity.CRITICAL)


@pytest.mark.parametrize(
    ("event", "place"),
    [
        (changed("latency_anomaly", type="LATENCY"), "'type'"),
        (changed("latency_anomaly", severity="SEV1"), "'severity'"),
        (changed("latency_anomaly", timestamp="yesterday"), "'timestamp'"),
        (changed("latency_anomaly", data=[1]), "'data'"),
        (with_data(errorRate=float("inf")), "'data.errorRate'"),
        (with_data(errorRate=float("nan")), "'data.errorRate'"),
        (changed("recovery_of_one", context={"recovers": "EVERYTHING"}), "'recovers'"),
        ([sent("latency_anomaly"), changed("latency_anomaly", severity=1)], "'1.severity'"),
    ],
)
def test_what_is_no_event_is_refused_by_its_place(event: object, place: str) -> None:
    with pytest.raises(AlertRejected, match=place) as refused:
        read(event)

    assert refused.value.status == 422


def test_too_many_events_at_once_are_too_large() -> None:
    with pytest.raises(AlertRejected) as refused:
        read([sent("latency_anomaly")] * 101)

    assert refused.value.status == 413


def test_a_list_is_all_of_its_events() -> None:
    assert [one.name for one in read(sent("batch"))] == [
        "RATE_LIMIT_BREACH",
        "UPSTREAM_DEGRADATION",
    ]


def test_an_event_without_a_time_began_when_it_came() -> None:
    event = sent("latency_anomaly")
    del event["timestamp"]

    assert read(event)[0].starts_at == NOW


def test_a_recovery_ends_whatever_was_wrong_in_its_place() -> None:
    over = read(sent("recovery_signal"))
    [fired] = read(sent("circuit_breaker_candidate"))

    assert {one.status for one in over} == {AlertStatus.RESOLVED}
    assert len({one.fingerprint for one in over}) == len(over) == 9
    assert [one.name for one in over if one.fingerprint == fired.fingerprint] == [fired.name]


@pytest.mark.parametrize(
    ("place", "other"), [("upstream", "b"), ("route", "/"), ("cause", "DISK"), ("client", "eve")]
)
def test_a_recovery_elsewhere_ends_nothing_here(place: str, other: str) -> None:
    event = sent("recovery_signal")
    event["context"][place] = other
    [fired] = read(sent("circuit_breaker_candidate"))

    assert fired.fingerprint not in {one.fingerprint for one in read(event)}


def test_a_recovery_that_says_of_what_ends_only_that() -> None:
    [over] = read(sent("recovery_of_one"))
    [fired] = read(sent("latency_anomaly"))

    assert (over.fingerprint, over.name, over.firing) == (fired.fingerprint, fired.name, False)
    assert over.ends_at == NOW


def test_our_own_signal_that_comes_back_ends_nothing() -> None:
    event = sent("recovery_signal")
    event["context"]["source"] = "heal"

    assert read(event) == []


def posted(body: bytes, secret: str = SECRET, at: datetime = NOW) -> Posted:
    given = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Posted({"x-webhook-signature": f"sha256={given}"}, body, at)


async def authentic(message: Posted) -> str:
    return await PLUGIN(SignedSettings(secret=SecretStr(f"older,{SECRET}"))).authentic(message)


BODY = json.dumps(sent("circuit_breaker_candidate")).encode()


async def test_what_is_signed_with_the_secret_is_its_own() -> None:
    assert await authentic(posted(BODY)) == ""
    assert await authentic(posted(BODY, "older")) == ""


async def test_what_is_signed_otherwise_is_not() -> None:
    assert "not signed" in await authentic(posted(BODY, "another"))
    assert "not signed" in await authentic(posted(BODY)._replace(body=BODY + b" "))
    assert "not signed" in await authentic(Posted({}, BODY, NOW))


async def test_what_was_signed_long_ago_is_played_again() -> None:
    assert "played again" in await authentic(posted(BODY, at=NOW + timedelta(minutes=5)))


async def test_what_is_signed_without_a_time_could_be_played_again() -> None:
    body = json.dumps({**sent("latency_anomaly"), "timestamp": None}).encode()

    assert "does not say when" in await authentic(posted(body))


def test_a_delivery_is_known_by_the_ids_of_its_events() -> None:
    source = PLUGIN(SignedSettings())
    again = json.dumps(sent("circuit_breaker_candidate"), indent=1).encode()
    other = json.dumps(changed("circuit_breaker_candidate", event_id="evt_2")).encode()
    nameless = json.dumps(sent("recovery_of_one")).encode()

    named = [source.delivery(Posted({}, body, NOW)) for body in (BODY, again, other, nameless)]

    assert named[0] == named[1] != named[2]
    assert named[3] == ""
