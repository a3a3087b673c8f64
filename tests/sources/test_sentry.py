"""What Sentry's alert rules send fires, what resolves ends it, and whatever else is no alert."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.clients.senders import SignedSettings
from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.slack.alerts import formats
from bot.sources.sentry import PLUGIN
from tests.slack.alerts import vendors

NOW = datetime(2026, 11, 21, 3, 4, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"
EVENT, METRIC = "event_alert", "metric_alert"


def told(what: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / f"sentry_{what}.json").read_bytes())
    return found


def sent(message: dict[str, Any], resource: str) -> Posted:
    headers = {"sentry-hook-resource": resource} if resource else {}
    return Posted(headers, json.dumps(message).encode(), NOW)


def read(message: dict[str, Any], resource: str) -> list[Alert]:
    return PLUGIN(SignedSettings()).read(sent(message, resource))


def only(what: str, resource: str) -> Alert:
    (alert,) = read(told(what), resource)
    return alert


def event(**fields: Any) -> dict[str, Any]:
    message = told(EVENT)
    return {**message, "data": {"event": {**message["data"]["event"], **fields}}}


def heard(system: str, name: str) -> str:
    _, found = formats.which(vendors.message(system, name))
    assert found is not None
    return found.alerts[0].fingerprint


def test_an_alert_rule_makes_an_issue_fire_with_the_tags_of_its_event() -> None:
    alert = only(EVENT, EVENT)

    assert (alert.name, alert.status, alert.severity) == (
        "PaymentError: no answer",
        AlertStatus.FIRING,
        Severity.CRITICAL,
    )
    assert alert.labels == {
        "environment": "prod",
        "handled": "no",
        "level": "error",
        "project": "api",
        "server_name": "web-1",
        "service": "shop",
        "severity": "critical",
    }
    assert alert.annotations["rule"] == "Errors of the shop"
    assert alert.starts_at == datetime(2026, 11, 21, 2, 58, 0, 677000, tzinfo=UTC)


def test_its_resolution_is_the_same_alert_though_it_leads_to_another_host() -> None:
    begun, over = only(EVENT, EVENT), only("issue_resolved", "issue")

    assert (begun.link or "").startswith("https://sentry.io/")
    assert (over.link or "").startswith("https://acme.sentry.io/")
    assert (over.fingerprint, over.firing, over.ends_at) == (begun.fingerprint, False, NOW)


def test_what_a_channel_tells_of_it_is_the_same_alert() -> None:
    assert heard("sentry", "firing") == only(EVENT, EVENT).fingerprint
    assert heard("sentry", "metric") == only("metric_critical", METRIC).fingerprint


def test_issues_of_another_installation_are_others() -> None:
    (other,) = read(event(web_url="https://sentry.acme.example/organizations/a/issues/123/"), EVENT)

    assert other.fingerprint != only(EVENT, EVENT).fingerprint


def test_a_metric_alert_begins_and_ends_by_its_own_number() -> None:
    begun, over = only("metric_critical", METRIC), only("metric_resolved", METRIC)

    assert (begun.name, begun.firing, begun.severity) == (
        "Too many errors",
        True,
        Severity.CRITICAL,
    )
    assert (begun.environment, begun.labels["project"]) == ("prod", "api")
    assert (over.fingerprint, over.firing) == (begun.fingerprint, False)
    assert over.ends_at == datetime(2026, 11, 21, 3, 3, tzinfo=UTC)
    assert begun.starts_at == over.starts_at == datetime(2026, 11, 21, 2, 58, tzinfo=UTC)


def test_a_metric_alert_that_only_warns_is_the_same_and_a_warning() -> None:
    (warns,) = read({**told("metric_critical"), "action": "warning"}, METRIC)

    assert (warns.severity, warns.firing) == (Severity.WARNING, True)
    assert warns.fingerprint == only("metric_critical", METRIC).fingerprint


@pytest.mark.parametrize("action", ["created", "assigned", "archived", "unresolved", "ignored"])
def test_an_issue_that_no_rule_made_an_alert_of_is_accepted_as_nothing(action: str) -> None:
    assert read({**told("issue_created"), "action": action}, "issue") == []
    assert read(told("issue_assigned"), "issue") == []


@pytest.mark.parametrize("resource", ["installation", "error", "comment", "seer"])
def test_whatever_is_no_alert_is_accepted_as_nothing(resource: str) -> None:
    assert read(told("installation"), resource) == []


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        *(("fatal", Severity.CRITICAL), ("warning", Severity.WARNING)),
        *(("info", Severity.INFO), ("debug", Severity.INFO), ("new", Severity.WARNING)),
    ],
)
def test_severity_is_the_level(level: str, severity: Severity) -> None:
    (alert,) = read(event(level=level), EVENT)

    assert alert.severity is severity


@pytest.mark.parametrize(
    ("message", "resource", "named"),
    [
        (event(issue_id="x"), EVENT, "'data.event.issue_id'"),
        (event(web_url="sentry"), EVENT, "'web_url'"),
        (event(tags=[["environment"]]), EVENT, "'data.event.tags"),
        (told(EVENT), "issue", "'data.issue'"),
        (told(EVENT), METRIC, "'action'"),
        (told(EVENT), "", "Sentry-Hook-Resource"),
        ({}, "comment", "'action'"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(
    message: dict[str, Any], resource: str, named: str
) -> None:
    with pytest.raises(AlertRejected, match=named):
        read(message, resource)


def test_its_project_can_stand_for_the_service() -> None:
    source = PLUGIN(SignedSettings.model_validate({"labels": "service=project"}))

    (alert,) = source.read(sent(told("metric_critical"), METRIC))

    assert alert.service == "api"


def test_a_delivery_is_known_by_what_is_signed() -> None:
    source = PLUGIN(SignedSettings())
    first, second = sent(told(EVENT), EVENT), sent(told("issue_resolved"), "issue")
    again = first._replace(headers={**first.headers, "request-id": "another", "x": "y"})

    assert source.delivery(first) == source.delivery(again) != source.delivery(second)


async def test_it_signs_the_body_with_one_of_the_live_client_secrets() -> None:
    source = PLUGIN(SignedSettings.model_validate({"secret": "old, new"}))
    posted = sent(told(EVENT), EVENT)

    async def refused(secret: str, body: bytes = posted.body) -> str:
        given = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return await source.authentic(posted._replace(headers={"sentry-hook-signature": given}))

    assert await refused("old") == await refused("new") == ""
    assert "signature" in await refused("other")
    assert "signature" in await refused("old", posted.body + b" ")
    assert "signature" in await source.authentic(posted)
