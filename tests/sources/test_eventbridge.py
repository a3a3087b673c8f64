"""What EventBridge brings of CloudWatch and AWS Health; missing data is no health."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from tests.sources import samples
from tests.sources.samples import NOW

SOURCE = samples.made("eventbridge")


def event(what: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((samples.PAYLOADS / f"eventbridge_{what}.json").read_bytes())
    return told


def read(told: dict[str, Any]) -> list[Alert]:
    return SOURCE.read(Posted({}, json.dumps(told).encode(), NOW))


def detailed(what: str, **fields: Any) -> dict[str, Any]:
    told = event(what)
    return {**told, "detail": {**told["detail"], **fields}}


def test_an_alarm_is_an_alert_with_its_dimensions() -> None:
    [alert] = read(event("alarm"))

    assert (alert.name, alert.status) == ("ServerCpuTooHigh", AlertStatus.FIRING)
    assert alert.severity is Severity.WARNING
    assert alert.labels == {
        "InstanceId": "i-12345678901234567",
        "metric": "CPUUtilization",
        "metric_namespace": "AWS/EC2",
        "account": "123456789012",
        "region": "us-east-1",
    }
    assert alert.summary.startswith("Threshold Crossed")
    assert alert.starts_at == datetime(2019, 10, 2, 17, 4, 40, tzinfo=UTC)


def test_an_alarm_that_is_ok_ends_it() -> None:
    [fired], [over] = read(event("alarm")), read(event("ok"))

    assert (over.firing, over.fingerprint) == (False, fired.fingerprint)
    assert over.ends_at == datetime(2019, 10, 2, 17, 14, 40, tzinfo=UTC)


def test_too_few_readings_neither_begin_nor_end_an_alert() -> None:
    assert read(event("insufficient_data")) == []


def test_an_alarm_of_another_account_or_region_is_another() -> None:
    names = {
        read({**event("alarm"), **place})[0].fingerprint
        for place in ({}, {"account": "210987654321"}, {"region": "eu-west-1"})
    }

    assert len(names) == 3


def test_a_description_that_is_an_object_says_the_service() -> None:
    said = {"service": "shop", "environment": "prod", "severity": "critical", "team": 7}
    [alert] = read(detailed("alarm", configuration={"description": json.dumps(said)}))

    assert (alert.service, alert.environment) == ("shop", "prod")
    assert alert.severity is Severity.CRITICAL
    assert "team" not in alert.labels


def test_a_health_event_is_an_alert_and_aws_own_service_is_not_ours() -> None:
    [alert] = read(event("health_open"))

    assert alert.name == "AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED"
    assert (alert.firing, alert.severity) == (True, Severity.WARNING)
    assert alert.labels == {
        "service": "shop",
        "environment": "prod",
        "account": "123456789012",
        "region": "us-east-1",
        "aws_service": "EC2",
        "category": "issue",
        "resource": "i-abcd1111",
    }
    assert alert.starts_at == datetime(2022, 6, 3, 5, 1, 10, tzinfo=UTC)


def test_a_health_event_that_is_closed_ends_it() -> None:
    [fired], [over] = read(event("health_open")), read(event("health_closed"))

    assert (over.firing, over.fingerprint) == (False, fired.fingerprint)


def test_resources_of_two_services_say_none() -> None:
    entities = [
        {"entityValue": name, "tags": {"service": name, "environment": "prod"}}
        for name in ("shop", "web")
    ]
    [alert] = read(detailed("health_open", affectedEntities=entities))

    assert (alert.service, alert.environment) == ("", "prod")
    assert "resource" not in alert.labels


@pytest.mark.parametrize("category", ["scheduledChange", "accountNotification", "another"])
def test_what_is_only_announced_is_for_information(category: str) -> None:
    assert read(detailed("health_open", eventTypeCategory=category))[0].severity is Severity.INFO


@pytest.mark.parametrize("said", ["", "soon", "Fri, 99 Jun 2022 05:01:10 GMT", "3 Jun 2022 05:01"])
def test_a_start_that_cannot_be_read_is_when_it_was_said(said: str) -> None:
    [alert] = read(detailed("health_open", startTime=said))

    assert alert.starts_at == datetime(2022, 6, 3, 6, 27, 57, tzinfo=UTC)


def test_an_event_counts_once_by_its_id() -> None:
    body = json.dumps(event("alarm")).encode()

    assert SOURCE.delivery(Posted({}, body, NOW)) == "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92"


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({**event("alarm"), "detail-type": "Scheduled Event"}, "'detail-type'"),
        ({**event("alarm"), "source": "com.example"}, "'source'"),
        ({**event("alarm"), "time": "noon"}, "'time'"),
        (detailed("alarm", alarmName=""), "'detail.alarmName'"),
        (detailed("alarm", state={"value": "FINE"}), "'detail.state.value'"),
        (detailed("health_open", eventArn=""), "'detail.eventArn'"),
        (detailed("health_open", statusCode="gone"), "'detail.statusCode'"),
    ],
)
def test_what_is_no_such_event_is_refused_by_its_place(told: dict[str, Any], place: str) -> None:
    with pytest.raises(AlertRejected, match=place):
        read(told)
