"""What a real Alertmanager 0.25 sends becomes alerts; nothing else does, and nothing breaks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clients.senders import WebhookSettings
from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.sources.alertmanager import PLUGIN

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"
FIRING = (PAYLOADS / "alertmanager_firing.json").read_bytes()
PARTLY_RESOLVED = (PAYLOADS / "alertmanager_partly_resolved.json").read_bytes()


def parsed(body: bytes) -> list[Alert]:
    return PLUGIN(WebhookSettings()).read(Posted({}, body, NOW))


def changed(**fields: Any) -> bytes:
    """The captured message with fields of the message replaced."""
    return json.dumps({**json.loads(FIRING), **fields}).encode()


def altered(**fields: Any) -> bytes:
    """The captured message with one alert, fields of which are replaced or, for None, removed."""
    alert = {**json.loads(FIRING)["alerts"][0], **fields}
    return changed(alerts=[{key: value for key, value in alert.items() if value is not None}])


def labelled(**labels: str) -> bytes:
    return altered(labels={**json.loads(FIRING)["alerts"][0]["labels"], **labels})


def test_a_captured_message_becomes_one_alert_for_each_of_its_elements() -> None:
    first, second = parsed(FIRING)

    assert first == Alert(
        source="alertmanager",
        name="ServiceDown",
        fingerprint="a05089a17a6df8f9",
        status=AlertStatus.FIRING,
        severity=Severity.CRITICAL,
        labels={
            "alertname": "ServiceDown",
            "environment": "prod",
            "instance": "web-1",
            "service": "shop",
            "severity": "critical",
        },
        annotations={
            "description": "no answer for 30 s",
            "summary": "shop is down on web-1",
        },
        starts_at=datetime(2026, 11, 20, 18, 28, 2, 763079, tzinfo=UTC),
        ends_at=None,
        link="http://prometheus.example:9090/graph?g0.expr=up%3D%3D0",
    )
    assert second.fingerprint == "3ac885dc889fec38"


def test_an_alert_that_is_over_says_when_it_ended() -> None:
    over, _ = parsed(PARTLY_RESOLVED)

    assert (AlertStatus.RESOLVED, datetime(2026, 11, 20, 18, 28, 5, tzinfo=UTC)) == (
        over.status,
        over.ends_at,
    )


def test_an_alert_without_its_own_page_links_to_alertmanager() -> None:
    _, second = parsed(FIRING)

    assert second.link == "http://alertmanager.example:9093"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://a\nb", "//x", "file:///etc/passwd"])
def test_only_a_web_page_is_linked_to(url: str) -> None:
    body = json.loads(altered(generatorURL=url))

    [alert] = parsed(json.dumps({**body, "externalURL": url}).encode())

    assert alert.link is None


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        ("critical", Severity.CRITICAL),
        ("page", Severity.CRITICAL),
        ("ERROR", Severity.CRITICAL),
        ("warning", Severity.WARNING),
        ("info", Severity.INFO),
        ("none", Severity.INFO),
        ("p3", Severity.WARNING),
        ("", Severity.WARNING),
    ],
)
def test_severity_comes_from_its_label(label: str, severity: Severity) -> None:
    [alert] = parsed(labelled(severity=label))

    assert severity is alert.severity


@pytest.mark.parametrize(
    ("label", "confidence"), [("0.4", 0.4), ("high", 0.0), ("nan", 0.0), ("7", 0.0), ("-1", 0.0)]
)
def test_a_confidence_that_cannot_be_read_is_none_at_all(label: str, confidence: float) -> None:
    [alert] = parsed(labelled(confidence=label))

    assert confidence == alert.confidence


def test_alerts_that_were_left_out_are_noted() -> None:
    alerts = parsed(changed(truncatedAlerts=12))

    assert {"12 more alerts of this group were not sent"} == {
        alert.annotations["truncated_alerts"] for alert in alerts
    }


def test_fields_of_a_later_version_are_passed_over() -> None:
    assert len(parsed(altered(mood="grim"))) == 1


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (altered(fingerprint=None), "alerts.0.fingerprint"),
        (altered(startsAt=None), "alerts.0.startsAt"),
        (altered(startsAt=1795199277), "alerts.0.startsAt"),
        (altered(startsAt="2026-11-20T18:28:02"), "alerts.0.startsAt"),
        (altered(startsAt="0001-01-01T00:00:00Z"), "alerts.0.startsAt"),
        (altered(status="maybe"), "alerts.0.status"),
        (altered(labels={}), "alerts.0.labels.alertname"),
        (altered(labels={"alertname": 1}), "alerts.0.labels.alertname"),
        (altered(labels={"alertname": "x" * 201}), "alerts.0.labels.alertname"),
        (altered(labels={f"l{i}": "" for i in range(65)}), "alerts.0.labels"),
        (labelled(big="x" * 200_000), "alerts.0.labels.big"),
        (altered(annotations=[]), "alerts.0.annotations"),
        (changed(version="3"), "version"),
        (changed(truncatedAlerts=10**400), "truncatedAlerts"),
        (changed(truncatedAlerts=-1), "truncatedAlerts"),
        (changed(alerts={}), "alerts"),
        (b"[" * 100_000, "not JSON"),
        (b'{"alerts": ' + b"[" * 60 + b"]" * 60 + b"}", "version"),
        (b"\xff\xfe", "not JSON"),
        (b"null", "the body"),
        (b"", "not JSON"),
        (altered(labels={"alertname": "x"}).replace(b'"x"', b'"\\ud800"'), "not JSON"),
        (changed(truncatedAlerts=float("nan")), "truncatedAlerts"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(body: bytes, named: str) -> None:
    with pytest.raises(AlertRejected, match=named.replace(".", r"\.")) as caught:
        parsed(body)

    assert caught.value.status == 422


def test_a_time_that_no_zone_can_hold_is_no_time() -> None:
    [alert] = parsed(altered(endsAt="0001-01-01T00:00:00+14:00"))

    assert alert.ends_at is None


def test_more_than_a_thousand_alerts_are_too_many() -> None:
    with pytest.raises(AlertRejected) as caught:
        parsed(changed(alerts=json.loads(FIRING)["alerts"][:1] * 1001))

    assert caught.value.status == 413


def test_a_rejection_repeats_nothing_that_was_sent() -> None:
    with pytest.raises(AlertRejected) as caught:
        parsed(altered(status="hunter2"))

    assert "hunter2" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
TIMES = st.sampled_from(
    ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+01:00", "", "2026", "1e9"]
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_garbage_is_rejected_and_breaks_nothing(body: bytes) -> None:
    with pytest.raises(AlertRejected):
        parsed(body)


@given(
    fields=st.dictionaries(
        st.sampled_from(list(json.loads(FIRING)["alerts"][0])), JSON | TIMES, min_size=1
    ),
    more=st.dictionaries(st.sampled_from(["truncatedAlerts", "externalURL", "version"]), JSON),
)
def test_a_message_that_is_nearly_right_is_read_or_rejected(
    fields: dict[str, Any], more: dict[str, Any]
) -> None:
    body = json.dumps({**json.loads(altered(**fields)), **more}).encode()

    try:
        alerts = parsed(body)
    except AlertRejected:
        return
    assert len(alerts) == 1
